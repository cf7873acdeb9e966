"""A training process that dies at any point after an order was acknowledged: the next one carries it out."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from recorded import Memory, Trained

from rhoscope.commands import Command
from rhoscope.records import Event
from trainer.attempt.controls import Controls
from trainer.checkpoints.checkpoint import Checkpoints, load
from trainer.checkpoints.storage import Folder

SPEC: dict[str, Any] = {
    "strategy": "ogm-ge",
    "dataset": "synthetic",
    "train_size": 64,
    "batch_size": 16,
    "epochs": 2,
    "device": "cpu",
    "hidden": 8,
}
pytestmark = pytest.mark.usefixtures("few_are_tested")
BEFORE = 5
"""Finished steps when the order comes: in the middle of the second epoch of four."""
ENTRY = "7-0"
Moment = Callable[[], None]


class Killed(BaseException):
    """SIGKILL, as far as this process can have it: nothing of the attempt runs after it."""


class Stream(Controls):
    """The order is there after some looks; who begins behind it sees it at once, as in Redis."""

    def __init__(self, order: Command, looks: int, moment: Moment, entry: str = ENTRY) -> None:
        super().__init__()
        self._order, self._entry, self._looks, self._moment = order, entry, looks, moment

    @property
    def attention(self) -> bool:
        self._looks -= 1
        if self._looks < 0:
            if not self._waiting and self.cursor != self._entry:
                self.add(self._order, self._entry)
            self._moment()
        return super().attention


class Witness(Memory):
    """A sink; the process may die before each of its events."""

    def __init__(self, attempt: int, moment: Moment) -> None:
        super().__init__(attempt)
        self._moment = moment

    def put(self, event: Event) -> None:
        if self.attempt == 1 and event.step >= BEFORE:
            self._moment()
        super().put(event)


ORDERS: dict[str, tuple[dict[str, Any], Callable[[dict[str, Any]], bool]]] = {
    "settings": (
        {"verb": "set", "settings": {"lr": 0.001, "alpha": 0.1}},
        lambda state: (state["settings"]["lr"], state["settings"]["alpha"]) == (0.001, 0.1),
    ),
    "a strategy": (
        {"verb": "set", "settings": {"strategy": "joint"}},
        lambda state: state["strategy"] == "joint",
    ),
    "a pause some steps on": ({"verb": "pause", "step": 7}, lambda state: state["pause_at"] == 7),
    "a checkpoint to keep": ({"verb": "keep", "step": 4}, lambda state: 4 in state["forked_at"]),
    "a checkpoint": ({"verb": "checkpoint"}, lambda state: state["step"] >= 4),
}


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_holds_wherever_training_is_killed_after_it(
    order: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields, in_force = ORDERS[order]
    command = Command.model_validate({"id": "c", "time": 0.0, **fields})
    whole = trained(command, 1, tmp_path / "whole", BEFORE)
    assert agreeing(tmp_path / "whole", in_force)
    for last in range(100):
        folder = tmp_path / str(last)
        try:
            with monkeypatch.context() as patched:
                trained(command, 1, folder, BEFORE, moments(last, patched))
            break
        except Killed:
            assert agreeing(folder, in_force, later=False), f"killed at moment {last}"
        again = trained(command, 2, folder, 0)
        assert again.outcome == whole.outcome, f"killed at moment {last}"
        assert agreeing(folder, in_force), f"killed at moment {last}"
    assert last > 5


def trained(
    command: Command, number: int, folder: Path, looks: int, moment: Moment = lambda: None
) -> Trained:
    controls = Stream(command, looks, moment)
    return Trained(SPEC, attempt=number, folder=folder, controls=controls, sink=Witness(number, moment))


def moments(last: int, patched: pytest.MonkeyPatch) -> Moment:
    """To be called whenever the process may die; the `last` time it does. Also around each checkpoint."""
    numbers, save = count(), Checkpoints.save

    def moment() -> None:
        if next(numbers) == last:
            raise Killed

    def saved(self: Checkpoints, state: dict[str, Any], step: int, *others: Any) -> Any:
        if step >= BEFORE:
            moment()
        written = save(self, state, step, *others)
        if step >= BEFORE:
            moment()
        return written

    patched.setattr(Checkpoints, "save", saved)
    return moment


def agreeing(folder: Path, in_force: Callable[[dict[str, Any]], bool], *, later: bool = True) -> bool:
    """In every checkpoint the order is in force where the cursor is behind it; in the newest it is."""
    place = Folder(folder)
    states = [load(place, name) for name in Checkpoints(place, 9).names()]
    agree = all(in_force(state) for state in states if state["cursor"] == ENTRY)
    lagging = [state for state in states if state["cursor"] != ENTRY and state["step"] > BEFORE]
    return agree and not lagging and (not later or states[0]["cursor"] == ENTRY)


def test_settings_and_cursor_of_the_checkpoint_before_a_change_are_both_old(tmp_path: Path) -> None:
    command = Command(id="c", verb="set", settings={"lr": 0.001}, time=0.0)
    trained(command, 1, tmp_path, BEFORE)
    place = Folder(tmp_path)
    states = {load(place, name)["step"]: load(place, name) for name in Checkpoints(place, 9).names()}
    assert [(states[step]["cursor"], states[step]["settings"]["lr"]) for step in (5, 8)] == [
        ("0", 0.05),
        (ENTRY, 0.001),
    ]


def test_a_pause_that_was_carried_out_is_taken_back_by_resuming_and_not_by_a_crash(tmp_path: Path) -> None:
    """Paused at step 7, but died before saying so: paused there. Resumed: trained to the end."""
    pause = Command(id="c", verb="pause", step=7, time=0.0)
    assert trained(pause, 1, tmp_path, BEFORE).outcome.state == "paused"
    crashed = Trained(SPEC, attempt=2, folder=tmp_path)
    assert (crashed.outcome.state, crashed.sink.steps()) == ("paused", [])
    resume = Stream(Command(id="d", verb="resume", time=0.0), 0, lambda: None, "8-0")
    resumed = Trained(SPEC, attempt=3, folder=tmp_path, controls=resume)
    assert (resumed.outcome.state, resumed.sink.steps()) == ("completed", [7])
