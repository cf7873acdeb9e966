"""The life of a run.

::

    queued -> starting -> running -> completed | failed
      |                    |  |
      |                    |  +-> pausing -> paused -> queued
      +-> stopped <- stopping <-+
    starting/running -> lost -> queued (while attempts remain)
"""

from enum import StrEnum


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


FINAL = frozenset({RunState.STOPPED, RunState.COMPLETED, RunState.FAILED, RunState.LOST})
"""States a run never leaves by itself."""

ALIVE = frozenset({RunState.STARTING, RunState.RUNNING, RunState.PAUSING, RunState.STOPPING})
"""States in which a worker holds, or held until just now, the run's lease."""
