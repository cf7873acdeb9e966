"""Optuna's view of a search, made anew from the stored trials whenever it is asked.

So a restart changes nothing: what a sampler or pruner notes on a trial (CMA-ES its distribution, a grid the
point, halving the rungs) is stored with the trial and given back. The samplers draw with a seed of the
search's and the trial's number.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, CmaEsSampler, GridSampler, RandomSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import TrialState as State

from backend.searches.space import Question, decoded, encoded, grid_of, is_whole
from backend.store.trials import Kept
from rhoscope.search import Axis, TrialState

LEAST_OTHERS = 4
"""Trials to compare with, before the median says anything."""
REDUCTION = 3
"""One in three goes on from a rung."""
_STATES = {
    TrialState.RUNNING: State.RUNNING,
    TrialState.COMPLETED: State.COMPLETE,
    TrialState.PRUNED: State.PRUNED,
    TrialState.FAILED: State.FAIL,
}
optuna.logging.set_verbosity(optuna.logging.ERROR)


@dataclass(frozen=True)
class Proposal:
    """The values of the next trial, and what the sampler noted on it."""

    values: dict[str, Any]
    notes: dict[str, Any]


def propose(question: Question, kept: Sequence[Kept]) -> Proposal:
    """The next trial after these."""
    study = study_of(question, kept)
    with warnings.catch_warnings(action="ignore"):
        trial = study.ask(_distributions(question))
    space = question.search.space
    values = {
        name: decoded(space[name], value, question.schemas.get(name, {}))
        for name, value in trial.params.items()
    }
    return Proposal({name: values[name] for name in space}, _notes(study, trial.number))


def pruned(question: Question, kept: Sequence[Kept], number: int) -> tuple[bool, dict[str, Any]]:
    """Whether a running trial, whose course is known so far, should stop; and what the pruner noted on it."""
    study = study_of(question, kept)
    frozen = study.get_trials(deepcopy=False)[number]
    stops = study.pruner.prune(study, frozen)
    return stops, _notes(study, number)


def study_of(question: Question, kept: Sequence[Kept]) -> optuna.Study:
    """A study in memory that has these trials, in the order of their numbers."""
    direction = StudyDirection.MAXIMIZE if question.search.maximizes else StudyDirection.MINIMIZE
    with warnings.catch_warnings(action="ignore"):  # of what its authors call experimental, and of steps
        study = optuna.create_study(
            storage=optuna.storages.InMemoryStorage(),
            study_name=question.sweep,  # from which Hyperband draws a trial's bracket
            sampler=_sampler(question, len(kept)),
            pruner=_pruner(question),
            direction=direction,
        )
        distributions = _distributions(question)
        study.add_trials([_frozen(question, one, distributions) for one in kept])
    return study


def _distributions(question: Question) -> dict[str, BaseDistribution]:
    """How the values of each setting are spread."""
    return {
        name: _distribution(axis, question.schemas.get(name, {}))
        for name, axis in question.search.space.items()
    }


def _distribution(axis: Axis, schema: Mapping[str, Any]) -> BaseDistribution:
    if axis.choices:
        return CategoricalDistribution([encoded(axis, value) for value in axis.choices])
    low, high = axis.low or 0.0, axis.high or 0.0
    if is_whole(schema):
        return IntDistribution(int(low), int(high), log=axis.log, step=int(axis.step or 1))
    return FloatDistribution(low, high, log=axis.log, step=axis.step)


def _frozen(
    question: Question, kept: Kept, distributions: Mapping[str, BaseDistribution]
) -> optuna.trial.FrozenTrial:
    one, space = kept.trial, question.search.space
    complete = one.state == TrialState.COMPLETED
    return optuna.trial.create_trial(
        state=_STATES[one.state],
        value=one.value if complete else None,
        params={name: encoded(space[name], value) for name, value in one.values.items()},
        distributions=dict(distributions),
        system_attrs=dict(kept.notes),
        intermediate_values=dict(kept.course),
    )


def _notes(study: optuna.Study, number: int) -> dict[str, Any]:
    return dict(study.get_trials(deepcopy=False)[number].system_attrs)


def _sampler(question: Question, number: int) -> BaseSampler:
    search = question.search
    seed = int(np.random.SeedSequence([search.seed, number]).generate_state(1)[0])
    if search.sampler == "grid":
        return GridSampler(grid_of(search, question.schemas), seed=search.seed)
    if search.sampler == "cma-es":
        return CmaEsSampler(seed=seed, warn_independent_sampling=False)
    return TPESampler(seed=seed) if search.sampler == "tpe" else RandomSampler(seed=seed)


def _pruner(question: Question) -> BasePruner:
    search = question.search
    if search.pruner == "median":
        return MedianPruner(n_startup_trials=LEAST_OTHERS, n_warmup_steps=search.warmup)
    if search.pruner == "halving":
        return SuccessiveHalvingPruner(min_resource=search.warmup, reduction_factor=REDUCTION)
    if search.pruner == "hyperband":
        most = max(question.epochs, search.warmup) if question.epochs else "auto"
        return HyperbandPruner(min_resource=search.warmup, max_resource=most, reduction_factor=REDUCTION)
    return NopPruner()
