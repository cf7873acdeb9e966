"""Rules by which the runs of a sweep stop or go on of themselves."""

from backend.launching.median_rule import MedianRule
from backend.launching.races import Races
from backend.recording.fanout import Fanout
from backend.store import Store, runs
from rhoscope.runs import Run
from rhoscope.states import RunState


class Rules:
    """The median rule and the races of one store."""

    def __init__(self, store: Store, fanout: Fanout) -> None:
        self._store = store
        self._fanout = fanout
        self._median = MedianRule()
        self._races = Races(store)

    def apply(self, taken: list[Run]) -> bool:
        """Move the runs that a rule moves, of those that are being trained and those that wait; if any."""
        with self._store.reading() as db:
            hopeless = self._median.hopeless(db, taken)
        for run, reason in hopeless:
            with self._store.writing() as db:
                runs.move(db, run, RunState.STOPPING, reason)
        moved = [run.id for run, _ in hopeless] + self._races.step()
        for one in moved:
            self._fanout.touch(one)
        return bool(moved)
