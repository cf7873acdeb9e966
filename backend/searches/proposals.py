"""The next trial of a search: its values from the sampler, its runs checked as launches of their own."""

import time
from collections.abc import Callable

from backend.launching.inspections import Inspections
from backend.searches import study
from backend.searches.points import points_of
from backend.searches.space import Question
from backend.store import Store, runs, trials
from backend.store.trials import Kept
from rhoscope.catalog import Catalog
from rhoscope.runs import SweepSpec
from rhoscope.search import SearchState, SearchTrial, TrialState


def launch(
    store: Store,
    question: Question,
    spec: SweepSpec,
    catalog: Catalog,
    inspections: Callable[[], Inspections],
) -> list[str] | None:
    """Queue the runs of the next trial, whose ids are returned; None where the search was stopped meanwhile.

    What does not fit together is a trial that failed, so that the sampler hears of it.
    """
    with store.reading() as db:
        every = trials.of_sweep(db, question.sweep)
    proposal = study.propose(question, every)
    points, reason = points_of(spec, catalog, len(every), proposal.values, inspections())
    with store.writing() as db:
        if trials.state(db, question.sweep) != (SearchState.RUNNING, ""):
            return None
        made = [runs.create(db, point, settings, question.sweep) for point, settings in points]
        trial = SearchTrial(number=len(every), values=proposal.values, runs=made, created=time.time())
        trials.add(db, question.sweep, Kept(trial, {}, proposal.notes))
        if reason:
            failed = trial.model_copy(update={"state": TrialState.FAILED, "reason": reason})
            trials.end(db, question.sweep, Kept(failed, {}, proposal.notes))
    return made
