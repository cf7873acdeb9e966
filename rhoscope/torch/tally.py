"""Sums over samples, merged from micro-batches and processes into one optimizer step.

Logarithms of sums and plain sums travel side by side, so that parts of a batch give what the whole gives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

SMALLEST = 1e-38
"""A sum of scores counts as so much at least: single precision ends there."""
NONE = -1.0
"""Stands for "no sample" in numbers that are never negative: nothing else may wait for the device."""


@dataclass(frozen=True)
class Tally:
    """`logs`: logarithms of sums, of any shape; `sums`: plain sums by name, of any shapes.

    `masked`: whether some of it may be over no sample at all. `scores` [M]: plain sums of scores, with which
    `logs` is empty until something is merged.
    """

    logs: Tensor
    sums: Mapping[str, Tensor]
    masked: bool = False
    scores: Tensor | None = None

    def mergeable(self) -> "Tally":
        """The same with logarithms, `logs` [M, M]."""
        if self.scores is None:
            return self
        logs = logarithms(self.scores)[:, None].expand(-1, len(self.scores))
        return replace(self, logs=logs, scores=None)

    def parts(self) -> dict[str, Tensor]:
        """Everything by name."""
        return {"logs": self.logs, **self.sums}

    def packed(self) -> Tensor:
        """Everything as one vector, double where the device has that."""
        kind = precise_on(self.logs.device)
        return torch.cat([part.flatten().to(kind) for part in self.parts().values()])

    def merged(self, packed: Tensor, *, masked: bool) -> "Tally":
        """The tally of several: `packed` [parts, ...], each as `packed` gives it."""
        sizes = [part.numel() for part in self.parts().values()]
        logs, *sums = torch.split(packed, sizes, 1)
        named = {n: s.sum(0).view_as(old) for (n, old), s in zip(self.sums.items(), sums, strict=True)}
        return Tally(logs.logsumexp(0).view_as(self.logs), named, masked)


def whole(tallies: Sequence[Tally]) -> Tally:
    """The tally of all micro-batches of a step."""
    if len(tallies) == 1:
        return tallies[0]
    tallies = [one.mergeable() for one in tallies]
    masked = any(one.masked for one in tallies)
    return tallies[0].merged(torch.stack([one.packed() for one in tallies]), masked=masked)


def constant(value: float, size: int, like: Tensor, kept: dict[object, Tensor]) -> Tensor:
    """A vector of equal numbers, made once and `kept`: no step waits for it, or works for it."""
    key = (value, size, like.device, like.dtype)
    if key not in kept:
        if len(kept) > 64:
            kept.clear()
        kept[key] = torch.full((size,), value, device=like.device, dtype=like.dtype)
    return kept[key]


def logarithms(scores: Tensor) -> Tensor:
    """Of sums of scores, which end where single precision does, as precise as can be."""
    return scores.to(precise_on(scores.device)).clamp_min(SMALLEST).log()


def precise_on(device: torch.device) -> torch.dtype:
    """The most precise numbers that a device has."""
    return torch.float32 if device.type == "mps" else torch.float64


LOSS = "task_loss"
"""A tally's sum of the network's own losses, and their number."""


def of_loss(loss: Tensor, tally: Tally | None = None) -> Tally:
    """A tally with the network's own loss, 0-D; without another one it holds nothing else."""
    value = loss.detach().to(precise_on(loss.device))
    pair = torch.stack([value, torch.ones_like(value)])
    if tally is None:
        return Tally(value.new_empty(0), {LOSS: pair})
    return replace(tally, sums={**tally.sums, LOSS: pair})


def looked(tally: Tally) -> bool:
    """Whether the tally holds more than a loss."""
    return any(name != LOSS for name in tally.sums)
