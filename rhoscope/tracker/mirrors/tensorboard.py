"""TensorBoard: event files in a folder of the run's own, below the folder that is named."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rhoscope.guests import GuestSpec
from rhoscope.optional_libraries import library

FOLDER = "tensorboard"
"""Where no folder is named."""


class Mirror:
    """Scalars in single precision, as TensorBoard keeps them."""

    def __init__(self, target: str, spec: GuestSpec, attempt: int) -> None:
        files = library("tensorboard.summary.writer.event_file_writer", "tensorboard")
        self._proto: Any = library("tensorboard.compat.proto.event_pb2", "tensorboard")
        self._summary: Any = library("tensorboard.compat.proto.summary_pb2", "tensorboard").Summary
        self._resumed = attempt > 1
        self._writer: Any = files.EventFileWriter(str(Path(target or FOLDER) / spec.id))

    def write(self, step: int, when: float, values: Mapping[str, float]) -> None:
        """One event with all values of a step."""
        if self._resumed:
            self._resumed = False
            begun = self._proto.SessionLog(status=self._proto.SessionLog.START)
            # from here on TensorBoard replaces what the attempt before has written
            self._writer.add_event(self._proto.Event(wall_time=when, step=step, session_log=begun))
        each = [self._summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._writer.add_event(
            self._proto.Event(wall_time=when, step=step, summary=self._summary(value=each))
        )

    def flush(self) -> None:
        """So that TensorBoard shows it now."""
        self._writer.flush()

    def close(self, state: str) -> None:
        """TensorBoard knows no state but that it stops."""
        stopped = self._proto.SessionLog(status=self._proto.SessionLog.STOP, msg=state)
        self._writer.add_event(self._proto.Event(wall_time=time.time(), session_log=stopped))
        self._writer.close()
