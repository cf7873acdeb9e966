"""Whether slowing the leader gains accuracy: what the experiment `predict` can say of a run, and no more."""

import math

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History, evidence, mean, short
from backend.verdict.window import slowed

STEPS = 138
"""Steps of the longest runs of `docs/results/predict`; its others have 108 and 126."""
ALPHA = 1.5
"""Of OGM-GE there."""
SETTINGS, LOST = 32, 31
"""Of data set, fusion, and optimizer there, and those in which OGM-GE lost against joint training."""


def judge(history: History) -> Finding:
    """Speak of a short run that is slowed down; nothing else was found to tell."""
    if not history.several:
        return unsure("there is one modality, so nothing to balance.")
    planned = _planned(history)
    if planned is None:
        return unsure("the number of steps that it will have is not known.")
    if planned > STEPS or history.strategy not in ("joint", "ogm-ge"):
        return unsure(_NOTHING)
    if history.strategy == "joint":
        return silent(f"With {planned} steps a run is too short for OGM-GE to pay: {_OFTEN}.")
    return _slowed(history, planned)


def _planned(history: History) -> int | None:
    """Steps of the whole run."""
    epochs, each = history.settings.get("epochs"), history.steps_per_epoch
    if not isinstance(epochs, int | float) or each is None:
        return None
    steps = epochs * each
    return round(steps) if math.isfinite(steps) else None


def _slowed(history: History, planned: int) -> Finding:
    alpha, modality = history.settings.get("alpha"), slowed(history)
    if history.steps < SHORT:
        return unsure(short(history))
    if modality is None or not isinstance(alpha, int | float) or alpha < ALPHA:
        return unsure(_NOTHING)
    curve = history.curves[f"k.{modality}"]
    sentence = (
        f"OGM-GE kept k of {modality} at {mean(curve):.2f} on average, and with {planned} steps the run is "
        f"too short for that to pay: {_OFTEN}."
    )
    remedy = "Train for more epochs, or jointly."
    return Finding(True, sentence, (evidence(f"k.{modality}", curve),), remedy, {"strategy": "joint"})


_OFTEN = f"in {LOST} of {SETTINGS} settings this short it lost against joint training"
_NOTHING = (
    "of what joint runs show early, nothing predicted what slowing the leader gains; the candidates of "
    '"What would help?" can be trained from here instead.'
)
DIAGNOSIS = Diagnosis(
    title="Would balancing pay?",
    question="Would slowing the leader gain accuracy here?",
    rule=f"The whole run has at most {STEPS} steps, and OGM-GE with an alpha of {ALPHA} or more has slowed a "
    "modality. Of joint runs so short it is said that OGM-GE would hardly pay. Of every other run nothing is "
    "known: rho, its trend, the leader's generalization gap, a branch behind its modality alone, the "
    "ratio of gradients, and the gap of a probe did not predict what OGM-GE gains.",
    threshold=f"{STEPS} steps, alpha {ALPHA}: those of docs/results/predict, where OGM-GE lost in "
    f"{LOST} of {SETTINGS} settings. Longer runs were not compared there.",
    rank=88,
    judge=judge,
)
