"""One attempt at a run: its parts, its progress, and whatever interrupts it between two steps."""

import os
import platform
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import torch

from rhoscope.commands import Command
from rhoscope.errors import Conflict, InvalidInput, RhoscopeError
from rhoscope.facts import gather
from rhoscope.torch.ring import Ring
from trainer.attempt.assembly import Parts
from trainer.attempt.controls import Controls
from trainer.attempt.progress import Progress, capture
from trainer.checkpoints.checkpoint import Checkpoints
from trainer.telemetry.sink import Sink

HOST_SERIES = ("lr", "throughput")
WINDOW = 20
"""Steps that throughput is measured over."""

WAIT_S = 0.01
PATIENCE_S = 0.001
REPORT_AFTER_S = 1.0
"""Training that pauses for longer logs the reason."""

FAREWELL_S = 5.0
"""How long a terminated process still tries to deliver what it has."""

STRATEGY = "strategy"
"""What a command calls the run's strategy among its settings; the others then belong to the new one."""

Ending = Literal["completed", "failed", "stopped", "paused"]


@dataclass(frozen=True)
class Outcome:
    """How a run ended, and why in one sentence."""

    state: Ending
    reason: str


class LostLease(RhoscopeError):
    """This attempt may not go on; another one will."""


class Finished(Exception):
    """A command ended the run."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class Diverged(Exception):
    """A loss was not finite."""


@dataclass
class Session:
    """One attempt at a run: its parts, its progress, its sink and its controls."""

    parts: Parts
    progress: Progress
    sink: Sink
    controls: Controls
    checkpoints: Checkpoints | None = None

    def __post_init__(self) -> None:
        self.times: deque[float] = deque(maxlen=WINDOW + 1)
        self.hidden_tables: set[str] = set()  # names of tables that can't be shown
        self.open_ring()

    def open_ring(self) -> None:
        """Columns for the series that the parts declare now."""
        dense = tuple(s.name for s in self.parts.series if not s.sparse and s.name not in HOST_SERIES)
        self.ring = Ring(dense, HOST_SERIES, self.parts.device, self.sink.rows)
        self.columns = dense

    @property
    def wants_attention(self) -> bool:
        """Whether something wants to be seen to before the next step."""
        own = self.controls.attention or self.sink.diverged is not None or self.sink.fenced
        own = own or self.progress.pause_due
        return self.parts.replicas.agree(vote=own)

    def restart_clock(self) -> None:
        """Leave out of the throughput what was no training."""
        self.times.clear()
        self.times.append(time.monotonic())


def announce(session: Session) -> None:
    """Record where the attempt trains, from which step, and which series it has."""
    parts, progress = session.parts, session.progress
    left = parts.training.epochs - progress.epochs
    data: dict[str, Any] = {
        "worker": os.environ.get("RHOSCOPE_WORKER", platform.node()),
        "device": _device_name(parts.device),
        "modalities": list(parts.model.modalities),
        "start_step": progress.step,
        "total_steps": progress.step - progress.batch + left * parts.steps_per_epoch,
        "epochs": parts.training.epochs,
        "steps_per_epoch": parts.steps_per_epoch,
        "series": [series.model_dump() for series in parts.series],
        "parameters": parts.model.parameter_counts(),
        "settings": parts.values(),
        "strategy": parts.spec.strategy,
        "cursor": session.controls.cursor,
    }
    if session.sink.sampler:
        data["series"] += [series.model_dump() for series in session.sink.sampler.series]
        data["facts"] = gather([_device_name(parts.device)], {"seed": parts.training.seed}).model_dump()
    session.sink.event("started", progress.step, **data)


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return f"cuda {torch.cuda.get_device_name(device)}"
    return f"{device.type} {platform.machine()}"


def heed(session: Session) -> None:
    """See to everything that asks for attention between two steps, in all processes alike."""
    controls, sink, replicas = session.controls, session.sink, session.parts.replicas
    refuse_divergence(session)
    if controls.overdue and not controls.terminated and not sink.fenced:
        _wait_for_lease(session)
    fenced, terminated, waiting = replicas.from_first((sink.fenced, controls.terminated, controls.waiting()))
    if fenced:
        raise LostLease("A later attempt writes this run's records.")
    if terminated:
        session.ring.flush()
        if not controls.overdue:
            save(session)
        raise LostLease("This attempt was terminated.")
    for entry, command in waiting:
        _obey(session, entry, command)
    if session.progress.pause_due:  # it stays due in the checkpoint, until the pause was recorded and ended
        session.ring.flush()
        save(session)
        raise Finished(Outcome("paused", f"Paused at step {session.progress.step}, as requested."))


def _wait_for_lease(session: Session) -> None:
    """Wait until the lease is renewed or the attempt is terminated."""
    session.ring.flush()
    line = "Training is waiting: the lease was not renewed in time. It resumes when Redis responds."
    session.sink.event("log", session.progress.step, line=line)
    while session.controls.overdue and not session.controls.terminated and not session.sink.fenced:
        time.sleep(WAIT_S)
    session.restart_clock()


def _obey(session: Session, entry: str, command: Command) -> None:
    """Carry a command out; the cursor moves with its effect, never before, so that no crash comes between."""
    progress = session.progress
    session.ring.flush()
    by = f" by {command.who}" if command.who else ""
    at = f"at step {progress.step}{by}"
    if command.verb == "set":
        _change(session, command)
    elif command.verb == "keep":
        progress.note_fork(progress.step if command.step is None else command.step)
    elif command.verb == "resume" or (command.verb == "pause" and command.step is not None):
        progress.pause_at = command.step
    session.controls.settle(entry)
    if command.verb == "checkpoint":
        save(session)
    elif command.verb == "stop":
        save(session)
        raise Finished(Outcome("stopped", f"Stopped {at}."))
    elif command.verb == "pause" and command.step is None:
        save(session)
        raise Finished(Outcome("paused", f"Paused {at}."))


def _change(session: Session, command: Command) -> None:
    step = session.progress.step
    session.progress.note_change()
    save(session)
    for name, value in sorted(command.settings.items(), key=lambda item: item[0] != STRATEGY):
        before = session.parts.values()
        try:
            old = session.parts.change(name, value)
        except InvalidInput as error:
            session.sink.event("log", step, line=f"Setting not changed: {error.detail}")
            continue
        data = {"setting": name, "old": old, "who": command.who, "command": command.id}
        if name == STRATEGY:
            now = session.parts.values()
            session.sink.event("setting", step, **data, new=value, before=before, settings=now)
            _redeclare(session)
        else:
            session.sink.event("setting", step, **data, new=session.parts.values()[name])


def _redeclare(session: Session) -> None:
    """Other series come from here on; the epoch's means start again with them."""
    session.open_ring()
    session.progress.sums, session.progress.summed, session.progress.silent = None, 0, {}
    announce(session)


