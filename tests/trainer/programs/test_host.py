"""The outcome of a run whose program has ended: by its exit code, what it said, and what was ordered."""

from pathlib import Path
from typing import Any, cast

import pytest

from rhoscope.tracker.launched import Launched
from trainer.attempt.controls import Controls
from trainer.programs.host import Host, Order
from trainer.programs.reports import Reports, Said


class Ended:
    """A program that has ended."""

    def __init__(self, code: int, words: str = "", terminated: bool = False) -> None:
        self._code, self._words, self.terminated = code, words, terminated

    def code(self) -> int:
        return self._code

    def last_words(self) -> str:
        return self._words


class Notes:
    """What the run's stream gets."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def event(self, _kind: str, _step: int, line: str, cause: bool) -> None:
        assert cause
        self.lines.append(line)


@pytest.mark.parametrize(
    ("child", "said", "order", "outcome"),
    [
        (Ended(0), None, "", ("completed", "")),
        (Ended(0), Said("completed", "All done."), "", ("completed", "All done.")),
        (Ended(0), Said("stopped", "Early."), "", ("stopped", "Early.")),
        (Ended(0), Said("failed", "No data."), "", ("failed", "No data.")),
        (Ended(3), Said("completed", ""), "", ("failed", "The program ended with code 3.")),
        (Ended(1, "a\nE: b"), None, "", ("failed", "The program ended with code 1: a\nE: b")),
        (Ended(-9), None, "", None),
        (Ended(-11), None, "", None),
        (Ended(137), None, "", None),
        (Ended(0), None, "stop", ("stopped", "Stopped by ann.")),
        (Ended(-15, terminated=True), None, "stop", ("stopped", "Stopped by ann.")),
        (Ended(1, terminated=True), None, "pause", ("paused", "Paused by ann.")),
        (Ended(0), None, "pause", ("paused", "Paused by ann.")),
        (Ended(1, "E"), None, "pause", ("failed", "The program ended with code 1: E")),
    ],
)
def test_the_outcome_of_a_program(
    tmp_path: Path, child: Ended, said: Said | None, order: str, outcome: tuple[str, str] | None
) -> None:
    launched, notes = Launched("a", 1, tmp_path), Notes()
    reports = Reports(launched, "w1")
    reports.said = said
    host = Host(cast("Any", child), launched, reports, cast("Any", notes), Controls())
    host.order = Order(order, "ann") if order else None
    assert host.outcome() == outcome
    assert bool(notes.lines) == (outcome is None)
