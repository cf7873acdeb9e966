"""Reliance of each class on each modality. Letters: N examples, C classes, M modalities."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from rhoscope.tables import Table
from rhoscope.torch.presence import Presence

NAME = "classes"


class ByClass:
    """Sums over a split by class: gathered on the device, read once by `table`."""

    def __init__(self, classes: Sequence[str]) -> None:
        self.classes = tuple(classes)
        self._modalities: tuple[str, ...] = ()
        self._sums: Tensor | None = (
            None  # [2 + 2 M, C]: examples, right, then score and right of each modality
        )
        self._having: Tensor | None = None  # [M, C]: examples that have each modality; None: all have all

    @torch.no_grad()
    def add(
        self,
        logits: Tensor,
        unimodal: Mapping[str, Tensor],
        target: Tensor,
        presence: Presence | None = None,
    ) -> None:
        """Count a batch: fused logits [N, C], unimodal ones by modality, classes [N]."""
        self._modalities = tuple(unimodal)
        precise = torch.float32 if target.device.type == "mps" else torch.float64
        rows = [torch.ones_like(target), logits.argmax(-1) == target]
        for z in unimodal.values():
            chance = z.to(precise).softmax(-1).gather(-1, target[:, None]).squeeze(-1)
            rows += [chance, z.argmax(-1) == target]
        members = one_hot(target, len(self.classes)).to(precise)  # [N, C]
        numbers = torch.stack([row.to(precise) for row in rows])
        if presence is not None:
            numbers[2:] = numbers[2:].where(presence.table.repeat_interleave(2, 0), 0)
            having = presence.table.to(precise) @ members
            self._having = having if self._having is None else self._having + having
        sums = numbers @ members
        self._sums = sums if self._sums is None else self._sums + sums

    def table(self, epoch: int) -> Table | None:
        """Means by class; None when nothing was counted. Waits for them.

        Columns: `examples`, `accuracy` (fused), then `score.{m}`, the mean probability that the modality's
        own logits give to the class where it is the right one, and `accuracy.{m}`. NaN for a class without
        examples, or without any that has the modality.
        """
        if self._sums is None:
            return None
        columns = ["examples", "accuracy"]
        columns += [f"{stem}.{m}" for m in self._modalities for stem in ("score", "accuracy")]
        numbers = self._sums[:1].expand_as(self._sums[1:])
        if self._having is not None:
            numbers = torch.cat([self._sums[:1], self._having.repeat_interleave(2, 0)])
        means = torch.cat([self._sums[:1], self._sums[1:] / numbers])
        return Table.make(NAME, epoch, distinct(self.classes), columns, means.mT.tolist())


def distinct(names: Sequence[str]) -> list[str]:
    """Unique names; a repeated one gets its number.

    >>> distinct(["dog", "cat", "dog"])
    ['dog', 'cat', 'dog (2)']
    """
    seen: set[str] = set()
    labels: list[str] = []
    for place, name in enumerate(names):
        labels.append(f"{name} ({place})" if name in seen else name)
        seen.add(name)
    return labels
