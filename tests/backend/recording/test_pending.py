"""What waits for one live connection: everything in order, bounded; a slow one gets fewer rows."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.recording import pending
from backend.recording.pending import MOST_EVENTS, MOST_ROWS, Item, Pending
from rhoscope.records import Block, Event


def item(seq: int, first: int, n: int = 1, value: float = 0.0, *names: str) -> Item:
    steps = np.arange(first, first + n, dtype=np.int32)
    names = names or ("loss",)
    values = np.full((len(names), n), value, np.float32)
    block = Block.make("r", 1, list(names), steps, values, (0.0, 1.0))
    return Item((1, seq), block.encode(), block)


def happened(seq: int, number: int, **data: Any) -> Item:
    event = Event(run="r", attempt=1, kind="log", step=0, time=0.0, data=data)
    return Item((1, seq), event.encode(), None, number)


def blocks(pending: Pending) -> list[Block]:
    return [Block.decode(message) for message in pending.take() if isinstance(message, bytes)]


def test_nothing_is_given_before_it_is_known_what_the_store_gave() -> None:
    pending = Pending(None)
    pending.add([item(1, 0), item(2, 1), happened(3, 7), happened(4, 8)])
    assert pending.take() == []
    pending.begin((1, 1), 7)
    first, second = pending.take()
    assert Block.decode(first).steps.tolist() == [1] if isinstance(first, bytes) else False
    assert '"kind":"log"' in str(second)


@given(st.lists(st.integers(1, 50), max_size=30))
def test_adjacent_blocks_leave_as_one_with_every_row(sizes: list[int]) -> None:
    pending, first = Pending(None), 0
    pending.begin((0, 0), 0)
    for seq, n in enumerate(sizes, 1):
        pending.add([item(seq, first, n)])
        first += n
    given = blocks(pending)
    assert len(given) == min(1, len(sizes))
    assert [step for block in given for step in block.steps] == list(range(first))


def test_an_event_keeps_its_place_between_blocks() -> None:
    pending = Pending(None)
    pending.begin((0, 0), 0)
    pending.add([item(1, 0), happened(2, 1), item(3, 1)])
    assert [isinstance(message, bytes) for message in pending.take()] == [True, False, True]


def test_only_the_wanted_series_leave() -> None:
    pending = Pending(frozenset({"k"}))
    pending.begin((0, 0), 0)
    pending.add([item(1, 0, 2, 1.0, "loss", "k"), item(2, 2, 1, 1.0, "loss")])
    (block,) = blocks(pending)
    assert block.header.names == ["k"]
    assert block.steps.tolist() == [0, 1]


def test_a_client_that_takes_nothing_costs_bounded_memory_and_still_sees_the_spike() -> None:
    pending = Pending(None)
    pending.begin((0, 0), 0)
    for seq in range(1, 2001):
        pending.add([item(seq, 20 * seq, 20, value=9.0 if seq == 777 else 0.1 * (seq % 3))])
        assert sum(i.block.header.n for i in pending._items if i.block) <= 2 * MOST_ROWS
    given = blocks(pending)
    assert sum(block.header.n for block in given) <= 2 * MOST_ROWS
    assert any(9.0 in block.values for block in given)
    assert any(block.header.thinned for block in given)
    assert not pending.overflown


def test_too_many_events_ask_for_a_new_connection() -> None:
    pending = Pending(None)
    pending.begin((0, 0), 0)
    pending.add([happened(n, n) for n in range(1, MOST_EVENTS + 2)])
    assert pending.overflown


def test_what_is_kept_before_a_connection_has_caught_up_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "MOST_BYTES", 1000)
    waits = Pending(None)
    for number in range(100):
        waits.add([Item((1, number), b"x" * 100, None, number)])
    assert waits.overflown
    assert waits._items == []
