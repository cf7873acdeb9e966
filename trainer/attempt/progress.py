"""The progress of a run, and the state from which it resumes bit for bit."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from rhoscope.errors import Conflict
from trainer.attempt.assembly import Parts
from trainer.training import Training

_STRATEGY = "1."
"""What the names of a strategy's weights begin with; the network's begin with `0.`."""

MOST_CHANGES = 20
"""Live changes, and forks, whose checkpoints are kept; the newest ones."""


@dataclass
class Progress:
    """Finished steps, the epoch's sums of dense series and the best validation so far."""

    step: int = 0
    prepared: bool = False  # whether the strategy has done what comes before its first step
    sums: Tensor | None = None  # [columns], over the steps of the present epoch
    epochs: int = 0  # that have ended
    batch: int = 0  # steps taken in the present epoch
    alone: dict[str, float] = field(default_factory=dict)  # best accuracy of each modality trained alone
    best_accuracy: float = -1.0
    best_step: int | None = None
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    summed: int = 0  # rows in `sums`
    silent: dict[str, int] = field(default_factory=dict)  # how many of them had no value, by series
    before_changes: list[int] = field(default_factory=list)  # steps at which a setting was changed live
    forked_at: list[int] = field(default_factory=list)  # steps that forks go on from
    pause_at: int | None = None  # finished steps at which the run was ordered to pause
    shown: bool = False  # whether previews of its examples were sent

    @property
    def pause_due(self) -> bool:
        """Whether the run has come to the step at which it was ordered to pause."""
        return self.pause_at is not None and self.step >= self.pause_at

    def stays(self, policy: Training, step: int) -> bool:
        """Whether the checkpoint of `step` stays: for the policy, a live change or a fork."""
        best = policy.keep_best and step == self.best_step
        regular = policy.keep_every > 0 and step % policy.keep_every == 0
        return best or regular or step in self.before_changes or step in self.forked_at

    def add(self, row: Tensor, silent: Collection[str] = ()) -> None:
        """Add a step's row [columns] to the epoch's sums; it has 0 for the series of `silent`."""
        for name in silent:
            self.silent[name] = self.silent.get(name, 0) + 1
        self.sums = row if self.sums is None else self.sums + row
        self.summed += 1
        self.step += 1
        self.batch += 1

    def means(self, columns: Sequence[str]) -> dict[str, float]:
        """Means over the epoch's steps that had a value, by series. Waits for them."""
        if self.sums is None:
            return {}
        numbers = [self.summed - self.silent.get(name, 0) for name in columns]
        divisor = torch.tensor(numbers, device=self.sums.device) if self.silent else self.summed
        means = (self.sums / divisor).tolist()
        return {name: mean for name, mean, n in zip(columns, means, numbers, strict=True) if n}

    def note_change(self) -> None:
        """A setting is about to be changed at this step."""
        self.before_changes = [*self.before_changes, self.step][-MOST_CHANGES:]

    def note_fork(self, step: int) -> None:
        """Another run goes on from the checkpoint of `step`."""
        self.forked_at = [*self.forked_at, step][-MOST_CHANGES:]

    def end_epoch(self) -> None:
        """Count the epoch, and forget its sums."""
        self.sums, self.summed, self.silent = None, 0, {}
        self.epochs, self.batch = self.epochs + 1, 0

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
    """Everything the next step depends on; `cursor` is the last command whose effect is in it."""
    return {
        "step": progress.step,
        "prepared": progress.prepared,
        "epochs": progress.epochs,
        "batch": progress.batch,
        "alone": progress.alone,
        "sums": progress.sums,
        "summed": progress.summed,
        "silent": progress.silent,
        "layers": parts.layers.state(),
        "before_changes": progress.before_changes,
        "forked_at": progress.forked_at,
        "pause_at": progress.pause_at,
        "shown": progress.shown,
        "best_accuracy": progress.best_accuracy,
        "best_step": progress.best_step,
        "best_weights": progress.best_weights,
        "strategy": parts.spec.strategy,
        "weights": dict(_weights(parts)),
        "optimizer": parts.optimizer.state_dict(),
        "precision": parts.precision.state_dict(),
        "settings": parts.values(),
        "cursor": cursor,
        "python": random.getstate(),
        "numpy": _numpy_state(),
        "torch": torch.get_rng_state(),
        "cuda": [torch.cuda.get_rng_state(parts.device)] if parts.device.type == "cuda" else [],
    }


def restore(parts: Parts, state: dict[str, Any]) -> tuple[Progress, str]:
    """Put a captured state in place; returns the progress and the last command in force."""
    progress = adopt(parts, state)
    for name, value in state["settings"].items():
        parts.put(name, value)
    sums = state["sums"]
    progress.sums, progress.summed = None if sums is None else sums.to(parts.device), state["summed"]
    progress.silent = dict(state.get("silent", {}))
    if "layers" in state:
        parts.layers.load(state["layers"], parts.device)
    progress.before_changes, progress.forked_at = state["before_changes"], state["forked_at"]
    progress.pause_at = state.get("pause_at")
    progress.shown = bool(state.get("shown"))
    return progress, state["cursor"]


def adopt(parts: Parts, state: dict[str, Any]) -> Progress:
    """Continue from another run's captured state with this run's settings; returns the new progress.

    A strategy of another kind starts from scratch.

    Raises:
        Conflict: when the weights are another network's.
    """
    anew = state["strategy"] != parts.spec.strategy
    try:
        _put_weights(parts, state, anew=anew)
    except (RuntimeError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise Conflict(f"The checkpoint belongs to another network or optimizer: {reason}") from error
    random.setstate(state["python"])
    kind, keys, position, has_gauss, gauss = state["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), position, has_gauss, gauss))
    torch.set_rng_state(state["torch"])
    if parts.device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"][0], parts.device)
    own = {f"{_STRATEGY}{name}": value for name, value in parts.strategy.state_dict().items()} if anew else {}
    best = {name: value.to(parts.device) for name, value in state["best_weights"].items()}
    return Progress(
        step=state["step"],
        epochs=state["epochs"],
        batch=state["batch"],
        alone=state["alone"],
        prepared=state["prepared"] and not anew,
        best_accuracy=state["best_accuracy"],
        best_step=state["best_step"],
        best_weights=_of_network(best) | own if anew and best else best,
    )


def _put_weights(parts: Parts, state: dict[str, Any], *, anew: bool) -> None:
    both = torch.nn.ModuleList([parts.model, parts.strategy])
    if anew:
        parts.model.load_state_dict(
            {name[2:]: value for name, value in _of_network(state["weights"]).items()}
        )
    else:
        both.load_state_dict(state["weights"])
    if len(state["optimizer"]["param_groups"][0]["params"]) == len(list(both.parameters())):
        parts.optimizer.load_state_dict(state["optimizer"])
    parts.precision.load_state_dict(state["precision"])


def _of_network(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in weights.items() if not name.startswith(_STRATEGY)}


def _numpy_state() -> tuple[str, Tensor, int, int, float]:
    kind, keys, position, has_gauss, gauss = cast("tuple[Any, ...]", np.random.get_state())
    return kind, torch.from_numpy(keys.astype(np.int64)), position, has_gauss, gauss


def _weights(parts: Parts) -> dict[str, Tensor]:
    return torch.nn.ModuleList([parts.model, parts.strategy]).state_dict()
