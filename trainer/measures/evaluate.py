"""Loss and accuracy of the network and of each branch on a whole split."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rhoscope.torch.balance import measure
from rhoscope.torch.presence import Presence, presence_of
from trainer.dataset import Split

Predict = Callable[[dict[str, Tensor]], tuple[Tensor, dict[str, Tensor]]]


class Observer(Protocol):
    """Sees what a network says to each batch of a split, in order."""

    def add(
        self, logits: Tensor, unimodal: Mapping[str, Tensor], target: Tensor, presence: Presence | None
    ) -> None:
        """Take a batch: fused logits [N, C], unimodal ones by modality, classes [N]."""


@dataclass(frozen=True)
class Evaluation:
    """Means over a split, fused and by modality: over those examples that have it, if there are any."""

    loss: float
    accuracy: float
    losses: dict[str, float]
    accuracies: dict[str, float]
    samples: int

    def values(self, prefix: str) -> dict[str, float]:
        """As values of series, such as `val.accuracy.audio`."""
        named = {f"{prefix}.loss": self.loss, f"{prefix}.accuracy": self.accuracy}
        named |= {f"{prefix}.loss.{m}": v for m, v in self.losses.items()}
        return named | {f"{prefix}.accuracy.{m}": v for m, v in self.accuracies.items()}


@torch.no_grad()
def evaluate(predict: Predict, split: Split, *observers: Observer) -> Evaluation:
    """Evaluate on every example of a split, or every segment of its examples.

    `predict` gives fused and unimodal logits [N, C] of inputs. Sums stay on the device; the host waits once,
    at the end.
    """
    total = torch.zeros((), dtype=torch.float64)
    modalities: tuple[str, ...] = ()
    for inputs, target in batches(split):
        logits, unimodal = predict(inputs)
        there = presence_of(inputs)
        for observer in observers:
            observer.add(logits, unimodal, target, there)
        alone = measure(unimodal, target, there)
        modalities = alone.modalities
        fused = torch.stack(
            [
                cross_entropy(logits.float(), target, reduction="sum"),
                (logits.argmax(-1) == target).sum(),
                torch.ones_like(target).sum(),
            ]
        )
        total = total.to(target.device) + torch.cat([fused[None], alone.sums()]).double()  # [1 + M, 3]
    (loss, accuracy, _), *each = _means(total)
    having = {m: row for m, row in zip(modalities, each, strict=True) if row[2]}
    return Evaluation(
        loss=loss,
        accuracy=accuracy,
        losses={m: row[0] for m, row in having.items()},
        accuracies={m: row[1] for m, row in having.items()},
        samples=len(split.target),
    )


def _means(total: Tensor) -> list[list[float]]:
    """Loss, accuracy and number of samples [1 + M] of sums [1 + M, 3]; NaN where there is no sample."""
    means: list[list[float]] = torch.cat([total[:, :2] / total[:, 2:], total[:, 2:]], 1).tolist()
    return means


def batches(split: Split) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
    """All examples of a split in order: inputs by modality and target, some at a time."""
    return split.batches(torch.split(torch.arange(len(split)), split.at_once))
