"""The training loop: epochs of steps. Knows no plug-in by name."""

import math
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import torch
from pydantic import ValidationError

from rhoscope.tables import Table
from rhoscope.torch.step_values import StepValues
from trainer.attempt import examples, noise_budget
from trainer.attempt.assembly import Parts, seed_torch
from trainer.attempt.progress import use_best
from trainer.attempt.session import Diverged, Finished, Outcome, Session, heed, refuse_divergence, save
from trainer.dataset import order
from trainer.measures import by_class, layers
from trainer.measures.by_class import ByClass
from trainer.measures.evaluate import Evaluation
from trainer.measures.probe import probe
from trainer.measures.samples import Followed
from trainer.rehearsal import Interrupted, Rehearsal
from trainer.strategy import Step

T = TypeVar("T")


def train(session: Session) -> Outcome:
    """Train from the run's current step to its end; returns the outcome.

    Raises:
        LostLease: when this attempt may not go on.
    """
    parts, progress = session.parts, session.progress
    parts.model.train()
    try:
        if not progress.prepared:
            _rehearse(session, partial(_prepare, session))
            progress.prepared = True
        while progress.epochs < parts.training.epochs:
            _train_epoch(session, progress.epochs)
            _end_epoch(session, progress.epochs)
        heed(session)
        _test(session)
    except Finished as finished:
        return finished.outcome
    except Diverged as diverged:
        return Outcome("failed", str(diverged))
    return Outcome("completed", f"All {parts.training.epochs} epochs completed.")


def _prepare(session: Session, rehearsal: Rehearsal) -> None:
    """Before the first step: measure single modalities and let the strategy prepare."""
    parts = session.parts
    alone = {m: rehearsal.alone(m, parts.training.baseline_epochs).accuracy for m in _measured_alone(parts)}
    parts.strategy.prepare(rehearsal)
    session.progress.alone |= alone


def _measured_alone(parts: Parts) -> tuple[str, ...]:
    return parts.model.modalities if parts.training.baseline_epochs else ()


def _rehearse(session: Session, act: Callable[[Rehearsal], T]) -> T:
    """Train something beside the run; its random numbers are nobody else's. Begins again when interrupted."""
    parts, log = session.parts, partial(session.sink.event, "log", session.progress.step)
    rehearsal = Rehearsal(
        model=parts.model,
        training=parts.training,
        splits=parts.splits,
        device=parts.device,
        attention=lambda: session.wants_attention,
        report=lambda line: log(line=line),
        epochs=session.progress.epochs,
    )
    devices = [parts.device] if parts.device.type == "cuda" else []
    while True:
        try:
            with torch.random.fork_rng(devices):
                seed_torch(parts.training.seed)
                return act(rehearsal)
        except Interrupted:
            heed(session)


def _train_epoch(session: Session, epoch: int) -> None:
    parts, progress = session.parts, session.progress
    split, size = parts.splits["train"], parts.training.batch_size
    session.restart_clock()
    indices = torch.split(order(parts.training.seed, epoch, len(split)), size)
    wholes = indices[progress.batch : parts.steps_per_epoch]
    shares = [parts.replicas.share(index) for index in wholes]
    batches = split.batches(shares, (parts.training.seed, epoch))
    for whole, (inputs, target) in zip(wholes, batches, strict=True):
        if session.wants_attention:
            heed(session)
        done = epoch + progress.batch / parts.steps_per_epoch
        lr = parts.training.lr * parts.training.factor(done, parts.training.epochs)
        for group in parts.optimizer.param_groups:
            group["lr"] = lr
        step = Step(
            model=parts.model,
            optimizer=parts.optimizer,
            precision=parts.precision,
            inputs=inputs,
            target=target,
            epoch=epoch,
            number=progress.step,
            replicas=parts.replicas,
            layers=parts.layers,
            measures_norms=is_due(parts.training.norms_every, progress.step),
            measures_effects=is_due(parts.training.effects_every, progress.step),
            whole=split.presence(whole) if parts.replicas.size > 1 else None,
        )
        values = _take_step(session, step)
        pace = {"lr": lr, "throughput": _throughput(session)}
        publish = progress.step % parts.training.log_every == 0
        row = session.ring.append(progress.step, values, pace, publish=publish, silent=step.silent)
        progress.add(row, step.silent)
        if _is_checkpoint_due(session):
            save(session)
        if parts.training.step_delay_ms:
            time.sleep(parts.training.step_delay_ms / 1000)


