"""What events make of a run's row."""

from typing import Any

import pytest

from backend.store import progress
from rhoscope.records import Event, EventKind


def row(**changes: Any) -> dict[str, Any]:
    whole = {"state": "running", "reason": "", "step": 0, "settings": {}, "strategy": "ogm", "started": 1.0}
    whole |= {"worker": "", "device": "", "series": [], "epoch": 0, "course": {}, "rows_time": 0.0}
    return {**whole, "training_since": None, "trained_s": 0.0, **changes}


def event(kind: EventKind, step: int, **data: Any) -> Event:
    return Event(run="a", attempt=1, kind=kind, step=step, time=1.0, data=data)


@pytest.mark.parametrize(
    "last_event",
    [
        event("finished", 690, state="completed"),
        event("finished", 690, state="paused"),
        event("epoch", 690, epoch=29),
    ],
)
def test_the_step_is_true_where_only_every_third_row_is_logged(last_event: Event) -> None:
    last = row(step=688)
    progress.after_event(last, last_event)
    assert last["step"] == 690


def test_settings_are_those_that_train_whatever_was_said_before() -> None:
    """The attempt that said 0.001 died before a checkpoint held it; the next one begins with 0.05."""
    before = row(settings={"lr": 0.001, "only": "here"}, strategy="joint")
    progress.after_event(before, event("started", 8, settings={"lr": 0.05}, strategy="ogm-ge"))
    assert before["settings"] == {"lr": 0.05, "only": "here"}
    assert before["strategy"] == "ogm-ge"
    steered = row(strategy="steered: ogm → joint", course={"strategy": "steered: ogm → joint"})
    progress.after_event(steered, event("started", 8, settings={}, strategy="joint"))
    assert steered["strategy"] == "steered: ogm → joint"
