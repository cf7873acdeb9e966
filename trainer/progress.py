"""Where a run stands, and all it takes to go on from there with the same bits."""

import random
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from trainer.parts import Parts


@dataclass
class Progress:
    """Finished steps, the epoch's sums of dense series and the best validation so far."""

    step: int = 0
    sums: Tensor | None = None  # [columns], over the steps of the present epoch
    best_accuracy: float = -1.0
    best_step: int | None = None
    best_weights: dict[str, Tensor] = field(default_factory=dict)

    def add(self, row: Tensor) -> None:
        """Add a step's row [columns] to the epoch's sums."""
        self.sums = row if self.sums is None else self.sums + row
        self.step += 1

    def note(self, accuracy: float, parts: Parts) -> None:
        """Keep the present weights when `accuracy` on the validation split is the best so far."""
        if accuracy <= self.best_accuracy:
            return
        self.best_accuracy, self.best_step = accuracy, self.step
        self.best_weights = {name: value.detach().clone() for name, value in _weights(parts).items()}


def use_best(parts: Parts, progress: Progress) -> None:
    """Put the best validation epoch's weights in place."""
    if progress.best_weights:
        torch.nn.ModuleList([parts.model, parts.strategy]).load_state_dict(progress.best_weights)


def capture(parts: Parts, progress: Progress, cursor: str) -> dict[str, Any]:
    """Everything the next step depends on; `cursor` is the last command seen."""
    return {
        "step": progress.step,
        "sums": progress.sums,
        "best_accuracy": progress.best_accuracy,
        "best_step": progress.best_step,
        "best_weights": progress.best_weights,
        "weights": dict(_weights(parts)),
        "optimizer": parts.optimizer.state_dict(),
        "precision": parts.precision.state_dict(),
        "settings": parts.values(),
        "cursor": cursor,
        "python": random.getstate(),
        "numpy": _numpy_state(),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if parts.device.type == "cuda" else [],
    }


def restore(parts: Parts, state: dict[str, Any]) -> tuple[Progress, str]:
    """Put a captured state in place; where the run stands, and the last command it had seen."""
    torch.nn.ModuleList([parts.model, parts.strategy]).load_state_dict(state["weights"])
    parts.optimizer.load_state_dict(state["optimizer"])
    parts.precision.load_state_dict(state["precision"])
    for name, value in state["settings"].items():
        parts.put(name, value)
    random.setstate(state["python"])
    kind, keys, position, has_gauss, gauss = state["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), position, has_gauss, gauss))
    torch.set_rng_state(state["torch"])
    if parts.device.type == "cuda":
        torch.cuda.set_rng_state_all(state["cuda"])
    sums = state["sums"]
    progress = Progress(
        step=state["step"],
        sums=None if sums is None else sums.to(parts.device),
        best_accuracy=state["best_accuracy"],
        best_step=state["best_step"],
        best_weights={name: value.to(parts.device) for name, value in state["best_weights"].items()},
    )
    return progress, state["cursor"]


def _numpy_state() -> tuple[str, Tensor, int, int, float]:
    kind, keys, position, has_gauss, gauss = cast("tuple[Any, ...]", np.random.get_state())
    return kind, torch.from_numpy(keys.astype(np.int64)), position, has_gauss, gauss


def _weights(parts: Parts) -> dict[str, Tensor]:
    return torch.nn.ModuleList([parts.model, parts.strategy]).state_dict()