def is_due(every: int, step: int) -> bool:
    """Whether a measurement with this interval, 0 for never, is due at a step."""
    return every > 0 and step % every == 0


def _is_checkpoint_due(session: Session) -> bool:
    """Whether this step's checkpoint was asked for; an epoch's end writes its own."""
    every, progress = session.parts.training.keep_every, session.progress
    within = progress.batch < session.parts.steps_per_epoch
    return every > 0 and within and progress.step % every == 0


def _take_step(session: Session, step: Step) -> StepValues:
    """Take the step; every so often with what it does to SGD's own noise."""
    strategy, every = session.parts.strategy, session.parts.training.noise_budget_every
    if not every or step.number % every:
        return strategy.step(step)
    own = noise_budget.own_variance(strategy, step)
    entries = {m: sum(p.numel() for p in ps) for m, ps in noise_budget.touched(strategy, step).items()}
    row = strategy.step(step)
    session.sink.event("values", step.number, values=noise_budget.budget(own, entries, row))
    return row


def _throughput(session: Session) -> float:
    """Examples per second since the window's first step, at most 20 ago, began."""
    times = session.times
    times.append(time.monotonic())
    return (len(times) - 1) * session.parts.training.batch_size / max(times[-1] - times[0], 1e-9)


def _end_epoch(session: Session, epoch: int) -> None:
    parts, progress, sink = session.parts, session.progress, session.sink
    refuse_divergence(session)
    values = _rehearse(session, partial(parts.strategy.epoch_end, epoch)) or {}
    _send_table(session, layers.NAME, partial(parts.layers.table, epoch))
    if (epoch + 1) % parts.training.validate_every == 0 or epoch + 1 == parts.training.epochs:
        classes, followed = ByClass(parts.classes), Followed(parts.choice)
        validation = parts.evaluate("validation", classes, followed)
        _send_table(session, by_class.NAME, partial(classes.table, epoch))
        values |= validation.values("val") | _gaps(session, validation)
        values |= {f"alone.{m}": best for m, best in progress.alone.items()}
        values |= {
            f"shortfall.{m}": progress.alone[m] - accuracy
            for m, accuracy in validation.accuracies.items()
            if m in progress.alone
        }
        if not math.isfinite(validation.loss):
            raise Diverged(f"The validation loss was not a finite number after epoch {epoch}.")
        examples.report(session, followed, epoch)
        progress.note(validation.accuracy, parts)
    every = parts.training.probe_every
    if every and ((epoch + 1) % every == 0 or epoch + 1 == parts.training.epochs):
        probed = probe(parts.model, parts.splits, "validation", parts.probed)
        values |= {f"probe.accuracy.{m}": accuracy for m, accuracy in probed.items()}
    if values:
        sink.event("values", progress.step, values=values)
    sink.event("epoch", progress.step, epoch=epoch)
    progress.end_epoch()
    parts.layers.clear()
    save(session)


def _send_table(session: Session, name: str, make: Callable[[], Table | None]) -> None:
    """A table that can't be shown, as of too many classes, is no reason to end a run: it is said once."""
    if name in session.hidden_tables:
        return
    try:
        table = make()
    except ValidationError as error:
        session.hidden_tables.add(name)
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        line = f"The table '{name}' can't be shown: {why}."
        session.sink.event("log", session.progress.step, line=line)
        return
    if table:
        session.sink.event("table", session.progress.step, **table.model_dump())


def _gaps(session: Session, validation: Evaluation) -> dict[str, float]:
    """Mean training accuracy of the epoch less validation accuracy, fused and by modality."""
    means = session.progress.means(session.columns)
    if not means:
        return {}
    gaps = {"gap": means["accuracy"] - validation.accuracy}
    trained = {m: means.get(f"accuracy.{m}") for m in validation.accuracies}
    return gaps | {f"gap.{m}": v - validation.accuracies[m] for m, v in trained.items() if v is not None}


def _test(session: Session) -> None:
    """Measure the test split, once, with the weights of the best validation epoch."""
    use_best(session.parts, session.progress)
    measured = session.parts.evaluate("test").values("test")
    values = {name: value for name, value in measured.items() if name.startswith("test.accuracy")}
    if session.parts.training.probe_every:
        parts = session.parts
        probed = probe(parts.model, parts.splits, "test", parts.probed)
        values |= {f"test.probe.accuracy.{m}": accuracy for m, accuracy in probed.items()}
    session.sink.event("values", session.progress.step, values=values)
