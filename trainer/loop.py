"""The training loop: epochs of steps, with everything that may interrupt them. Knows no plug-in by name."""

import math
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor

from rhoscope.commands import Command
from rhoscope.errors import Conflict, InvalidInput, RhoscopeError
from trainer.checkpoint import Checkpoints
from trainer.controls import Controls
from trainer.dataset import order
from trainer.evaluate import Evaluation
from trainer.parts import Parts
from trainer.progress import Progress, capture, use_best
from trainer.rehearsal import Interrupted, Rehearsal
from trainer.ring import Ring
from trainer.sink import Sink
from trainer.strategy import Step

HOST_SERIES = ("lr", "throughput")
WINDOW = 20
"""Steps that throughput is measured over."""

WAIT_S = 0.01

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
    """One attempt at a run: what it trains, where it stands, whom it tells and listens to."""

    parts: Parts
    progress: Progress
    sink: Sink
    controls: Controls
    checkpoints: Checkpoints | None = None

    def __post_init__(self) -> None:
        dense = tuple(s.name for s in self.parts.series if not s.sparse and s.name not in HOST_SERIES)
        self.ring = Ring(dense, HOST_SERIES, self.parts.device, self.sink.rows)
        self.columns = dense
        self.times: deque[float] = deque(maxlen=WINDOW + 1)

    def restart_clock(self) -> None:
        """Leave out of the throughput what was no training."""
        self.times.clear()
        self.times.append(time.monotonic())


