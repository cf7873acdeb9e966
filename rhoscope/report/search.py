"""The results of a search, as a report shows them."""

from dataclasses import dataclass
from typing import Any

from rhoscope import charts
from rhoscope.search import Importance, Surface, Trials, TrialState


@dataclass(frozen=True)
class SearchResults:
    """The trials of a search, which settings decide, and the objective over two of them, where there are."""

    trials: Trials
    importance: Importance
    surface: Surface | None

    @property
    def best(self) -> str:
        """The best trial in a sentence."""
        best = self.trials.status.best
        if best is None or best.value is None:
            return "No trial has completed."
        values = ", ".join(f"{name.replace('_', ' ')} {charts.plain(v)}" for name, v in best.values.items())
        return f"The best is trial {best.number} with {self.trials.search.series} {best.value:.4g}: {values}."

    @property
    def methods(self) -> str:
        """How the trials were chosen, in sentences."""
        search, status = self.trials.search, self.trials.status
        states = [one.state for one in self.trials.trials]
        done, pruned, failed = (
            states.count(state) for state in (TrialState.COMPLETED, TrialState.PRUNED, TrialState.FAILED)
        )
        space = "; ".join(f"{name.replace('_', ' ')} {axis.words()}" for name, axis in search.space.items())
        pruner = "" if search.pruner == "none" else f", with the {search.pruner} pruner"
        aim = "maximize" if self.trials.maximizes else "minimize"
        return (
            f"{status.launched} trials were chosen by {search.sampler} (Optuna){pruner}, to {aim} the "
            f"{search.measure} {search.series}: {done} completed, {pruned} were pruned, and {failed} failed. "
            f"Searched: {space}. The best of many trials is too good by chance; its value here is no "
            "estimate of what it reaches on new seeds."
        )

    def drawn(self) -> dict[str, Any]:
        """For the charts."""
        return {
            "trials": self.trials.model_dump(mode="json"),
            "importance": self.importance.model_dump(mode="json"),
            "surface": self.surface.model_dump(mode="json") if self.surface else None,
        }
