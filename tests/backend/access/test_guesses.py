"""Who guesses has to wait; nobody else has to, unless everybody guesses."""

import pytest

from backend.access.guesses import OF_ALL, WINDOW_S, Guesses
from rhoscope.errors import TooMany


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_after_the_limit_one_waits_a_minute_and_others_do_not() -> None:
    guesses = Guesses(3, clock := Clock())
    for _ in range(3):
        guesses.check("ann")
        guesses.wrong("ann")
    with pytest.raises(TooMany, match="wait 60 seconds"):
        guesses.check("ann")
    guesses.check("bob")
    clock.now = WINDOW_S + 0.1
    guesses.check("ann")


def test_guesses_under_ever_new_names_end_as_well_and_take_bounded_memory() -> None:
    guesses = Guesses(3, clock := Clock())
    for number in range(10 * OF_ALL):
        guesses.wrong(f"name {number}")
    with pytest.raises(TooMany):
        guesses.check("ann")
    assert len(guesses._wrong) == len(guesses._all) == OF_ALL
    clock.now = WINDOW_S + 0.1
    guesses.check("ann")
    assert len(guesses._wrong) == 0