def train(session: Session) -> Outcome:
    """Train from where the run stands to its end; how it ended.

    Raises:
        LostLease: when this attempt may not go on.
    """
    parts, progress = session.parts, session.progress
    parts.model.train()
    try:
        if not progress.prepared:
            _prepare(session)
        for epoch in range(progress.step // parts.steps_per_epoch, parts.training.epochs):
            _train_epoch(session, epoch)
            _end_epoch(session, epoch)
        _heed(session)
        _test(session)
    except Finished as finished:
        return finished.outcome
    except Diverged as diverged:
        return Outcome("failed", str(diverged))
    return Outcome("completed", f"All {parts.training.epochs} epochs are done.")


def _prepare(session: Session) -> None:
    """Let the strategy do what comes before the first step; its random numbers are nobody else's."""
    parts, tell = session.parts, partial(session.sink.event, "log", session.progress.step)
    rehearsal = Rehearsal(
        training=parts.training,
        splits=parts.splits,
        device=parts.device,
        attention=lambda: _wants_attention(session),
        tell=lambda line: tell(line=line),
    )
    devices = [parts.device] if parts.device.type == "cuda" else []
    while True:
        try:
            with torch.random.fork_rng(devices):
                torch.manual_seed(parts.training.seed)
                parts.strategy.prepare(rehearsal)
        except Interrupted:
            _heed(session)
        else:
            session.progress.prepared = True
            return


def _wants_attention(session: Session) -> bool:
    sink = session.sink
    return session.controls.attention or sink.diverged is not None or sink.fenced


def _train_epoch(session: Session, epoch: int) -> None:
    parts, progress = session.parts, session.progress
    split, size = parts.splits["train"], parts.training.batch_size
    session.restart_clock()
    everything = order(parts.training.seed, epoch, len(split)).to(parts.device)
    batches = torch.split(everything, size)
    for index in batches[progress.step - epoch * parts.steps_per_epoch : parts.steps_per_epoch]:
        if _wants_attention(session):
            _heed(session)
        inputs, target = split.batch(index)
        lr = parts.training.lr * parts.training.factor(progress.step, parts.total_steps)
        for group in parts.optimizer.param_groups:
            group["lr"] = lr
        step = Step(parts.model, parts.optimizer, parts.precision, inputs, target, epoch)
        values = parts.strategy.step(step)
        row = session.ring.append(progress.step, values, {"lr": lr, "throughput": _throughput(session)})
        progress.add(row)
        if parts.training.step_delay_ms:
            time.sleep(parts.training.step_delay_ms / 1000)


def _throughput(session: Session) -> float:
    """Examples per second since the window's first step, at most 20 ago, began."""
    times = session.times
    times.append(time.monotonic())
    return (len(times) - 1) * session.parts.training.batch_size / max(times[-1] - times[0], 1e-9)


def _heed(session: Session) -> None:
    """See to everything that asks for attention between two steps."""
    controls, sink = session.controls, session.sink
    _refuse_divergence(session)
    if controls.overdue and not controls.terminated and not sink.fenced:
        _wait_for_lease(session)
    if sink.fenced:
        raise LostLease("A later attempt writes this run's records.")
    if controls.terminated:
        session.ring.flush()
        if not controls.overdue:
            save(session)
        raise LostLease("This attempt was told to end.")
    while (command := controls.take()) is not None:
        _obey(session, command)


def _wait_for_lease(session: Session) -> None:
    """Training stands still until the lease is renewed or the attempt is told to end."""
    session.ring.flush()
    line = "Training waits: the lease was not renewed in time. It goes on when Redis answers again."
    session.sink.event("log", session.progress.step, line=line)
    while session.controls.overdue and not session.controls.terminated and not session.sink.fenced:
        time.sleep(WAIT_S)
    session.restart_clock()


def _obey(session: Session, command: Command) -> None:
    session.ring.flush()
    by = f" by {command.who}" if command.who else ""
    at = f"at step {session.progress.step}{by}"
    if command.verb == "set":
        _change(session, command)
    elif command.verb == "checkpoint":
        save(session)
    elif command.verb == "keep":
        session.progress.note_fork(session.progress.step if command.step is None else command.step)
    elif command.verb == "stop":
        save(session)
        raise Finished(Outcome("stopped", f"Stopped {at}."))
    else:
        save(session)
        raise Finished(Outcome("paused", f"Paused {at}."))


def _change(session: Session, command: Command) -> None:
    step = session.progress.step
    session.progress.note_change()
    save(session)
    for name, value in command.settings.items():
        try:
            old = session.parts.change(name, value)
        except InvalidInput as error:
            session.sink.event("log", step, line=f"Setting not changed: {error.detail}")
            continue
        new = session.parts.values()[name]
        told = {"setting": name, "old": old, "new": new, "who": command.who, "command": command.id}
        session.sink.event("setting", step, **told)


def save(session: Session) -> None:
    """Write a checkpoint where there is a place for them; a disk that is full costs no run.

    Raises:
        LostLease: when a later attempt has taken over.
    """
    if session.checkpoints is None:
        return
    _refuse_divergence(session)
    progress = session.progress
    state = capture(session.parts, progress, session.controls.cursor)
    try:
        written = session.checkpoints.save(state, progress.step, progress.precious)
    except Conflict as error:
        raise LostLease(error.detail) from error
    except OSError as error:
        line = f"No checkpoint written at step {progress.step}: {error.strerror or error}. Training goes on."
        session.sink.event("log", progress.step, line=line)
        return
    told: dict[str, Any] = {"path": str(written.path), "sha256": written.sha256, "bytes": written.bytes}
    told["kept"] = list(written.kept)
    session.sink.event("checkpoint", progress.step, **told)


def _refuse_divergence(session: Session) -> None:
    session.ring.flush()
    session.sink.settle()
    at = session.sink.diverged
    if at is not None:
        epoch = at // session.parts.steps_per_epoch
        raise Diverged(
            f"The loss was not a finite number at step {at} (epoch {epoch}); a lower learning rate than "
            f"{session.parts.training.lr:g} may help."
        )


def _end_epoch(session: Session, epoch: int) -> None:
    parts, progress, sink = session.parts, session.progress, session.sink
    _refuse_divergence(session)
    values = parts.strategy.epoch_end(epoch, parts.evaluate) or {}
    if (epoch + 1) % parts.training.validate_every == 0 or epoch + 1 == parts.training.epochs:
        found = parts.evaluate("validation")
        values |= found.values("val") | _gaps(session, found)
        if not math.isfinite(found.loss):
            raise Diverged(f"The validation loss was not a finite number after epoch {epoch}.")
        progress.note(found.accuracy, parts)
    if values:
        sink.event("values", progress.step, values=values)
    sink.event("epoch", progress.step, epoch=epoch)
    progress.begin_epoch()
    save(session)


def _gaps(session: Session, validation: Evaluation) -> dict[str, float]:
    """Mean training accuracy of the epoch less validation accuracy, fused and by modality."""
    sums = session.progress.sums
    if sums is None:
        return {}
    means = dict(zip(session.columns, (sums / session.progress.summed).tolist(), strict=True))
    gaps = {"gap": means["accuracy"] - validation.accuracy}
    return gaps | {f"gap.{m}": means[f"accuracy.{m}"] - v for m, v in validation.accuracies.items()}


def _test(session: Session) -> None:
    """Measure the test split, once, with the weights of the best validation epoch."""
    use_best(session.parts, session.progress)
    found = session.parts.evaluate("test").values("test")
    told = {name: value for name, value in found.items() if name.startswith("test.accuracy")}
    session.sink.event("values", session.progress.step, values=told)
