"""The settings that decide: PED-ANOVA (Watanabe, Bansal, and Hutter, IJCAI 2023), with intervals."""

import threading
import warnings
from collections.abc import Sequence

import numpy as np
from cachetools import LRUCache

from backend.searches.space import Question
from backend.store.trials import Kept
from rhoscope.search import LEAST_TRIALS, Importance, SettingImportance, TrialState

RESAMPLES = 40
LEVEL = 0.9
LEAST_ABOVE = 5
"""Trials that count as good, at least: with fewer the estimate is not stable, say Optuna's authors."""
QUANTILE = 0.1
METHOD = "PED-ANOVA"
MOST_KEPT = 100


class Importances:
    """One estimate at a time; what was estimated is kept for as long as no other trial completes."""

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[str, int], Importance] = LRUCache(MOST_KEPT)
        self._lock = threading.Lock()

    def of(self, question: Question, kept: Sequence[Kept]) -> Importance:
        """The importance of each setting of a search."""
        done = [one for one in kept if one.trial.state == TrialState.COMPLETED]
        key = (question.sweep, len(done))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = estimate(question, done)
            return self._kept[key]


def estimate(question: Question, done: Sequence[Kept]) -> Importance:
    """From the completed trials; empty with a note where they are too few or all alike."""
    names = list(question.search.space)
    if len(done) < LEAST_TRIALS:
        note = f"Importance is estimated from {LEAST_TRIALS} completed trials on; there are {len(done)}."
        return Importance(method=METHOD, trials=len(done), settings=[], note=note)
    if len({one.trial.value for one in done}) == 1:
        note = "All trials came to the same value, so no setting matters here."
        return Importance(method=METHOD, trials=len(done), settings=[], note=note)
    share = max(QUANTILE, LEAST_ABOVE / len(done))
    whole = _shares(question, done, share)
    rng = np.random.default_rng(0)
    drawn = [[done[i] for i in rng.integers(0, len(done), len(done))] for _ in range(RESAMPLES)]
    resampled = np.array(
        [[one[name] for name in names] for one in (_shares(question, d, share) for d in drawn)]
    )
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    each = [
        SettingImportance(name=name, share=whole[name], low=float(low[i]), high=float(high[i]))
        for i, name in enumerate(names)
    ]
    note = (
        f"Share of reaching the best {share:.0%} of {len(done)} trials that each setting explains; "
        f"bars are {LEVEL:.0%} intervals over {RESAMPLES} bootstrap samples of the trials."
    )
    ranked = sorted(each, key=lambda one: -one.share)
    return Importance(method=METHOD, trials=len(done), settings=ranked, note=note)


def _shares(question: Question, done: Sequence[Kept], share: float) -> dict[str, float]:
    """By setting, from 0 to 1; they add up to 1."""
    from optuna import importance  # noqa: PLC0415 -- half a second of a server that never searches

    from backend.searches.study import study_of  # noqa: PLC0415 -- as above

    evaluator = importance.PedAnovaImportanceEvaluator(target_quantile=share)
    with warnings.catch_warnings(action="ignore"):
        weights = importance.get_param_importances(study_of(question, done), evaluator=evaluator)
    return {name: float(weights.get(name, 0.0)) for name in question.search.space}
