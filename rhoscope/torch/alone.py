"""Stand-ins for "this modality alone" in a network that is not ours. Letters: N samples, D features."""

from collections.abc import Callable, Mapping
from itertools import permutations
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, linear, mse_loss

from rhoscope.torch.tally import Task

Features = Mapping[str, Tensor]
MOST_ORDERS = 5
"""Modalities whose order in the head's input is found out by trying."""
PROBE_RATE = 0.01


def pooled(features: Tensor) -> Tensor:
    """Features as [N, D]: the mean over all places of a map [N, D, ...] or tokens [N, T, D]."""
    if features.ndim <= 2:
        return features.reshape(len(features), -1)
    return features.mean(1) if features.ndim == 3 else features.flatten(2).mean(2)


class Split:
    """A linear head over features side by side: `W_u φ_u + b / M`, exactly the head's parts."""

    name = "split"

    def __init__(self, head: nn.Linear, order: tuple[str, ...]) -> None:
        self._head, self._order = head, order

    @torch.no_grad()
    def __call__(self, features: Features, target: Tensor) -> dict[str, Tensor]:  # noqa: ARG002
        widths = [pooled(features[m]).shape[1] for m in self._order]
        weights = dict(zip(self._order, torch.split(self._head.weight, widths, 1), strict=True))
        bias = None if self._head.bias is None else self._head.bias / len(self._order)
        kind = self._head.weight.dtype
        return {m: linear(pooled(features[m]).to(kind), weights[m], bias) for m in features}


def order_of(features: Features, entered: Tensor | None, head: nn.Linear) -> tuple[str, ...] | None:
    """The order in which features make up the head's input, None when they do not. Waits for the device."""
    parts = {m: pooled(f.detach()) for m, f in features.items()}
    if sum(part.shape[1] for part in parts.values()) != head.in_features:
        return None
    if entered is None or entered.device.type == "meta":
        return tuple(features)
    for order in permutations(features) if len(features) <= MOST_ORDERS else [tuple(features)]:
        if torch.equal(torch.cat([parts[m] for m in order], 1), pooled(entered.detach())):
            return order
    return None


class Ablate:
    """The head once more per modality, with the others' features replaced by zeros or their batch mean."""

    name = "ablate"

    def __init__(self, head: Callable[[Any], Tensor], *, mean: bool) -> None:
        self._head, self._mean = head, mean

    @torch.no_grad()
    def __call__(self, features: Features, target: Tensor) -> dict[str, Tensor]:  # noqa: ARG002
        gone = {m: self._absent(f) for m, f in features.items()}
        joined = isinstance(self._head, nn.Linear)
        answers = {}
        for m in features:
            given = {**gone, m: features[m]}
            answers[m] = self._head(torch.cat([pooled(f) for f in given.values()], 1) if joined else given)
        return answers

    def _absent(self, features: Tensor) -> Tensor:
        return (
            features.mean(0, keepdim=True).expand_as(features) if self._mean else torch.zeros_like(features)
        )


class Probe:
    """A linear probe per modality on detached features; scored before it learns from the batch."""

    name = "probe"

    def __init__(self, task: Task, outputs: int) -> None:
        self._task, self._outputs = task, outputs
        self._probes: dict[str, nn.Linear] = {}
        self._optimizer: torch.optim.Optimizer | None = None

    def __call__(self, features: Features, target: Tensor) -> dict[str, Tensor]:
        inputs = {m: pooled(f.detach()).to(torch.float32) for m, f in features.items()}
        if self._optimizer is None:
            self._optimizer = self._make(inputs)
        with torch.enable_grad():
            answers = {m: self._probes[m](x) for m, x in inputs.items()}
            loss = torch.stack([self._loss(z, target) for z in answers.values()]).sum()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # so torch declares it
        self._optimizer.step()
        return {m: z.detach() for m, z in answers.items()}

    def _make(self, inputs: Features) -> torch.optim.Optimizer:
        """From zero: a convex problem needs no chance, and the loop's random numbers stay its own."""
        for m, x in inputs.items():
            probe = nn.Linear(x.shape[1], self._outputs, device="meta").to_empty(device=x.device)
            for parameter in probe.parameters():
                nn.init.zeros_(parameter)
            self._probes[m] = probe
        return torch.optim.Adam(
            [p for probe in self._probes.values() for p in probe.parameters()], lr=PROBE_RATE
        )

    def _loss(self, answer: Tensor, target: Tensor) -> Tensor:
        if self._task == "classes":
            return cross_entropy(answer, target)
        wanted = target.reshape(len(target), -1).to(answer.dtype)
        return (binary_cross_entropy_with_logits if self._task == "labels" else mse_loss)(answer, wanted)

    def state_dict(self) -> dict[str, Any]:
        """Weights and optimizer, to resume from."""
        probes = {m: probe.state_dict() for m, probe in self._probes.items()}
        return {"probes": probes, "optimizer": self._optimizer.state_dict() if self._optimizer else {}}
