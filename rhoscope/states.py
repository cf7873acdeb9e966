"""The life of a run.

::

    queued -> starting -> running -> completed | failed
      |                    |  |
      |                    |  +-> pausing -> paused -> queued
      +-> stopped <- stopping <-+
    starting/running -> lost -> queued (while attempts remain)

A guest run, whose program is not ours, begins as `starting`. It is `silent` for as long as nothing is heard
of it, whatever the reason, and runs again with its next record; a later attempt revives it from any state.
"""

from enum import StrEnum

from pydantic import BaseModel, Field


class RunState(StrEnum):
    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    COMPLETED = "completed"
    FAILED = "failed"
    LOST = "lost"
    SILENT = "silent"


FINAL = frozenset({RunState.STOPPED, RunState.COMPLETED, RunState.FAILED, RunState.LOST})
"""States a run never leaves by itself."""

ALIVE = frozenset({RunState.STARTING, RunState.RUNNING, RunState.PAUSING, RunState.STOPPING})
"""States in which a worker holds, or held until just now, the run's lease."""

GROWING = ALIVE | {RunState.SILENT}
"""States in which more may be added to a run's curves."""

STOPPABLE = frozenset(RunState) - FINAL - {RunState.STOPPING}
"""States in which a run can be ordered to stop and has not been yet."""

DELETABLE = FINAL | {RunState.PAUSED, RunState.SILENT}
"""States in which a run can be deleted."""


def _in_order(states: frozenset[RunState]) -> list[RunState]:
    return [state for state in RunState if state in states]


class StateSets(BaseModel):
    """The states of a run, and which of them mean what, for clients that are not written in Python."""

    every: list[RunState] = Field(default=list(RunState), description="all states")
    ended: list[RunState] = Field(default=_in_order(FINAL), description="the run has ended for good")
    growing: list[RunState] = Field(
        default=_in_order(GROWING),
        description="a worker, or a guest's program, may add to its curves",
    )
    stoppable: list[RunState] = Field(default=_in_order(STOPPABLE), description="the run can be stopped")
    deletable: list[RunState] = Field(default=_in_order(DELETABLE), description="the run can be deleted")
