"""Trainings beside the run: teachers, single modalities, what each loss alone would do."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from trainer.dataset import Batch, Split, order
from trainer.encoder import Encoder
from trainer.measures.evaluate import Evaluation, Predict, evaluate
from trainer.model import Model
from trainer.precision import Precision
from trainer.training import Training

Loss = Callable[[dict[str, Tensor], Tensor], Tensor]
"""Of inputs [N, *shape] by modality and target [N]: what is minimized, 0-D."""


class Interrupted(Exception):
    """Something wants to be seen to first; the rehearsal begins again afterward."""


def first_of(batches: int, share: float) -> int:
    """Number of batches in the first `share` of all of them: rounded down, at least one.

    >>> first_of(25, 0.1), first_of(3, 0.1), first_of(30, 0.1)
    (2, 1, 3)
    """
    return max(1, int(share * batches + 1e-9))


@dataclass(frozen=True)
class Alone:
    """One modality trained alone: its encoder with a linear head, at its best validation epoch."""

    encoder: Encoder
    head: nn.Linear
    accuracy: float


@dataclass(frozen=True)
class Rehearsal:
    """Trains and evaluates other networks on the run's data, with the run's settings.

    `model` is the run's own, to be copied and never changed. `attention` returns whether the run must
    interrupt; `report` takes a sentence for the run's log.
    """

    model: Model
    training: Training
    splits: Mapping[str, Split]
    device: torch.device
    attention: Callable[[], bool]
    report: Callable[[str], None]
    epochs: int = 0
    """Epochs of the run that had ended when it began."""

    def train(
        self,
        module: nn.Module,
        loss: Loss,
        epochs: int,
        after_epoch: Callable[[], None] | None = None,
        going_on_from: int | None = None,
    ) -> None:
        """Train a module's parameters in place, with an optimizer of its own.

        Data order and learning rate are those of a run of `epochs`; with `going_on_from`, those that
        the present run has from its epoch of that number on.

        Raises:
            Interrupted: when the run wants attention.
        """
        training, first = self.training, going_on_from or 0
        optimizer = training.build_optimizer(module.parameters(), self.device)
        precision = Precision(training.precision, self.device)
        planned = epochs if going_on_from is None else training.epochs
        for epoch in range(first, first + epochs):
            module.train()
            for place, (inputs, target) in enumerate(self.batches(epoch)):
                done = min(epoch + place / self._steps, planned)
                for group in optimizer.param_groups:
                    group["lr"] = training.lr * training.factor(done, planned)
                optimizer.zero_grad(set_to_none=True)
                with precision.autocast():
                    value = loss(inputs, target)
                precision.scale(value).backward()  # type: ignore[no-untyped-call]  # so torch declares it
                precision.update(optimizer)
            if after_epoch:
                after_epoch()

    @property
    def _steps(self) -> int:
        """Whole batches of an epoch."""
        return len(self.splits["train"]) // self.training.batch_size

    def batches(self, epoch: int, share: float = 1.0) -> Iterator[Batch]:
        """The training batches of the run's epoch of that number: the first `share` of them, at least one.

        Raises:
            Interrupted: when the run wants attention.
        """
        training, split = self.training, self.splits["train"]
        count = first_of(self._steps, share)
        indices = torch.split(order(training.seed, epoch, len(split)), training.batch_size)[:count]
        for batch in split.batches(indices, (training.seed, epoch)):
            if self.attention():
                raise Interrupted
            yield batch

    def evaluate(self, module: nn.Module, predict: Predict, split: str) -> Evaluation:
        """Means over a split, of a module that `predict` uses; it is left training."""
        module.eval()
        with Precision(self.training.precision, self.device).autocast():
            evaluation = evaluate(predict, self.splits[split])
        module.train()
        return evaluation

    def alone(self, modality: str, epochs: int) -> Alone:
        """Train one modality's encoder, from the run's first weights, under a linear head of its own.

        Raises:
            Interrupted: when the run wants attention.
        """
        if any(split.present is not None for split in self.splits.values()):
            having = {name: split.only((modality,)) for name, split in self.splits.items()}
            return replace(self, splits=having).alone(modality, epochs)
        encoder = copy.deepcopy(self.model.encoders[modality])
        head = nn.Linear(encoder.width, self.model.fusion.classes, device=self.device)
        both = nn.ModuleList([encoder, head])
        best: list[tuple[float, dict[str, Tensor]]] = []

        def predict(inputs: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
            logits = head(encoder(inputs[modality]))
            return logits, {modality: logits}

        def note() -> None:
            accuracy = self.evaluate(both, predict, "validation").accuracy
            if not best or accuracy > best[0][0]:
                best[:] = [(accuracy, {name: value.clone() for name, value in both.state_dict().items()})]

        self.train(both, lambda inputs, target: cross_entropy(predict(inputs)[0], target), epochs, note)
        accuracy, weights = best[0]
        both.load_state_dict(weights)
        self.report(f"{modality} alone: validation accuracy {accuracy:.3f} after {epochs} epochs.")
        return Alone(cast("Encoder", both[0]), head, accuracy)
