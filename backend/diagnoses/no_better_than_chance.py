"""A modality whose branch does no better than guessing."""

import math

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import FEW, History, evidence, mean
from backend.verdict.lead import percent

LAST = 3
ERRORS = 2.0


def judge(history: History) -> Finding:
    """Compare each branch's newest validations with the share of the most frequent class."""
    branches = history.each("val.accuracy")
    if not branches or history.majority is None or not history.examples:
        return unsure("validation accuracies by modality and the number of examples by class are needed.")
    counts = {m: len(curve) for m, curve in branches.items()}
    if min(counts.values()) < FEW:
        return unsure(f"{FEW} validations are needed.")
    limit = history.majority + ERRORS * math.sqrt(
        history.majority * (1 - history.majority) / history.examples
    )
    newest = {m: curve.part(len(curve) - LAST, len(curve)) for m, curve in branches.items()}
    weak = min(newest, key=lambda m: mean(newest[m]))
    reached = mean(newest[weak])
    shown = evidence(f"val.accuracy.{weak}", newest[weak])
    words = f"The branch of {weak} is right on {percent(reached)} of the validation split"
    if reached > limit:
        return silent(f"{words}, more than the {percent(limit)} that guessing reaches.", shown)
    if (able := _able(history, weak)) > limit:
        return silent(f"{words}, but {percent(able)} can be read from it.", shown)
    sentence = (
        f"{words}, no better than guessing ({percent(history.majority)}): {weak} carries nothing about the "
        "classes, or its encoder has not learned it."
    )
    if not history.several:
        return Finding(True, sentence, (shown,), "Look at the data and the encoder.")
    remedy = f"Train {weak} alone (only={weak}): if that fails, too, look at its data and its encoder."
    return Finding(True, sentence, (shown,), remedy, {"only": weak})


def _able(history: History, modality: str) -> float:
    """Accuracy of the modality alone or of a probe; 0 where neither was measured."""
    curves = [history.of(f"{stem}.{modality}") for stem in ("alone", "probe.accuracy")]
    return max((float(curve.mean[-1]) for curve in curves if curve is not None), default=0.0)


DIAGNOSIS = Diagnosis(
    title="A modality does no better than chance",
    question="Is a modality's branch no better than guessing?",
    rule="The mean of its last three validation accuracies is at most the share of the most frequent class "
    "plus two standard errors, and neither the modality alone nor its probe reaches more.",
    threshold=f"{ERRORS:.0f} standard errors of the validation split (binomial).",
    rank=25,
    judge=judge,
)
