"""Whether slowing the leader gains accuracy: what the experiment `predict` can say of a run, and no more."""

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History, evidence, mean, short
from backend.verdict.study import ALPHA, LOST, OFTEN, SETTINGS, STEPS, brief, planned
from backend.verdict.window import slowed


def judge(history: History) -> Finding:
    """Speak of a short run that is slowed down; nothing else was found to tell."""
    if not history.several:
        return unsure("there is one modality, so nothing to balance.")
    steps = planned(history)
    if steps is None:
        return unsure("the number of steps that it will have is not known.")
    if not brief(history) or history.strategy not in ("joint", "ogm-ge"):
        return unsure(_NOTHING)
    if history.strategy == "joint":
        return silent(f"With {steps} steps a run is too short for OGM-GE to pay: {OFTEN}.")
    return _slowed(history, steps)


def _slowed(history: History, steps: int) -> Finding:
    alpha, modality = history.settings.get("alpha"), slowed(history)
    if history.steps < SHORT:
        return unsure(short(history))
    if modality is None or not isinstance(alpha, int | float) or alpha < ALPHA:
        return unsure(_NOTHING)
    curve = history.curves[f"k.{modality}"]
    sentence = (
        f"OGM-GE kept k of {modality} at {mean(curve):.2f} on average, and with {steps} steps the run is "
        f"too short for that to pay: {OFTEN}."
    )
    remedy = "Train for more epochs, or jointly."
    return Finding(True, sentence, (evidence(f"k.{modality}", curve),), remedy, {"strategy": "joint"})


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
