"""Single examples: the probability that each modality alone, and all together, give to the right class.

Letters: N examples of a batch, C classes, M modalities, n examples that are followed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rhoscope.samples import CHOSEN, Samples, chosen
from rhoscope.texts import cleaned
from rhoscope.torch.outcomes import outcomes
from rhoscope.torch.presence import Presence
from trainer.dataset import Split
from trainer.measures.by_class import distinct

LONGEST = 180
"""Letters of a name, the last ones: where two become the same, a number follows."""


@dataclass(frozen=True)
class Choice:
    """Examples that are followed, or segments of examples: ascending rows [n] of a split's targets."""

    rows: tuple[int, ...]
    names: tuple[str, ...]
    labels: tuple[str, ...]
    examples: tuple[int, ...]
    """The example of each."""


def choose(split: Split, classes: Sequence[str], most: int = CHOSEN) -> Choice:
    """At most `most` examples of a split, or segments; by names and classes alone, whatever the seed."""
    target = split.target.tolist()
    segments = max(1, len(target) // max(1, len(split)))
    keys = [f"{row % segments} {split.name(row // segments)}" for row in range(len(target))]
    rows = chosen(keys, target, most)
    return Choice(
        rows=tuple(rows),
        names=tuple(distinct([_name(split, row, segments) for row in rows])),
        labels=tuple(cleaned(classes[target[row]])[:LONGEST] or "?" for row in rows),
        examples=tuple(row // segments for row in rows),
    )


def _name(split: Split, row: int, segments: int) -> str:
    name = cleaned(split.name(row // segments)) or str(row)
    part = f", part {row % segments + 1}" if segments > 1 else ""
    return name[-(LONGEST - len(part)) :] + part


class Followed:
    """Answers of a network to the chosen examples during a pass over their split; read once by `record`."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self._seen = 0
        self._taken = 0
        self._modalities: tuple[str, ...] = ()
        self._chances: list[Tensor] = []  # each [1 + M, n of the batch]

    @torch.no_grad()
    def add(
        self,
        logits: Tensor,
        unimodal: Mapping[str, Tensor],
        target: Tensor,
        presence: Presence | None = None,
    ) -> None:
        """Take a batch: fused logits [N, C], unimodal ones by modality, classes [N]."""
        end = self._seen + len(target)
        rows: list[int] = []
        while self._taken < len(self.choice.rows) and self.choice.rows[self._taken] < end:
            rows.append(self.choice.rows[self._taken] - self._seen)
            self._taken += 1
        self._seen, self._modalities = end, tuple(unimodal)
        if not rows:
            return
        index = torch.tensor(rows)
        if target.device.type == "cuda":  # from other memory, a copy waits for all that is queued
            index = index.pin_memory()
        index = index.to(target.device, non_blocking=True)
        logits_of = torch.stack([z.index_select(0, index).float() for z in (logits, *unimodal.values())])
        chances = outcomes(logits_of, target.index_select(0, index))[0].exp()
        if presence is not None:
            chances[1:].masked_fill_(~presence.table.index_select(1, index), torch.nan)
        self._chances.append(chances)

    def record(self, epoch: int) -> Samples | None:
        """One validation's record; None when nothing was seen. Waits for it."""
        if not self._chances:
            return None
        together, *each = torch.cat(self._chances, 1).tolist()
        alone = dict(zip(self._modalities, each, strict=True))
        return Samples.make(self.choice.names, self.choice.labels, together, alone, epoch)
