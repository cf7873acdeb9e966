"""Loops go on whatever they meet: it is logged once, set aside, tried again, and said."""

import logging
import threading
import time
from collections.abc import Callable

import pytest
from instrument import wait_for
from redis import ConnectionError as NoRedis
from redis import ResponseError
from sqlalchemy.exc import DatabaseError, OperationalError

from backend import loops
from backend.loops import Loop, Supervised


class Counting(Supervised):
    """Turns until it is stopped; each does what it is given."""

    def __init__(self, act: Callable[[int], None]) -> None:
        super().__init__("counter")
        self.turns = 0
        self.act = act

    def turn(self) -> None:
        self.turns += 1
        self.act(self.turns)

    def rest(self, began: float, *, well: bool) -> None:
        self._ending.wait(0.001)


def fails(error: Exception, healed: threading.Event) -> Callable[[int], None]:
    def act(_turn: int) -> None:
        if not healed.is_set():
            raise error

    return act


@pytest.mark.parametrize("error", [ValueError("odd"), KeyError("c"), RecursionError(), MemoryError()])
def test_a_thread_goes_on_after_anything_and_logs_it_once(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    healed = threading.Event()
    thread = Counting(fails(error, healed))
    with caplog.at_level(logging.ERROR):
        thread.start()
        wait_for(lambda: thread.turns > 20, 20, "turns")
        assert type(error).__name__ in thread.trouble
        assert thread.loop.complaint() == thread.trouble
        healed.set()
        wait_for(lambda: not thread.trouble, 20, "a turn that ends well")
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info
    thread.stop()
    assert "not running" in thread.loop.complaint()


def test_what_is_foreseen_is_no_error_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    thread = Counting(fails(NoRedis("refused"), threading.Event()))
    thread.start()
    wait_for(lambda: thread.turns > 20, 20, "turns")
    thread.stop()
    assert thread.loop.unforeseen == 0
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_one_thing_is_set_aside_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loops, "FIRST_S", 0.1)
    loop, seen = Loop("launcher"), []

    def once() -> None:
        for run in ("a", "b", "c"):
            if loop.may(run):
                with loop.apart(run):
                    if run == "b" and len(seen) < 4:
                        raise ValueError("junk")
                    seen.append(run)

    once()
    assert seen == ["a", "c"]
    assert loop.aside == {"b": "ValueError: junk"}
    once()
    assert loop.aside == {"b": "ValueError: junk"}
    wait_for(lambda: loop.may("b"), 20, "the next try")
    once()
    assert seen[4:] == ["a", "b", "c"]
    assert loop.aside == {}
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    loop.set_aside("gone", ValueError())
    loop.keep(lambda what: what == "here")
    assert loop.aside == {}


def test_a_part_that_is_away_concerns_everybody() -> None:
    loop = Loop("recorder")
    for error in (NoRedis("gone"), ResponseError("LOADING data"), ResponseError("MISCONF disk is full")):
        assert loop.is_away(error)
        with pytest.raises(type(error)), loop.apart("run"):
            raise error
    assert loop.is_away(OperationalError("SELECT", {}, Exception("locked")))
    assert not loop.is_away(ResponseError("WRONGTYPE Operation against a key"))
    assert not loop.is_away(DatabaseError("SELECT", {}, Exception("database disk image is malformed")))
    assert loop.aside == {}


def test_a_turn_that_does_not_end_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "STUCK_S", 0.05)
    held = threading.Event()
    thread = Counting(lambda _turn: held.wait(60) and None)
    thread.start()
    wait_for(lambda: "in one turn" in thread.loop.complaint(), 20, "a stuck thread")
    held.set()
    thread.stop()
    quiet = Loop("live progress")
    time.sleep(0.06)
    assert quiet.complaint() == ""


@pytest.mark.parametrize("name", ["_stop", "join", "_bootstrap"])
def test_none_hides_what_a_thread_calls_itself(name: str) -> None:
    with pytest.raises(TypeError, match=f"hides {name} of its thread"):
        type("Odd", (Counting,), {name: lambda *_: None})