def save(session: Session) -> None:
    """Write a checkpoint where there is a place for them; a disk that is full costs no run.

    Never one of steps that only this process knows of: whoever went on from it would leave a gap.

    Raises:
        LostLease: when a later attempt has taken over, or this one was terminated and can't deliver.
    """
    refuse_divergence(session)
    if session.checkpoints is None:
        return
    _wait_for_delivery(session)
    progress = session.progress
    state = capture(session.parts, progress, session.controls.cursor)
    stays, newest = partial(progress.stays, session.parts.training), session.parts.training.keep_last
    try:
        written = session.checkpoints.save(state, progress.step, stays, newest)
    except Conflict as error:
        raise LostLease(error.detail) from error
    except OSError as error:
        line = (
            f"No checkpoint written at step {progress.step}: {error.strerror or error}. Training continues."
        )
        session.sink.event("log", progress.step, line=line)
        return
    data: dict[str, Any] = {"path": written.address, "sha256": written.sha256, "bytes": written.bytes}
    data |= {"kept": list(written.kept), "cursor": session.controls.cursor}
    session.sink.event("checkpoint", progress.step, **data)


def _wait_for_delivery(session: Session) -> None:
    sink, controls, began, reported = session.sink, session.controls, time.monotonic(), False
    while not sink.delivered:
        waited = time.monotonic() - began
        if sink.fenced:
            raise LostLease("A later attempt writes this run's records.")
        if controls.terminated and waited > FAREWELL_S:
            raise LostLease("This attempt was terminated, and Redis does not accept its last records.")
        if waited > REPORT_AFTER_S and not reported:
            line = (
                "Training is waiting to write its next checkpoint until Redis has stored the steps before it."
            )
            sink.event("log", session.progress.step, line=line)
            reported = True
        time.sleep(PATIENCE_S)
    if reported:
        session.restart_clock()


def refuse_divergence(session: Session) -> None:
    """Raises: Diverged, when a loss so far was not finite."""
    session.ring.flush()
    session.sink.settle()
    at = session.sink.diverged
    if at is not None:
        epoch = at // session.parts.steps_per_epoch
        raise Diverged(
            f"The loss was not a finite number at step {at} (epoch {epoch}); a lower learning rate than "
            f"{session.parts.training.lr:g} may help."
        )
