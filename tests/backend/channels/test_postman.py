"""What happened reaches every channel that wants it: in order, nothing lost, old news never."""

from collections.abc import Iterator

import pytest
from letterbox import Letterbox, letterbox

from backend.channels.postman import Postman
from backend.store import Store, alerts, channels, events, runs
from rhoscope.alerts import AlertRule
from rhoscope.channels import NewChannel
from rhoscope.records import Event
from rhoscope.spec import RunSpec


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as box:
        yield box


def add(store: Store, box: Letterbox, *occasions: str) -> str:
    new = NewChannel.model_validate({"name": "hook", "address": box.address, "occasions": occasions})
    with store.writing() as db:
        return channels.add(db, new).id


def end(store: Store, name: str, state: str = "failed", reason: str = "") -> None:
    with store.writing() as db:
        run = runs.create(db, RunSpec(name=name), {})
        data = {"state": state, "reason": reason}
        events.add(db, Event(run=run, attempt=1, kind="finished", step=1234, time=0.0, data=data))


def deliver(store: Store, *, passes: int = 3) -> Postman:
    postman = Postman(store)
    for _ in range(passes):
        postman.turn()
    return postman


def test_an_end_is_one_message_with_its_reason(store: Store, box: Letterbox) -> None:
    add(store, box, "failed")
    end(store, "first", reason="The loss is not a number.")
    deliver(store)
    (message,) = box.messages
    assert message["title"] == "rhoscope: first failed"
    assert message["message"].startswith("first (")
    assert message["message"].endswith(") failed at step 1,234: The loss is not a number.")


def test_an_alert_says_its_rule_and_its_value(store: Store, box: Letterbox) -> None:
    add(store, box, "alert")
    with store.writing() as db:
        run = runs.create(db, RunSpec(name="first"), {})
        rule = alerts.create(db, AlertRule(series="rho.a", condition="above", threshold=3))
        fired = alerts.fire(db, rule, "rho.a", run=run, attempt=1, step=7, value=3.5)
        events.add(db, Event(run=run, attempt=1, kind="alert", step=7, time=0.0, data=fired.data()))
    deliver(store)
    (message,) = box.messages
    assert message["title"] == "rhoscope: alert for first"
    assert message["message"] == f"first ({run}): rho.a above 3 at step 7, value 3.5"


def test_only_what_a_channel_wants_and_only_what_is_new(store: Store, box: Letterbox) -> None:
    end(store, "before")
    add(store, box, "failed", "lost")
    for state in ("completed", "stopped", "paused", "lost"):
        end(store, state, state)
    deliver(store)
    assert [message["title"] for message in box.messages] == ["rhoscope: lost lost"]


def test_a_state_that_the_back_end_decides_counts_as_well(store: Store, box: Letterbox) -> None:
    add(store, box, "stopped")
    with store.writing() as db:
        run = runs.get(db, runs.create(db, RunSpec(name="first"), {}))
        runs.move(db, run, type(run.state)("stopped"), "Stopped by ann.")
    deliver(store)
    assert box.messages[0]["message"].endswith("stopped at step 0: Stopped by ann.")


def test_much_at_once_is_one_message(store: Store, box: Letterbox) -> None:
    add(store, box, "failed")
    for number in range(25):
        end(store, f"run {number}")
    deliver(store)
    (message,) = box.messages
    assert message["title"] == "rhoscope: 25 runs ended"
    lines = message["message"].splitlines()
    assert len(lines) == 21
    assert lines[-1] == "and 5 more"


def test_what_is_not_taken_is_sent_again_after_a_restart_too(store: Store, box: Letterbox) -> None:
    channel = add(store, box, "failed")
    box.well = False
    end(store, "first")
    postman = deliver(store)
    assert box.refused == 1  # it is left alone for a while
    assert channel in postman.loop.aside
    with store.reading() as db:
        assert "did not take the message" in channels.get(db, channel).problem
    box.well = True
    end(store, "second")
    deliver(store)
    (message,) = box.messages
    assert [line.split()[0] for line in message["message"].splitlines()] == ["first", "second"]
    with store.reading() as db:
        kept = channels.get(db, channel)
    assert kept.problem == ""
    assert kept.sent is not None


def test_one_that_fails_does_not_hold_up_another(store: Store, box: Letterbox) -> None:
    with letterbox() as broken:
        broken.well = False
        add(store, broken, "failed")
        add(store, box, "failed")
        end(store, "first")
        deliver(store)
    assert len(box.messages) == 1


def test_nothing_is_sent_twice_and_nothing_while_it_is_off(store: Store, box: Letterbox) -> None:
    channel = add(store, box, "failed")
    end(store, "first")
    deliver(store)
    with store.writing() as db:
        channels.edit(db, channel, {"enabled": False})
    end(store, "second")
    deliver(store)
    with store.writing() as db:
        channels.edit(db, channel, {"enabled": True})
    end(store, "third")
    deliver(store)
    assert [message["title"] for message in box.messages] == [
        "rhoscope: first failed",
        "rhoscope: third failed",
    ]
