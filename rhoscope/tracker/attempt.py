"""One process's share of a guest run: what it declares, what it logs, what it has been ordered."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rhoscope.facts import Facts
from rhoscope.guests import GuestSpec
from rhoscope.media import Item
from rhoscope.records import Event
from rhoscope.series import LAST_STEP, Series
from rhoscope.texts import cleaned, fault
from rhoscope.tracker.composition import EVERYTHING
from rhoscope.tracker.journal import Journal
from rhoscope.tracker.knobs import Knob

IDLE_S = 2.0
"""A step is taken to be complete when the next one begins, or when nothing was logged for so long."""
MOST_SERIES = 2000
MEDIA = "media"
"""The folder of a run that holds its items, each under its digest."""
MOST_MEDIA = 512 * 2**20
"""Bytes of items that one process keeps."""


class Attempt:
    """Writes rows and events into the attempt's journal. Safe for threads.

    Series, live settings and modalities go out with a `started` event, again whenever they have changed. In a
    resumed run the first one waits for the first step, from which on rows are replaced.
    """

    def __init__(self, spec: GuestSpec, number: int, path: Path, facts: Facts) -> None:
        """Raises: OSError, when the journal can't be made."""
        self.spec, self.number, self.path = spec, number, path
        self.step = -1
        self.strategy = spec.strategy
        self.modalities = list(spec.modalities)
        self.device = ""
        self.knobs: dict[str, Knob] = {}
        self.config: dict[str, Any] = {}
        self.pending_from: int | None = None
        self.cursor = ""
        self.journal = Journal(path)
        self._facts, self._begun, self._unsaid = facts, False, True
        self._series: dict[str, Series] = {series.name: series for series in spec.series}
        self._known: set[tuple[str, ...]] = set()
        self._changed = True
        self._late = False
        self._horizon = -1
        self._kept = 0
        self._logged = time.monotonic()
        if number == 1:
            self.declare_now()

    @property
    def trouble(self) -> str:
        """Why the disk takes nothing at present."""
        return self.journal.trouble

    def row(
        self, names: tuple[str, ...], step: int, values: Sequence[float], when: float | None = None
    ) -> None:
        """A row, or a part of one.

        Raises:
            ValueError, TypeError: when something in it is no number or no step.
        """
        if names not in self._known:
            self._learn(names)
        if not 0 <= step < LAST_STEP:
            raise ValueError(f"step {step} is out of range; expected 0 to {LAST_STEP - 1}")
        if step > self.step:
            self.step = step
            if not self._begun:
                self.declare_now()
        elif step <= self._horizon:
            self._late = True
        self._logged = time.monotonic()
        self.journal.row(names, step, time.time() if when is None else when, values)

    def declare(self, series: Sequence[Series]) -> None:
        """Describe series better than their bare names do."""
        self._series |= {one.name: one for one in series}
        self._changed = True

    def touch(self) -> None:
        """Something that is declared has changed."""
        self._changed = True

    def note(self, **facts: Any) -> None:
        """Facts that are known only now; they are sent with the next `started` event."""
        self._facts = self._facts.model_copy(update=facts)
        self._unsaid = self._changed = True

    def keep(self, item: Item, data: bytes, step: int) -> None:
        """Keep an item's bytes in a file of their own, and note it.

        Raises:
            ValueError: when the run has too many, or the step is none.
            OSError: when the disk takes nothing.
        """
        if not 0 <= step < LAST_STEP:
            raise ValueError(f"step {step} is out of range; expected 0 to {LAST_STEP - 1}")
        path = self.path.parent / MEDIA / item.digest
        if not path.exists():
            if self._kept + len(data) > MOST_MEDIA:
                raise ValueError(f"this process has kept {MOST_MEDIA // 2**20} MiB of media already")
            path.parent.mkdir(exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(data)
            part.replace(path)
            self._kept += len(data)
        self.event("media", step, **item.model_dump())

    def saved(self, step: int, **data: Any) -> None:
        """A checkpoint from which `step` is the next one: all rows before it go first."""
        self._cut(step - 1)
        self.event("checkpoint", step, **data)

    def event(self, kind: str, at: int | None = None, /, **data: Any) -> None:
        """Something that happened now, after the present step, or at another one."""
        step = max(0, self.step + 1) if at is None else at
        fields = {
            "run": self.spec.id,
            "attempt": self.number,
            "kind": kind,
            "step": step,
            "time": time.time(),
        }
        self.journal.event(Event.model_validate({**fields, "data": cleaned(data)}).encode())

    def tick(self) -> None:
        """Four times a second: send off what is complete."""
        if self._changed and self._begun:
            self.declare_now()
        idle = time.monotonic() - self._logged > IDLE_S
        horizon = self.step if idle else self.step - 1
        if self.pending_from is not None:
            horizon = min(horizon, self.pending_from - 1)
        if horizon > self._horizon or (self._late and horizon >= 0):
            self._cut(horizon)

    def complete(self) -> None:
        """All rows are there."""
        if self._changed and self._begun:
            self.declare_now()
        self._cut(EVERYTHING)

    def declare_now(self) -> None:
        """Send series, settings, and facts as a `started` event."""
        self._changed, self._begun = False, True
        data: dict[str, Any] = {
            "worker": self._facts.host,
            "device": self.device,
            "modalities": self.modalities,
            "start_step": max(0, self.step),
            "series": [series.model_dump() for series in self._series.values()],
            "settings": self.config | {name: knob.value for name, knob in self.knobs.items()},
            "live": {name: knob.schema for name, knob in self.knobs.items()},
            "strategy": self.strategy,
        }
        if self._unsaid:
            data["facts"], self._unsaid = self._facts.model_dump(), False
        self.event("started", **data | self.acknowledged())

    def acknowledged(self) -> dict[str, Any]:
        """The number of the last order that was carried out, for an event's data."""
        return {"cursor": self.cursor} if self.cursor else {}

    def close(self) -> None:
        """Take nothing more."""
        self.journal.close()

    def _learn(self, names: tuple[str, ...]) -> None:
        if not all(isinstance(name, str) and 0 < len(name) <= 200 for name in names):
            raise TypeError("names of values are texts of 1 to 200 characters")
        if words := next(filter(None, map(fault, names)), ""):
            raise ValueError(words)
        new = [name for name in names if name not in self._series]
        if len(self._series) + len(new) > MOST_SERIES:
            raise ValueError(f"more than {MOST_SERIES} different series")
        for name in new:
            self._series[name] = Series(
                name=name, title=name, unit="1", formula=name, help="Logged by the run's own program."
            )
        self._changed = self._changed or bool(new)
        self._known.add(names)

    def _cut(self, horizon: int) -> None:
        self._horizon = max(self._horizon, min(horizon, self.step))
        self._late = False
        self.journal.cut(horizon)
