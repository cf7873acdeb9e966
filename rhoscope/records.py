r"""Step records on the wire: blocks of dense rows and sparse events, the same bytes from worker to browser.

A block is little-endian::

    bytes 0-3    "RB1\n"
    bytes 4-7    u32: length H of the header, a multiple of 4; of 8 in a wide block
    next H       the header, JSON padded with spaces: BlockHeader
    next 4 n     i32 steps[n], ascending
    next 4 c n   f32 values[c][n], one series after the other, in the order of header.names

A wide block (`header.wide`), which guests send, has i64 steps and f64 values instead.

Missing is never NaN: a series that has no value at a step is not in that step's block. NaN is a finding.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from rhoscope.errors import Corrupt

MAGIC = b"RB1\n"

_DTYPES: dict[int, tuple[np.dtype[Any], np.dtype[Any]]] = {
    4: (np.dtype("<i4"), np.dtype("<f4")),
    8: (np.dtype("<i8"), np.dtype("<f8")),
}
"""Of steps and values, by the bytes of one number."""

EventKind = Literal[
    "started",
    "values",
    "table",
    "samples",
    "example",
    "epoch",
    "setting",
    "checkpoint",
    "finished",
    "lost",
    "state",
    "log",
    "console",
    "media",
    "alert",
    "order",
]


@dataclass(slots=True)
class BlockHeader:
    """Which run and attempt, which columns, how many rows, when the first and last were taken.

    `times` are Unix seconds of the first and last row; `thinned` says that rows were left out for a slow
    client, and is never so in the store; `wide` means int64 steps and float64 values.
    """

    run: str
    attempt: int
    names: list[str]
    n: Annotated[int, Field(ge=1)]
    times: tuple[float, float]
    thinned: bool = False
    wide: bool = False

    @property
    def size(self) -> int:
        """Bytes of one number."""
        return 8 if self.wide else 4


_HEADER = TypeAdapter(BlockHeader)
"""Reads and writes headers; a plain class is made in a fraction of the time that a model takes."""


class Block:
    """Consecutive rows of dense series: `steps` int32 [n], `values` float32 [c, n], or both 64 bits wide."""

    def __init__(self, header: BlockHeader, steps: NDArray[Any], values: NDArray[Any]) -> None:
        self.header = header
        self.steps = steps
        self.values = values

    @classmethod
    def make(
        cls,
        run: str,
        attempt: int,
        names: list[str],
        steps: NDArray[Any],
        values: NDArray[Any],
        times: tuple[float, float],
    ) -> "Block":
        """A block of rows; `values` is [c, n], c = len(names). It is wide if they are float64.

        Raises: ValueError, without a row.
        """
        if not len(steps):
            raise ValueError("A block has at least one row.")
        seconds = (float(times[0]), float(times[1]))
        header = BlockHeader(
            run, int(attempt), names, len(steps), seconds, wide=bool(values.dtype == np.float64)
        )
        whole, real = _DTYPES[header.size]
        return cls(header, np.ascontiguousarray(steps, whole), np.ascontiguousarray(values, real))

    def encode(self) -> bytes:
        """The wire format of this module's docstring."""
        head = _HEADER.dump_json(self.header, exclude_defaults=True)
        head += b" " * (-len(head) % self.header.size)
        size = len(head).to_bytes(4, "little")
        return b"".join((MAGIC, size, head, self.steps.tobytes(), self.values.tobytes()))

    @classmethod
    def decode(cls, data: bytes) -> "Block":
        """The block in `data`.

        Raises:
            Corrupt: when the bytes are not one whole block.
        """
        try:
            if data[:4] != MAGIC:
                raise ValueError("it does not start with RB1")
            start = 8 + int.from_bytes(data[4:8], "little")
            header = _HEADER.validate_json(data[8:start])
            n, c, size = header.n, len(header.names), header.size
            if len(data) != start + size * n * (c + 1):
                raise ValueError(f"it holds {len(data)} bytes, not {start + size * n * (c + 1)}")
        except ValueError as error:
            raise Corrupt(f"A block of {len(data)} bytes does not read back: {error}.") from error
        whole, real = _DTYPES[size]
        steps = np.frombuffer(data, whole, n, start)
        values = np.frombuffer(data, real, n * c, start + size * n).reshape(c, n)
        return cls(header, steps, values)

    def select(self, names: list[str]) -> "Block | None":
        """Only these columns, or None when it has none of them."""
        kept = [i for i, name in enumerate(self.header.names) if name in set(names)]
        if not kept:
            return None
        header = replace(self.header, names=[self.header.names[i] for i in kept])
        return Block(header, self.steps, np.ascontiguousarray(self.values[kept]))

    def rows(self, keep: NDArray[np.intp], *, thinned: bool = False) -> "Block":
        """Only these rows (ascending positions, at least one)."""
        header = replace(self.header, n=len(keep), thinned=self.header.thinned or thinned)
        return Block(header, self.steps[keep].copy(), np.ascontiguousarray(self.values[:, keep]))


class Event(BaseModel):
    """Something that happened at a step; non-finite numbers travel as "NaN", "Infinity", "-Infinity".

    `data` by kind:

    - started: worker, device, modalities, start_step, total_steps, epochs, steps_per_epoch,
      series (expanded declarations), parameters (count by modality), settings (all in force), facts
      (`rhoscope.facts.Facts`); of a guest also live (JSON Schema of each setting that can be changed)
    - values: values {series name: number}, the sparse series
    - table: name, epoch, rows, columns, values: `rhoscope.tables.Table`
    - samples: epoch, names, labels, together, alone: `rhoscope.samples.Samples`, one validation
    - example: name, parts: `rhoscope.samples.Example`, how one is shown; the store keeps bytes apart
    - epoch: epoch (the one that ended, from 0)
    - setting: setting, old, new, who, command; of the strategy also before and settings, all values
    - checkpoint: path, sha256, bytes, kept (names of all checkpoint files there are now)
    - finished: state (completed | failed | stopped | paused), reason
    - lost, state, log: reason | state | line
    - media: name, kind, digest, caption: `rhoscope.media.Item`, at its own step
    - console: lines, what a guest's program printed; the store keeps the newest
    - order: order (what was ordered, in words), who; written by the back end for users that it knows
    - alert: alert (its id), words, series, value; written by the back end, never by a worker
    """

    model_config = ConfigDict(ser_json_inf_nan="strings")

    run: str
    attempt: int
    kind: EventKind
    step: int = Field(description="the next step to be taken when it happened")
    time: float = Field(description="Unix seconds")
    data: dict[str, Any] = {}

    def encode(self) -> bytes:
        return self.model_dump_json().encode()

    @classmethod
    def decode(cls, data: bytes) -> "Event":
        """Raises: Corrupt, when the bytes are not one event."""
        try:
            return cls.model_validate_json(data)
        except ValueError as error:
            raise Corrupt(f"An event of {len(data)} bytes does not read back: {error}") from error

    def values(self) -> dict[str, float]:
        """The numbers of a `values` event; "NaN" and "Infinity" read back as such."""
        return {name: float(value) for name, value in self.data.get("values", {}).items()}
