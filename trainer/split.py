"""Examples of a split, in memory or elsewhere, and batches of them. Letters: N examples, B of a batch."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor
from typing_extensions import override

from rhoscope.errors import InvalidInput
from rhoscope.torch.presence import Partial, Presence

Batch = tuple[dict[str, Tensor], Tensor]
"""Inputs [B, *shape] by modality and target [B], or [B · S] where an example is S segments.

Inputs of a split with a `present` are a `Partial`, which says what is missing.
"""


class Split(ABC):
    """Examples, in memory or on disk. `target` int64 [N] are their classes, those of segments [N · S]."""

    target: Tensor
    present: Mapping[str, Tensor] | None = None
    """Which examples have each modality, bool [N] on the host; None where all have all."""
    at_once: ClassVar[int] = 512
    """Examples of a batch where nobody says how many."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of examples."""

    def name(self, row: int) -> str:
        """Name of an example, each differently: here its number."""
        return str(row)

    @abstractmethod
    def __add__(self, other: Any) -> "Split":
        """The examples of both, of one kind."""

    @abstractmethod
    def only(self, modalities: Sequence[str]) -> "Split":
        """The same examples without the other modalities."""

    @abstractmethod
    def to(self, device: torch.device) -> "Split":
        """The same examples, whose batches come on a device."""

    @abstractmethod
    def batches(self, indices: Sequence[Tensor], draw: tuple[int, int] | None = None) -> Iterator[Batch]:
        """The examples of each of `indices`, int64 [B] on the host.

        `draw` is seed and epoch of what is random about an example in training; without it nothing is. The
        same draw gives the same examples, however they are put into batches.
        """

    def presence(self, index: Tensor) -> Presence | None:
        """Which of the examples `index`, int64 [B] on the host, have which modality; None: all have all."""
        if self.present is None:
            return None
        return Presence({m: mask[index] for m, mask in self.present.items()}, self.target.device)


class Held(Split):
    """Examples held in memory: `inputs` [N, *shape] by modality and classes `target` int64 [N].

    `present` bool [N] by modality, where some examples lack some; their inputs may hold anything.
    `names` [N], each differently.
    """

    def __init__(
        self,
        inputs: Mapping[str, Tensor],
        target: Tensor,
        present: Mapping[str, Tensor] | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        """Raises: InvalidInput, when an example has no modality at all."""
        self.inputs = dict(inputs)
        self.target = target
        self.present = _masks(self.inputs, target, present)
        self.names = names

    @override
    def __len__(self) -> int:
        return len(self.target)

    @override
    def name(self, row: int) -> str:
        return super().name(row) if self.names is None else self.names[row]

    @override
    def __add__(self, other: "Held") -> "Held":
        inputs = {m: torch.cat([x, other.inputs[m]]) for m, x in self.inputs.items()}
        target = torch.cat([self.target, other.target])
        names = None if self.names is None or other.names is None else [*self.names, *other.names]
        if self.present is None and other.present is None:
            return Held(inputs, target, names=names)
        masks = {m: torch.cat([_mask(self, m), _mask(other, m)]) for m in self.inputs}
        return Held(inputs, target, masks, names)

    @override
    def only(self, modalities: Sequence[str]) -> "Held":
        """Examples that have none of these are left out."""
        inputs = {m: self.inputs[m] for m in modalities}
        if self.present is None:
            return Held(inputs, self.target, names=self.names)
        masks = {m: self.present[m] for m in modalities}
        some = torch.stack(list(masks.values())).any(0).nonzero().squeeze(1)
        there = some.to(self.target.device)
        kept = {m: x.index_select(0, there) for m, x in inputs.items()}
        names = [self.name(row) for row in some.tolist()]
        masks = {m: mask[some] for m, mask in masks.items()}
        return Held(kept, self.target.index_select(0, there), masks, names)

    @override
    def to(self, device: torch.device) -> "Held":
        inputs = {m: x.to(device) for m, x in self.inputs.items()}
        return Held(inputs, self.target.to(device), self.present, self.names)

    @override
    def batches(self, indices: Sequence[Tensor], draw: tuple[int, int] | None = None) -> Iterator[Batch]:
        """All indices go to the device at once, so that no step waits for its own."""
        if not indices:
            return
        there = torch.cat(tuple(indices)).to(self.target.device)
        for own, index in zip(indices, torch.split(there, [len(index) for index in indices]), strict=True):
            inputs = {m: x.index_select(0, index) for m, x in self.inputs.items()}
            presence = self.presence(own)
            target = self.target.index_select(0, index)
            yield inputs if presence is None else Partial(inputs, presence), target


def _mask(split: Split, modality: str) -> Tensor:
    """Which examples have a modality, bool [N]."""
    return torch.ones(len(split), dtype=torch.bool) if split.present is None else split.present[modality]


def _masks(
    inputs: Mapping[str, Tensor], target: Tensor, present: Mapping[str, Tensor] | None
) -> dict[str, Tensor] | None:
    """The masks on the host, in the inputs' order; None where nothing is missing."""
    if present is None:
        return None
    masks = {m: present[m].to("cpu", torch.bool) for m in inputs}
    empty = ~torch.stack(list(masks.values())).any(0)
    if len(empty) != len(target):
        raise ValueError(
            f"`present` should have {len(target)} entries for each modality. Found {len(empty)}."
        )
    if empty.any():
        first, more = int(empty.nonzero()[0]), int(empty.sum()) - 1
        others = f" and {more} more" if more else ""
        raise InvalidInput(
            f"Example {first}{others} has no modality at all: leave it out, or give it one of "
            f"{', '.join(masks)}."
        )
    return None if all(bool(mask.all()) for mask in masks.values()) else masks
