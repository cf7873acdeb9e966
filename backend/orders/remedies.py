"""Trying what would help a run: candidates side by side from one place, as a sweep that halves itself."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from backend.application import Application
from backend.http.answers import digest
from backend.launching import commands
from backend.orders import course, forks, halving, launches
from backend.orders.signed import Sign, signed
from backend.store import catalogs, orders, runs, sweeps
from backend.verdict.verdict import leader_of
from rhoscope.catalog import Catalog
from rhoscope.errors import Conflict, FieldError, InvalidInput
from rhoscope.remedies import Candidate, Race, Suggestion, Trial
from rhoscope.runs import Fork, Run, Sweep, SweepSpec
from rhoscope.spec import RunSpec
from rhoscope.states import FINAL
from rhoscope.verdict import Judgment

CONTROL = Candidate(strategy="joint")
SEEDS = 3
ALPHAS = (0.3, 0.8, 1.5)
SHARED = {"seed", "epochs", "batch_size", "only"}
"""Settings that all candidates share, else they would not see the same examples at the same steps."""


@dataclass(frozen=True)
class Plan:
    """Everything a trial needs: candidates with the control first, and what was left open filled in."""

    candidates: Sequence[Candidate]
    specs: Sequence[RunSpec]
    seeds: Sequence[int]
    begin: int
    rungs: Sequence[int]
    steps_per_epoch: int


def suggestion(here: Application, run: str) -> Suggestion:
    """The trial of a run where nothing else is said, and its cost. Raises: NotFound, Conflict."""
    with here.store.reading() as db:
        parent = runs.get(db, run)
        plan = _plan(here, db, parent, Trial())
        tried = sweeps.races_of(db, run)
    return Suggestion(
        candidates=list(plan.candidates[1:]),
        horizon=(plan.rungs[-1] - plan.begin) // plan.steps_per_epoch,
        seeds=list(plan.seeds),
        control=plan.candidates[0].title(),
        rungs=[(rung - plan.begin) // plan.steps_per_epoch for rung in plan.rungs],
        trainings=len(plan.candidates) * len(plan.seeds),
        tried=tried,
        minutes=_minutes(parent, plan),
    )


def launch(here: Application, run: str, trial: Trial, key: str, who: str) -> tuple[Sweep, bool]:
    """Queue a trial, or find the one that this key made before; whether it was made before.

    Raises:
        NotFound.
        Conflict: when the run has not begun, or the key came with another trial.
        InvalidInput: naming each candidate that does not fit.
    """
    name = f"{run} {digest(trial)}"[:64]
    with here.store.reading() as db:
        parent = runs.get(db, run)
        before = sweeps.answered(db, key, name)
        plan = None if before else _plan(here, db, parent, trial)
    if plan is None:
        with here.store.reading() as db:
            return sweeps.get(db, before or ""), True
    origin = plan.specs[0].origin
    if origin and origin.run == run and parent.state not in FINAL:
        course.keep(here, run, origin.step)
    settings = _checked(here, plan)
    with signed(here, who) as (db, sign):
        if origin:
            launches.check_origin(db, origin)
        sweep = _queue(db, sign, parent, plan, settings)
        sweeps.remember(db, key, name, sweep)
        made = sweeps.get(db, sweep)
    for one in made.runs:
        here.fanout.touch(one.id)
    here.launcher.nudge()
    return made, False


def _plan(here: Application, db: Connection, parent: Run, trial: Trial) -> Plan:
    if parent.spec.guest:
        raise Conflict(f"Run '{parent.id}' is a program's: remedies are for networks that rhoscope builds.")
    catalog = catalogs.newest(db)
    length = _steps_per_epoch(parent)
    chosen = trial.candidates or _suggested(catalog, parent, here.verdicts.of(db, parent))
    candidates = _with_control(parent, chosen)
    specs = _specs(db, catalog, parent, trial, candidates)
    begin = specs[0].origin.step if specs[0].origin else 0
    left = ((parent.total_steps or 0) - begin) // length
    usual = halving.horizon_of(parent.epochs or 0, len(candidates), SEEDS)
    horizon = trial.horizon or max(1, min(left, usual))
    if horizon > left:
        message = f"{horizon} epochs are more than the {left} that are left from step {begin} on"
        raise InvalidInput.field("horizon", message, horizon)
    seed = parent.settings.get("seed", 0)
    few = range(int(seed) if isinstance(seed, int) else 0, 2**31)[:SEEDS]
    rungs = [begin + epochs * length for epochs in halving.rungs_of(horizon, len(candidates))]
    return Plan(candidates, specs, list(dict.fromkeys(trial.seeds)) or list(few), begin, rungs, length)


def _steps_per_epoch(parent: Run) -> int:
    """Raises: Conflict, for a run that has not begun."""
    if not parent.total_steps or not parent.epochs:
        raise Conflict(
            f"Run '{parent.id}' has not begun, so nothing is known to begin from; wait for a step."
        )
    return max(1, round(parent.total_steps / parent.epochs))


def _with_control(parent: Run, chosen: Sequence[Candidate]) -> list[Candidate]:
    """The control first, then the candidates, each once; the run as it is where it is not the control."""
    own = [] if parent.spec.strategy == CONTROL.strategy else [Candidate(name="as it is")]
    every = [CONTROL, *own, *(one for one in chosen if one.settings or one.strategy not in ("", "joint"))]
    return list({one.model_dump_json(exclude={"name"}): one for one in reversed(every)}.values())[::-1]


def _specs(
    db: Connection, catalog: Catalog, parent: Run, trial: Trial, candidates: Sequence[Candidate]
) -> list[RunSpec]:
    """Raises: InvalidInput, naming each candidate that can't be read."""
    specs, errors = list[RunSpec](), list[FieldError]()
    for candidate in candidates:
        errors += [
            FieldError(field=f"{candidate.title()}: {name}", value=candidate.settings[name], message=_SHARED)
            for name in sorted(candidate.settings.keys() & SHARED)
        ]
        try:
            specs.append(_spec(db, catalog, parent, trial, candidate))
        except InvalidInput as error:
            if any(e.field == "step" for e in error.errors):
                raise
            errors += _named(candidate, error)
    if errors:
        raise InvalidInput.of(errors)
    return specs


