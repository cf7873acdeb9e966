"""TensorBoard's event files. As in TensorBoard, each folder that has some is a run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rhoscope.errors import InvalidInput
from rhoscope.optional_libraries import library
from rhoscope.tracker.archives import Archive, Table, files

_PATTERN = "*tfevents*"
_FRAME = 16
"""Bytes of a record beside its event: its length and two checksums."""


def sources(path: Path) -> list[Path]:
    """The path itself if it is an event file, or all folders with some."""
    if path.is_file():
        return files(path, _PATTERN)
    return sorted({file.parent for file in files(path, _PATTERN)})


def read(source: Path) -> Archive:
    """All scalars. Of a torn file everything before the tear; a name, since no file has one, of the folder.

    Raises:
        InvalidInput: when it holds no event.
        Missing: without TensorBoard.
    """
    parts = [source] if source.is_file() else sorted(source.glob(_PATTERN))
    scalars = _Scalars()
    fault = ""
    for part in parts:
        fault = scalars.take(part) or fault
    folder = source.parent if source.is_file() else source
    if not scalars.table.rows and fault:
        raise InvalidInput(fault)
    return Archive(f"tensorboard {parts[0].name}", folder.resolve().name, scalars.table, fault=fault)


class _Scalars:
    """Numbers out of events of both generations: `simple_value`, or a tensor that is marked as a scalar."""

    def __init__(self) -> None:
        self.table = Table()
        self._marked: set[str] = set()
        self._event: Any = library("tensorboard.compat.proto.event_pb2", "tensorboard")
        self._loader: Any = library("tensorboard.backend.event_processing.event_file_loader", "tensorboard")
        self._unreadable: Any = library("google.protobuf.message", "tensorboard").DecodeError
        self._array: Any = library("tensorboard.util.tensor_util", "tensorboard").make_ndarray

    def take(self, path: Path) -> str:
        """One file; why not all of it, if so."""
        used = 0
        try:
            size = path.stat().st_size
            for record in self._loader.RawEventFileLoader(str(path)).Load():
                self._add(self._event.Event.FromString(record))
                used += len(record) + _FRAME
        except (OSError, ValueError, TypeError, self._unreadable) as error:
            return f"{path} does not read back ({' '.join(str(error).split())[:200]})."
        whole = used == size
        return "" if whole else f"{path} is torn or no event file: it reads up to byte {used:,} of {size:,}."

    def _add(self, event: Any) -> None:
        log = self._event.SessionLog
        if event.HasField("session_log") and event.session_log.status == log.START and event.step:
            self.table.cut(event.step)
        for value in event.summary.value:
            for number in self._numbers(value):
                self.table.add(event.step, event.wall_time, value.tag, number)

    def _numbers(self, value: Any) -> Iterator[float]:
        if value.metadata.plugin_data.plugin_name == "scalars":
            self._marked.add(value.tag)
        kind = value.WhichOneof("value")
        if kind == "simple_value":
            yield value.simple_value
        elif kind == "tensor" and value.tag in self._marked:
            array = self._array(value.tensor)
            if array.size == 1:
                yield float(array.item())
