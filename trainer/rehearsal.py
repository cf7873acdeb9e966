"""Trainings beside the run, before its first step: teachers, and what each loss alone would do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from trainer.dataset import Split, order
from trainer.evaluate import Evaluation, Predict, evaluate
from trainer.precision import Precision
from trainer.training import Training

Loss = Callable[[dict[str, Tensor], Tensor], Tensor]
"""Of inputs [N, *shape] by modality and target [N]: what is minimised, 0-D."""


class Interrupted(Exception):
    """Something wants to be seen to first; the rehearsal begins again afterwards."""


@dataclass(frozen=True)
class Rehearsal:
    """Trains and evaluates other networks on the run's data, with the run's settings.

    `attention` tells whether the run must interrupt; `tell` takes a sentence for whoever watches.
    """

    training: Training
    splits: Mapping[str, Split]
    device: torch.device
    attention: Callable[[], bool]
    tell: Callable[[str], None]

    def train(self, module: nn.Module, loss: Loss, epochs: int) -> None:
        """Train a module's parameters in place, with an optimiser and a schedule of its own.

        Raises:
            Interrupted: when the run wants attention.
        """
        training, split = self.training, self.splits["train"]
        optimizer = training.build_optimizer(module.parameters(), self.device)
        precision = Precision(training.precision, self.device)
        steps = len(split) // training.batch_size
        module.train()
        for step in range(epochs * steps):
            if self.attention():
                raise Interrupted
            epoch, place = divmod(step, steps)
            if place == 0:
                everything = order(training.seed, epoch, len(split)).to(self.device)
            inputs, target = split.batch(everything[place * training.batch_size :][: training.batch_size])
            for group in optimizer.param_groups:
                group["lr"] = training.lr * training.factor(step, epochs * steps)
            optimizer.zero_grad(set_to_none=True)
            with precision.autocast():
                value = loss(inputs, target)
            precision.scale(value).backward()  # type: ignore[no-untyped-call]  # so torch declares it
            precision.update(optimizer)

    def evaluate(self, module: nn.Module, predict: Predict, split: str) -> Evaluation:
        """Means over a split, of a module that `predict` uses; it is left training."""
        module.eval()
        with Precision(self.training.precision, self.device).autocast():
            found = evaluate(predict, self.splits[split])
        module.train()
        return found
