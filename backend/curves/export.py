"""A run's every value as a file, written piece by piece."""

import io
from collections.abc import Callable, Iterator, Sequence
from csv import writer
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from backend.store.rows import CLOCK, Curve

WINDOW_CELLS = 2**17
"""About as many values are read and written at once, whatever the number of series."""
PIECE_BYTES = 65_536
"""Largest piece of a file: the rest of what nobody reads is not even made."""
JSON_ROWS = 256
GUARDED = ("=", "+", "-", "@", "\t", "\r")
"""A cell of text that begins so would be a formula to a spreadsheet."""
_TEXTS = {np.inf: "Infinity", -np.inf: "-Infinity"}


def table(names: Sequence[str], curves: dict[str, Curve]) -> pa.Table:
    """One row per step that has any value: `step`, `time` (Unix seconds, interpolated) and the series."""
    steps = np.unique(np.concatenate([np.empty(0, np.int64), *(curves[name][0] for name in names)]))
    columns: dict[str, Any] = {"step": pa.array(steps, pa.int64()), "time": _times(steps, curves[CLOCK])}
    for name in names:
        columns[name] = _column(steps, curves[name])
    return pa.table(columns)


def _times(steps: Any, clock: Curve) -> pa.Array:
    if not len(clock[0]):
        return pa.nulls(len(steps), pa.float64())
    return pa.array(np.interp(steps, clock[0], clock[1]), pa.float64())


def _column(steps: Any, curve: Curve) -> pa.Array:
    values, missing = np.zeros(len(steps)), np.ones(len(steps), bool)
    places = np.searchsorted(steps, curve[0])
    values[places], missing[places] = curve[1], False
    return pa.array(values, pa.float64(), mask=missing)


def csv(tables: Iterator[pa.Table]) -> Iterator[bytes]:
    """Comma-separated, one head line; missing values are empty, NaN is `NaN`."""
    options = pa.csv.WriteOptions(include_header=False)
    for number, piece in enumerate(tables):
        if number == 0:
            yield head(piece.column_names).encode()
        sink = io.BytesIO()
        pa.csv.write_csv(piece, sink, options)
        yield sink.getvalue().replace(b"nan", b"NaN")


def head(names: Sequence[str]) -> str:
    """The head line: names quoted where they need it, none of them a formula.

    >>> print(head(["step", "a,b", "=1+1"]).strip())
    step,"a,b",'=1+1
    """
    line = io.StringIO()
    guarded = (f"'{name}" if name.startswith(GUARDED) else name for name in names)
    writer(line, lineterminator="\n").writerow(guarded)
    return line.getvalue()


def pieces(file: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, at most `PIECE_BYTES` at a time."""
    for data in file:
        for start in range(0, len(data), PIECE_BYTES):
            yield data[start : start + PIECE_BYTES]
    pa.default_memory_pool().release_unused()


def rows_at_once(series: int) -> int:
    """Number of rows of that many series that are read and written at once."""
    return max(1, WINDOW_CELLS // max(1, series))


def jsonl(tables: Iterator[pa.Table]) -> Iterator[bytes]:
    """One JSON object per step; missing values are left out, non-finite ones are texts."""
    for piece in tables:
        for part in piece.to_batches(max_chunksize=JSON_ROWS):
            yield b"".join(
                orjson.dumps(_present(row), option=orjson.OPT_APPEND_NEWLINE) for row in part.to_pylist()
            )


def parquet(tables: Iterator[pa.Table]) -> Iterator[bytes]:
    """One row group per piece."""
    sink, file = _Drain(), None
    for piece in tables:
        file = file or pa.parquet.ParquetWriter(sink, piece.schema, compression="zstd")
        file.write_table(piece)
        yield sink.take()
    if file:
        file.close()
    yield sink.take()


def arrow(tables: Iterator[pa.Table]) -> Iterator[bytes]:
    """An Arrow stream, one batch per piece; missing is null."""
    sink, file = _Drain(), None
    for piece in tables:
        file = file or pa.ipc.new_stream(sink, piece.schema)
        file.write_table(piece)
        yield sink.take()
    if file:
        file.close()
    yield sink.take()


WRITERS: dict[str, Callable[[Iterator[pa.Table]], Iterator[bytes]]] = {
    "csv": csv,
    "jsonl": jsonl,
    "parquet": parquet,
    "arrow": arrow,
}


def _present(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items() if value is not None}


def _value(value: Any) -> Any:
    return value if np.isfinite(value) else _TEXTS.get(value, "NaN")


class _Drain(io.RawIOBase):
    """A file that is read while it is written; its position goes on counting."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._written += len(self._parts[-1])
        return len(self._parts[-1])

    def take(self) -> bytes:
        """Everything written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)
