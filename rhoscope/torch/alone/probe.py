"""Linear probes beside the network. Letters: N samples, D features."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from rhoscope.torch.stand_in import Features, Material, StandIn, pooled
from rhoscope.torch.task import Scored

RATE = 0.01
"""Learning rate of the probes."""


class Probe(StandIn):
    """A linear probe per modality on detached features; scored before it learns from the batch.

    Works where features that are replaced would be like nothing the head has seen, as for cross-attention.
    """

    name = "probe"
    way = "a linear probe on the encoder's features, scored before it learns from the batch"
    rank = 20

    def __init__(self, task: Scored, outputs: int) -> None:
        self._task, self._outputs = task, outputs
        self._probes: dict[str, nn.Linear] = {}
        self._optimizer: torch.optim.Optimizer | None = None
        self._resumed: Mapping[str, Any] = {}

    @classmethod
    def of(cls, material: Material) -> "StandIn | None":
        outputs = material.classes or getattr(material.head, "out_features", 0)
        if not outputs and material.logits is not None:
            outputs = material.logits.shape[-1]
        outputs = outputs or material.task.outputs(material.target)
        if not outputs:
            raise ValueError("the number of classes is not known; give Balance classes=, or observe logits=")
        return cls(material.task, int(outputs))

    def __call__(self, features: Features, target: Tensor) -> dict[str, Tensor]:
        inputs = {m: pooled(f.detach()).to(torch.float32) for m, f in features.items()}
        optimizer = self._optimizer or self._make(inputs)
        with torch.enable_grad():
            answers = {m: self._probes[m](x) for m, x in inputs.items()}
            loss = torch.stack([self._task.loss(z, target) for z in answers.values()]).sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # so torch declares it
        optimizer.step()
        return {m: z.detach() for m, z in answers.items()}

    def _make(self, inputs: Features) -> torch.optim.Optimizer:
        """From zero: a convex problem needs no chance, and the loop's random numbers stay its own."""
        for m, x in inputs.items():
            probe = nn.Linear(x.shape[1], self._outputs, device="meta").to_empty(device=x.device)
            for parameter in probe.parameters():
                nn.init.zeros_(parameter)
            self._probes[m] = probe
        self._optimizer = torch.optim.Adam(
            [p for probe in self._probes.values() for p in probe.parameters()], lr=RATE
        )
        if self._resumed:
            for m, state in self._resumed["probes"].items():
                self._probes[m].load_state_dict(state)
            self._optimizer.load_state_dict(self._resumed["optimizer"])
        return self._optimizer

    def state_dict(self) -> dict[str, Any]:
        """Weights and optimizer."""
        if self._optimizer is None:
            return {}
        probes = {m: probe.state_dict() for m, probe in self._probes.items()}
        return {"probes": probes, "optimizer": self._optimizer.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there, at the next batch."""
        self._resumed = state


ALONE = Probe
