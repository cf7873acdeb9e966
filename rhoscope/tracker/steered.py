"""Orders that a run gets from the page, carried out by its own program between two steps."""

import struct
import time
from typing import Any

from rhoscope.commands import Command
from rhoscope.errors import RhoscopeError
from rhoscope.guests import Numbered
from rhoscope.tracker.attempt import Attempt
from rhoscope.tracker.link import Link

LOOK_S = 0.05
FORESEEN = (
    TypeError,
    ValueError,
    OverflowError,
    AttributeError,
    RuntimeError,
    OSError,
    RhoscopeError,
    struct.error,
)
"""What a value of a user's may be the cause of."""


class Steered:
    """The part of a run that heeds orders."""

    _attempt: Attempt | None
    _launched: bool
    _stop: bool
    link: Link | None
    ended: bool

    def heed(self) -> None:
        """Carry out what was ordered; a pause lasts until it is taken back."""
        paused = False
        while self.link and self._attempt and (self.link.orders or paused) and not self.ended:
            if not self.link.orders:
                time.sleep(LOOK_S)
                continue
            order = self.link.orders.popleft()
            self._attempt.cursor = str(order.number)
            paused = self._obey(order, self._attempt, paused=paused)

    def _obey(self, order: Numbered, attempt: Attempt, *, paused: bool) -> bool:
        """Carry out one order; whether the run is paused then."""
        command = order.command
        if command.verb == "set":
            self._turn(command, attempt)
        elif command.verb == "stop" or (command.verb == "pause" and self._launched):
            self._stop = True
            return False
        elif command.verb == "pause" and not paused:
            attempt.complete()
            reason = f"Paused by {command.who or 'a user'}."
            attempt.event("finished", state="paused", reason=reason, **attempt.acknowledged())
            return True
        elif command.verb == "resume":
            attempt.declare_now()
            return False
        return paused

    def _turn(self, command: Command, attempt: Attempt) -> None:
        for name, value in command.settings.items():
            knob = attempt.knobs.get(name)
            if knob is None and self._launched:
                line = f"{name} was not changed: the program reads it only when it starts."
                attempt.event("log", line=line, **attempt.acknowledged())
            if knob is None:
                continue
            try:
                old = knob.turn(value)
            except FORESEEN as error:
                attempt.event("log", line=f"{name} was not changed: {error}", **attempt.acknowledged())
                continue
            who: dict[str, Any] = {"who": command.who, "command": command.id}
            if name == "strategy":
                attempt.strategy = str(knob.value)
            if name == "strategy" and not self._launched:  # all settings, of which the store makes the run's
                who["settings"] = attempt.spec.config | {n: one.value for n, one in attempt.knobs.items()}
            attempt.event("setting", setting=name, old=old, new=knob.value, **who, **attempt.acknowledged())
