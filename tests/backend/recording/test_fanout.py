"""The audience that the fan-out knows, so that nothing is made ready for nobody."""

from entries import block, event

from backend.recording.fanout import Fanout
from backend.recording.pending import items_of
from backend.store.stream import Stored


def test_the_audience_is_known_by_run_as_long_as_it_looks_on() -> None:
    fanout = Fanout(lambda _ids: [])
    with fanout.subscribe() as one, fanout.subscribe() as other:
        one.watch("a")
        other.watch("a")
        other.watch("b")
        assert fanout.watched() == {"a", "b"}
    assert fanout.watched() == set()


def test_blocks_are_made_ready_for_those_who_watch_and_events_for_all() -> None:
    stored = [Stored(block("a", 1, 1, [0], 0.5)), Stored(event("a", 1, 2, "epoch", 1, epoch=0), 7)]
    assert [item.event for item in items_of(stored, blocks=True)] == [0, 7]
    assert [item.event for item in items_of(stored, blocks=False)] == [7]
