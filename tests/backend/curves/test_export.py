"""A file leaves in small pieces, and its head line is one that a spreadsheet reads as it is meant."""

import csv
import io

import numpy as np
import pyarrow as pa
import pytest

from backend.curves import export

NAMES = ["loss", "a,b", 'a"b', "=1+1", "+x", "-x", "@x", "a\nb", "\tx"]


def tables(rows: int, count: int = 1) -> list[pa.Table]:
    steps = np.arange(rows, dtype=np.int32)
    curves = {name: (steps, np.full(rows, -1.5)) for name in NAMES}
    return [export.table(NAMES, curves | {"": (steps, steps.astype(float))}) for _ in range(count)]


def test_names_are_quoted_and_none_is_a_formula() -> None:
    text = b"".join(export.csv(iter(tables(2)))).decode()
    head, first, *_ = csv.reader(io.StringIO(text))
    assert head == ["step", "time", "loss", "a,b", 'a"b', "'=1+1", "'+x", "'-x", "'@x", "a\nb", "'\tx"]
    assert first == ["0", "0", *["-1.5"] * len(NAMES)]


@pytest.mark.parametrize("kind", export.WRITERS)
def test_it_leaves_in_pieces_and_is_the_same(kind: str) -> None:
    whole = b"".join(export.WRITERS[kind](iter(tables(5000, 3))))
    parts = list(export.pieces(export.WRITERS[kind](iter(tables(5000, 3)))))
    assert b"".join(parts) == whole
    assert max(map(len, parts)) <= export.PIECE_BYTES


def test_the_more_series_the_fewer_rows_at_once() -> None:
    assert export.rows_at_once(1) * 1 <= export.WINDOW_CELLS
    assert export.rows_at_once(500) * 500 <= export.WINDOW_CELLS
    assert export.rows_at_once(10**9) == 1
