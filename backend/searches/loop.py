"""Goes on with every search: the next trial when one has ended, an end for those that fall behind."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection
from typing_extensions import override

from backend.launching.inspections import Inspections
from backend.loops import Supervised
from backend.recording.fanout import Fanout
from backend.searches import judging
from backend.searches.space import Question
from backend.store import Store, catalogs, runs, sweeps, trials
from backend.store.trials import Kept
from rhoscope.catalog import Catalog
from rhoscope.runs import Run, SweepSpec
from rhoscope.search import DEFAULT_TRIALS, Search, SearchState, SearchTrial, TrialState
from rhoscope.states import FINAL, RunState

PASS_S = 1.0
MOST_STEPS = 100
"""Of one search in one pass."""
MOST_FAILURES = 10
"""Trials that fail one after the other before the search gives up."""
Members = Mapping[str, Run]


class Searches(Supervised):
    """A look at every search once a second, if the store has changed since."""

    def __init__(
        self, store: Store, fanout: Fanout, inspections: Callable[[], Inspections], nudge: Callable[[], None]
    ) -> None:
        """`nudge` is called when runs were queued or are to stop."""
        super().__init__("searches")
        self._store = store
        self._fanout = fanout
        self._inspections = inspections
        self._nudge = nudge
        self._version = -1
        self._judged: dict[str, int] = {}

    @override
    def turn(self) -> None:
        """One pass. Raises: OperationalError, when the store is away."""
        version = self._store.version
        if version == self._version and not self.loop.aside:
            return
        with self._store.reading() as db:
            searching = trials.under_way(db)
        self.loop.keep(lambda what: what in searching)
        for sweep in searching:
            if self.loop.may(sweep):
                with self.loop.apart(sweep):
                    self.serve(sweep)
        self._version = version

    @override
    def rest(self, began: float, *, well: bool) -> None:
        self._ending.wait(PASS_S)

    def serve(self, sweep: str) -> None:
        """Let one search go as far as it can now."""
        with self._store.reading() as db:
            spec = sweeps.spec(db, sweep)
        search = spec.search
        for _ in range(MOST_STEPS if search else 0):
            if not search or not (
                self._end(sweep, search)
                or self._prune(sweep, spec, search)
                or self._go_on(sweep, spec, search)
            ):
                return

    def _end(self, sweep: str, search: Search) -> bool:
        """Note what came of the trials whose runs have ended; whether there were any."""
        with self._store.reading() as db:
            running, members = _running(db, sweep)
            ended = [end for kept in running if (end := judging.outcome(db, search, kept, members))]
        for kept in running:
            own = _own(kept, members)
            if any(run.state in (RunState.FAILED, RunState.LOST) for run in own):
                self._stop_runs(own, "the search: another run of this trial failed")
        if ended:
            with self._store.writing() as db:
                for kept in ended:
                    trials.end(db, sweep, kept)
        return bool(ended)

    def _prune(self, sweep: str, spec: SweepSpec, search: Search) -> bool:
        """Stop a trial that the pruner gives up; whether there was one."""
        if search.pruner == "none":
            return False
        with self._store.reading() as db:
            running, members = _running(db, sweep)
        for kept in running:
            for run in _own(kept, members):
                fresh = run.state == RunState.RUNNING and self._judged.get(run.id) != run.epoch
                self._judged[run.id] = run.epoch
                if fresh and run.epoch >= search.warmup and self._is_behind(sweep, spec, search, kept, run):
                    reason = f"the {search.pruner} pruner: other trials were better after epoch {run.epoch}"
                    self._stop_runs(_own(kept, members), reason)
                    return True
        return False

    def _is_behind(self, sweep: str, spec: SweepSpec, search: Search, kept: Kept, run: Run) -> bool:
        from backend.searches import study  # noqa: PLC0415 -- half a second of a server that never searches

        number = kept.trial.number
        with self._store.reading() as db:
            question = Question.of(sweep, search, catalogs.newest(db), spec.base)
            every = trials.of_sweep(db, sweep)
            own = _own(kept, {one.id: one for one in runs.of_ids(db, kept.trial.runs)})
            courses = [judging.course_of(db, one, search.series) for one in own]
        course = judging.together(courses, run.epoch)
        if not course:
            return False
        every[number] = Kept(kept.trial, course, kept.notes)
        stops, notes = study.pruned(question, every, number)
        if notes != dict(kept.notes):
            with self._store.writing() as db:
                trials.note(db, sweep, number, notes)
        return stops

    def _stop_runs(self, own: Sequence[Run], reason: str) -> None:
        """Let the runs of a trial stop."""
        for run in own:
            if run.state not in FINAL and run.state != RunState.STOPPING:
                to = RunState.STOPPED if run.state == RunState.PAUSED else RunState.STOPPING
                with self._store.writing() as db:
                    runs.move(db, run, to, reason)
                self._fanout.touch(run.id)
                self._nudge()

    def _go_on(self, sweep: str, spec: SweepSpec, search: Search) -> bool:
        """Launch the next trial, or end the search; whether a trial was launched."""
        with self._store.reading() as db:
            if trials.state(db, sweep) != (SearchState.RUNNING, ""):
                return False
            catalog = catalogs.newest(db)
            launched, training = trials.counts(db, sweep)
            minutes, newest = trials.minutes(db, sweep), trials.newest(db, sweep, MOST_FAILURES)
        if spec.base.program and not catalog.find("program", spec.base.program):
            return False  # its worker is away; the search waits
        end = _end_of(search, launched, minutes, newest)
        if end is None:
            question = Question.of(sweep, search, catalog, spec.base)
            return training < search.parallel and self._launch(question, spec, catalog)
        if not training:
            with self._store.writing() as db:
                trials.turn(db, sweep, *end)
        return False

    def _launch(self, question: Question, spec: SweepSpec, catalog: Catalog) -> bool:
        from backend.searches import proposals  # noqa: PLC0415 -- as above

        made = proposals.launch(self._store, question, spec, catalog, self._inspections)
        for run in made or []:
            self._fanout.touch(run)
        self._nudge()
        return made is not None


def _running(db: Connection, sweep: str) -> tuple[list[Kept], Members]:
    running = trials.running(db, sweep)
    ids = [run for kept in running for run in kept.trial.runs]
    return running, {run.id: run for run in runs.of_ids(db, ids)}


def _own(kept: Kept, members: Members) -> list[Run]:
    return [members[run] for run in kept.trial.runs if run in members]


def _end_of(
    search: Search, launched: int, minutes: float, newest: Sequence[SearchTrial]
) -> tuple[SearchState, str] | None:
    """The state of a search that is to begin no further trial, and the reason; None while it goes on."""
    planned = search.trials or DEFAULT_TRIALS
    all_failed = newest and all(one.state == TrialState.FAILED for one in newest)
    if all_failed and (len(newest) >= MOST_FAILURES or launched >= planned):
        words = "trial" if len(newest) == 1 else f"{len(newest)} trials"
        return SearchState.FAILED, f"The last {words} failed; the reason of the newest: {newest[0].reason}"
    if launched >= planned:
        return SearchState.COMPLETED, "All trials have ended."
    if search.budget_minutes is not None and minutes >= search.budget_minutes:
        return SearchState.COMPLETED, f"The budget of {search.budget_minutes:g} minutes is spent."
    return None
