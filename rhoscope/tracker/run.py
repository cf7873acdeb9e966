"""A guest run as its program sees it: nothing here raises into a training loop, or makes it wait unasked."""

import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Literal, Protocol

from rhoscope.series import Series
from rhoscope.tracker.attempt import Attempt
from rhoscope.tracker.checkpoints import Saved
from rhoscope.tracker.console import Console, portions
from rhoscope.tracker.examples import Previews
from rhoscope.tracker.knobs import Knob
from rhoscope.tracker.launched import RESUME_FROM, Launched
from rhoscope.tracker.link import Link, Warnings, log
from rhoscope.tracker.lock import Lock
from rhoscope.tracker.reflection import Reflection, ended
from rhoscope.tracker.showing import Showing
from rhoscope.tracker.steered import FORESEEN, Steered

FAREWELL_S = 5.0
"""How long an ending program waits for its last records to be sent."""
State = Literal["completed", "failed", "stopped"]


class Arriving(Protocol):
    """Rows on their way from a device."""

    first_step: int

    def ready(self) -> bool:
        """Whether `write` need not wait."""

    def write(self, attempt: Attempt) -> None:
        """Append the rows."""


class Run(Showing, Steered):
    """The run that `rhoscope.init` begins. One per process; in a forked child it does nothing."""

    def __init__(self, attempt: Attempt | None, link: Link | None, warn: Warnings) -> None:
        """Without an attempt it does nothing at all."""
        self._attempt, self.link, self._warn = attempt, link, warn
        self._stop = False
        self._next = 0
        self.ended = attempt is None
        self._saved = Saved(attempt.path.parent) if attempt else None
        self._launched = Launched.present() is not None
        self._arriving: deque[Arriving] = deque()
        self.mirrors: Sequence[Reflection] = ()
        self._endings: list[Callable[[], None]] = []
        self._console: Console | None = None
        self._previews = Previews()
        self.flushes: list[Callable[[], None]] = []
        """What gathers rows, and hands them on when it is called."""

    @property
    def id(self) -> str:
        """The run's id, as in its address on the page; empty where nothing is recorded."""
        return self._attempt.spec.id if self._attempt else ""

    @property
    def folder(self) -> str:
        """The folder of its files, for `rhoscope sync`; empty where nothing is recorded."""
        return str(self._attempt.path.parent) if self._attempt else ""

    @property
    def step(self) -> int:
        """The last step that was logged; -1 before the first."""
        return self._attempt.step if self._attempt else -1

    @property
    def should_stop(self) -> bool:
        """Whether somebody ordered the run to stop: leave the loop, then."""
        self.heed()
        return self._stop

    def log(self, values: Mapping[str, Any], step: int | None = None) -> None:
        """Record numbers by name: plain ones, or 0-D tensors of any device.

        Without `step` each call is the next one. What is logged for the same step is one row. It is in a file
        when this returns; a value on a GPU soon after, since nothing waits for it.
        """
        attempt = self._attempt
        if attempt is None or self.ended:
            return
        try:
            number = self._next if step is None else int(step)
            numbers = [value.detach() if hasattr(value, "detach") else value for value in values.values()]
            if any(getattr(value, "is_cuda", False) for value in numbers):
                self._defer(tuple(values), number, numbers)
            else:
                attempt.row(tuple(values), number, numbers)
            self._next = max(self._next, number + 1)
        except FORESEEN as error:
            self._warn(f"something logged was no number or no step ({error}) and is left out", "logging")
        if self.link and self.link.orders:
            self.heed()

    def knob(self, name: str, default: Any, *, help: str = "", **limits: float) -> Knob:
        """A setting of your own that is turned from the page; call it to read it.

        `limits` are `ge`, `gt`, `le` and `lt`. The type is that of `default`.
        """
        try:
            knob = Knob(name, default, help=help, choices=(), **limits)
        except FORESEEN as error:
            self._warn(f"the knob '{name}' can't be offered ({error}); it keeps its value")
            knob = Knob(name, 0.0)
            knob.value = default
            return knob
        self.offer([knob])
        return knob

    def offer(self, knobs: Sequence[Knob]) -> None:
        """Let these be turned from the page."""
        if self._attempt:
            self._attempt.knobs |= {knob.name: knob for knob in knobs}
            self._attempt.touch()

    def declare(
        self,
        series: Sequence[Series] = (),
        modalities: Sequence[str] = (),
        strategy: str = "",
        device: str = "",
        order: str = "",
        config: Mapping[str, Any] | None = None,
    ) -> None:
        """Describe what will be logged; `order`: whether gradients are modulated before or after clipping.

        `config`: settings of the program, as JSON values, that `rhoscope.init` was not given.
        """
        if self._attempt is None:
            return
        self._attempt.declare(series)
        self._attempt.modalities = list(modalities) or self._attempt.modalities
        self._attempt.strategy = strategy or self._attempt.strategy
        self._attempt.device = device or self._attempt.device
        if order:
            self._attempt.note(order=order)
        if config:
            self._attempt.config |= config
            self._attempt.touch()

    @property
    def resume_from(self) -> str:
        """The checkpoint that this program is to go on from; empty: begin at the beginning."""
        return os.environ.get(RESUME_FROM, "")

    def checkpoint(self, path: str | os.PathLike[str], step: int | None = None) -> None:
        """Note a checkpoint that the program has saved: a file, a folder, or an address such as s3://...

        `step` is the one that comes next when the program goes on from there; by default the one after the
        last that was logged. A run that was launched can then be paused, forked, and started again after a
        crash: with RHOSCOPE_RESUME_FROM in the environment, which `resume_from` reads.
        """
        attempt = self._attempt
        if attempt is None or self._saved is None or self.ended:
            return
        try:
            for flush in self.flushes:
                flush()
            self._resolve(wait=True)
            number = attempt.step + 1 if step is None else int(step)
            attempt.saved(number, **self._saved.note(os.fspath(path), number), **attempt.acknowledged())
        except FORESEEN as error:
            self._warn(f"the checkpoint {path} is not noted ({error})", "checkpoint")

    def finish(self, state: State = "completed", reason: str = "") -> None:
        """End the run and send what is left, for at most five seconds. Harmless to repeat."""
        attempt = self._attempt
        if attempt is None or self.ended:
            return
        for end in self._endings:
            end()
        self._print(whole=True)
        self.ended = True
        self._resolve(wait=True)
        attempt.complete()
        attempt.event("finished", state=state, reason=reason, **attempt.acknowledged())
        attempt.close()
        for mirror in self.mirrors:
            mirror.close(state)
        sent = self.link is None or self.link.close(FAREWELL_S)
        if lacking := 0 if sent and self.link and self.link.online else attempt.journal.lacks:
            log.warning("rhoscope: the disk took no more: %d parts of what was logged are lost.", lacking)
        elif not sent:
            log.warning(
                "rhoscope: not everything was sent. Send the rest with: rhoscope sync %s", self.folder
            )
        if sent:
            Lock(attempt.path.parent).release()
        ended(self.mirrors, FAREWELL_S)

    def on_end(self, end: Callable[[], None]) -> None:
        """Call this once the run ends."""
        self._endings.append(end)

    def measured(self, values: Mapping[str, float]) -> None:
        """Note what the machine does, at the present step; from any thread."""
        if self._attempt and not self.ended and self._attempt.step >= 0:
            self._attempt.event("values", values=dict(values))

    def listen(self, console: Console) -> None:
        """Note what the program prints."""
        self._console = console
        self.on_end(console.close)

    def _print(self, *, whole: bool = False) -> None:
        if self._console and self._attempt:
            for lines in portions(self._console.lines(whole=whole)):
                self._attempt.event("console", lines=lines)

    def forsake(self) -> None:
        """Do nothing any more: this is a forked child, and its parent is the one who reports."""
        self._attempt, self.link, self.ended, self.mirrors = None, None, True, ()

    def tick(self) -> None:
        """Four times a second, in the sending thread."""
        self._resolve(wait=False)
        if self._attempt and not self.ended:
            self._print()
            self._attempt.tick()
            if self._attempt.trouble:
                path, why = self._attempt.path, self._attempt.trouble
                self._warn(f"{path} can't be written ({why}); it is tried again", "disk")
            else:
                self._warn.over("disk")

    def take(self, arriving: "Arriving") -> None:
        """Write down rows once they have arrived from a device: now, where there is none."""
        if self._attempt is None or self.ended:
            return
        if not self._arriving and arriving.ready():
            arriving.write(self._attempt)
            return
        self._arriving.append(arriving)
        self._attempt.pending_from = self._arriving[0].first_step

    def _defer(self, names: tuple[str, ...], step: int, values: Sequence[Any]) -> None:
        """Numbers of a device: copied without waiting."""
        self.take(import_module("rhoscope.torch.arrival").numbers(names, step, values))

    def _resolve(self, *, wait: bool) -> None:
        """Write down numbers of a device that have arrived, in order."""
        attempt = self._attempt
        while attempt and self._arriving and (wait or self._arriving[0].ready()):
            self._arriving.popleft().write(attempt)
        if attempt:
            attempt.pending_from = self._arriving[0].first_step if self._arriving else None
