"""Blocks and events: what goes in comes out, and nothing else is taken for one."""

import base64
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhoscope.errors import Corrupt
from rhoscope.records import Block, Event

GOLDEN = Path(__file__).parents[1] / "page" / "api" / "block.json"


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    names = draw(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=5, unique=True))
    n = draw(st.integers(1, 20))
    first = draw(st.integers(0, 2**30))
    gaps = draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))
    steps = first + np.cumsum(gaps, dtype=np.int64)
    flat = draw(st.lists(st.floats(width=32), min_size=n * len(names), max_size=n * len(names)))
    values = np.array(flat, draw(st.sampled_from(["<f4", "<f8"]))).reshape(len(names), n)
    return Block.make("r1", draw(st.integers(1, 9)), names, steps.astype("<i4"), values, (1.0, 2.0))


@given(blocks())
def test_a_block_reads_back_bit_for_bit_nan_and_infinity_included(block: Block) -> None:
    again = Block.decode(block.encode())
    assert again.header == block.header
    assert again.steps.tobytes() == block.steps.tobytes()
    assert again.values.tobytes() == block.values.tobytes()


def test_the_block_that_the_pages_tests_read_is_written_so() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    values = np.array([[float(value) for value in row] for row in golden["values"]], np.float32)
    steps = np.array(golden["steps"], np.int32)
    block = Block.make(golden["run"], golden["attempt"], golden["names"], steps, values, (1.5, 2.5))
    assert block.encode() == base64.b64decode(golden["bytes"])


@given(blocks(), st.data())
def test_a_torn_block_is_refused(block: Block, data: st.DataObject) -> None:
    whole = block.encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(Corrupt, match="does not read back"):
        Block.decode(whole[:cut])


@given(blocks())
def test_values_start_on_a_multiple_of_their_size_so_that_a_browser_maps_them_in_place(block: Block) -> None:
    data = block.encode()
    assert int.from_bytes(data[4:8], "little") % 4 == 0
    assert json.loads(data[8 : 8 + int.from_bytes(data[4:8], "little")])["n"] == len(block.steps)


def test_selecting_series_keeps_their_order_and_drops_the_rest() -> None:
    values = np.arange(6, dtype="<f4").reshape(3, 2)
    block = Block.make("r", 1, ["a", "b", "c"], np.array([4, 5], "<i4"), values, (0.0, 1.0))
    chosen = block.select(["c", "a", "nobody"])
    assert chosen is not None
    assert chosen.header.names == ["a", "c"]
    assert chosen.values.tolist() == [[0.0, 1.0], [4.0, 5.0]]
    assert block.select(["nobody"]) is None


def test_thinned_rows_say_so_after_the_wire() -> None:
    values = np.arange(4, dtype="<f4").reshape(1, 4)
    block = Block.make("r", 1, ["a"], np.arange(4, dtype="<i4"), values, (0.0, 1.0))
    thin = Block.decode(block.rows(np.array([0, 3]), thinned=True).encode())
    assert thin.header.thinned
    assert thin.steps.tolist() == [0, 3]
    assert not Block.decode(block.encode()).header.thinned


@given(st.dictionaries(st.text(min_size=1), st.floats(), max_size=5))
def test_an_event_carries_every_float_there_is(values: dict[str, float]) -> None:
    event = Event(run="r", attempt=1, kind="values", step=3, time=1.5, data={"values": values})
    again = Event.decode(event.encode()).values()
    assert again.keys() == values.keys()
    assert all(again[k] == v or (math.isnan(again[k]) and math.isnan(v)) for k, v in values.items())


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"run": "r", "kind": "party"}', b"\xff\xfe"])
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(Corrupt, match="does not read back"):
        Event.decode(data)