_SHARED = "is the same for all candidates, so that they see the same examples at the same steps"


def _named(candidate: Candidate, error: InvalidInput) -> list[FieldError]:
    return [e.model_copy(update={"field": f"{candidate.title()}: {e.field}"}) for e in error.errors]


def _spec(db: Connection, catalog: Catalog, parent: Run, trial: Trial, candidate: Candidate) -> RunSpec:
    changes = Fork(
        step=trial.step, strategy=candidate.strategy, settings=candidate.settings, name=candidate.title()
    )
    if trial.step is None or trial.step == 0:
        return forks.restarted(db, catalog, parent, changes)
    return forks.forked(db, catalog, parent, changes)


def _suggested(catalog: Catalog, parent: Run, verdict: Sequence[Judgment]) -> list[Candidate]:
    """The remedies of the diagnoses, then the strategies that fit the run's network."""
    candidates = [
        Candidate(strategy=str(changes.pop("strategy", "")), settings=changes)
        for one in verdict
        if one.speaks and (changes := dict(one.changes)) and not changes.keys() & SHARED
    ]
    candidates = [one for one in candidates if one.settings or one.strategy not in ("ogm-ge", "joint")]
    every = [*candidates, *_strategies(leader_of(verdict))]
    fits = [one for one in every if _fits(catalog, parent, one)]
    return list({one.model_dump_json(): one for one in fits}.values())


def _strategies(leader: str) -> Iterator[Candidate]:
    for alpha in ALPHAS:
        yield Candidate(strategy="ogm-ge", settings={"alpha": alpha})
    if leader:
        yield Candidate(strategy="modality-drop", settings={"drop": leader})
    for name in ("mmpareto", "opm"):
        yield Candidate(strategy=name)


def _fits(catalog: Catalog, parent: Run, candidate: Candidate) -> bool:
    fields = {"strategy": candidate.strategy or parent.spec.strategy}
    own = {} if candidate.strategy else parent.spec.settings
    spec = parent.spec.model_copy(update={**fields, "settings": {**own, **candidate.settings}})
    try:
        catalog.check(spec)
    except InvalidInput:
        return False
    return True


def _checked(here: Application, plan: Plan) -> list[dict[str, Any]]:
    """All settings of each candidate. Raises: InvalidInput, naming each that does not fit."""
    inspections, settings, errors = here.inspections(), list[dict[str, Any]](), list[FieldError]()
    with here.store.reading() as db:
        catalog = catalogs.newest(db)
    for place, spec in enumerate(plan.specs):
        try:
            settings.append(inspections.check(catalog, spec))
        except InvalidInput as error:
            errors += _named(plan.candidates[place], error)
    if errors:
        raise InvalidInput.of(errors)
    return settings


def _queue(db: Connection, sign: Sign, parent: Run, plan: Plan, settings: Sequence[dict[str, Any]]) -> str:
    """One sweep with a run for each candidate and seed, which pauses at the first rung."""
    points = [
        {"strategy": spec.strategy, **one.settings}
        for spec, one in zip(plan.specs, plan.candidates, strict=True)
    ]
    name = f"What would help {parent.name}?"[:200]
    whole = SweepSpec(name=name, base=plan.specs[0], points=points, seeds=list(plan.seeds))
    sweep = sweeps.create(db, whole, [])
    made: list[list[str]] = []
    for spec, resolved in zip(plan.specs, settings, strict=True):
        made.append([])
        for seed in plan.seeds:
            name = f"{spec.name} seed={seed}"[:200]
            one = spec.model_copy(update={"name": name, "settings": {**spec.settings, "seed": seed}})
            run = runs.create(db, one, {**resolved, "seed": seed}, sweep)
            orders.add(db, run, commands.new_command("pause", step=plan.rungs[0]))
            sign(run, "Launched")
            made[-1].append(run)
    race = Race(
        run=parent.id,
        names=distinct([one.title() for one in plan.candidates]),
        rungs=list(plan.rungs),
        runs=made,
    )
    sweeps.edit(db, sweep, {"race": race})
    return sweep


def distinct(titles: Sequence[str]) -> list[str]:
    """Unique names; a repeated one gets its number.

    >>> distinct(["joint", "mine", "joint"])
    ['joint', 'mine', 'joint (2)']
    """
    seen = Counter[str]()
    names = []
    for title in titles:
        seen[title] += 1
        names.append(f"{title} ({seen[title]})" if seen[title] > 1 else title)
    return names


def _minutes(parent: Run, plan: Plan) -> float | None:
    if not parent.trained_s or not parent.step:
        return None
    rungs = [rung - plan.begin for rung in plan.rungs]
    pace = parent.trained_s / parent.step
    return round(halving.seconds(rungs, len(plan.candidates), len(plan.seeds), pace) / 60, 1)
