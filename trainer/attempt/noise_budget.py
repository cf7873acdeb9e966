"""The noise budget: SGD's own gradient noise, the part left by k, and the total with added noise."""

from collections.abc import Mapping

import torch
from torch import Tensor

from rhoscope.torch.noise import FLOOR
from trainer.model import Model
from trainer.noise import check_micro_batches, sgd_deviations
from trainer.strategy import Step, Strategy

MICRO_BATCHES = 4


def check(model: Model, batch_size: int) -> None:
    """Raises: InvalidInput, when a batch is too small to be cut."""
    check_micro_batches(model, MICRO_BATCHES, batch_size, "noise_budget_every")


def touched(strategy: Strategy, step: Step) -> dict[str, list[Tensor]]:
    """Parameters by modality that the strategy modulates; all of an encoder's where it modulates none."""
    chosen = getattr(strategy, "modulated", None) or step.model.encoder_parameters
    return {m: list(parameters) for m, parameters in chosen.items()}


def own_variance(strategy: Strategy, step: Step) -> dict[str, Tensor]:
    """Trace of SGD's noise covariance per encoder, 0-D, from micro-batches.

    Before the step is taken, since it runs the strategy's own forward pass and loss; the run's random numbers
    stay as they are.
    """
    parameters = touched(strategy, step)
    everything = [p for ps in parameters.values() for p in ps]
    devices = [step.target.device] if step.target.device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        stds = iter(sgd_deviations(strategy, step, everything, MICRO_BATCHES))
    squares = {m: [(next(stds) - FLOOR).square().sum() for _ in ps] for m, ps in parameters.items()}
    return {m: torch.stack(each).sum() for m, each in squares.items()}


def budget(
    own: Mapping[str, Tensor], entries: Mapping[str, int], row: Mapping[str, Tensor]
) -> dict[str, float]:
    """Values of the series `sgd_noise`, `sgd_noise_left`, `sgd_noise_total` by modality; waits for it.

    `entries`: how many gradient entries noise was added to, by modality; `row`: what the step emitted.
    """
    values: dict[str, float] = {}
    for modality, variance in own.items():
        if f"k.{modality}" not in row:  # no example of the batch has it
            continue
        k = float(row[f"k.{modality}"])
        added = float(row.get(f"noise_std.{modality}", 0.0)) ** 2 * entries[modality]
        values[f"sgd_noise.{modality}"] = float(variance)
        values[f"sgd_noise_left.{modality}"] = k**2 * float(variance)
        values[f"sgd_noise_total.{modality}"] = k**2 * float(variance) + added
    return values
