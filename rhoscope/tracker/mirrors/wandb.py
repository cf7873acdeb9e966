"""Weights & Biases: a run of the same id; the project is the one that is named, or the run's own."""

from collections.abc import Mapping
from typing import Any

from rhoscope.guests import GuestSpec
from rhoscope.optional_libraries import library

STEP = "step"
"""The x axis: W&B's own steps refuse a value that comes late."""


class Mirror:
    """Online or offline, as WANDB_MODE says."""

    def __init__(self, target: str, spec: GuestSpec, attempt: int) -> None:  # noqa: ARG002
        wandb = library("wandb", package="wandb")
        quiet = wandb.Settings(console="off", silent=True)
        self._run: Any = wandb.init(
            project=target or spec.project or None,
            name=spec.name or None,
            notes=spec.notes or None,
            tags=spec.tags,
            config=dict(spec.config),
            id=spec.id,
            resume="allow",
            reinit="create_new",
            settings=quiet,
        )
        self._run.define_metric(STEP, hidden=True)
        self._run.define_metric("*", step_metric=STEP)

    def write(self, step: int, when: float, values: Mapping[str, float]) -> None:
        """One row of W&B's history."""
        self._run.log({**values, STEP: step, "_timestamp": when})

    def flush(self) -> None:
        """W&B sends by itself."""

    def close(self, state: str) -> None:
        """A run that failed has an exit code."""
        self._run.finish(exit_code=1 if state == "failed" else 0)
