"""One branch knows much less than another, and nothing says whether its modality could do more."""

import math

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import FEW, History, evidence, mean
from backend.verdict.lead import percent
from backend.verdict.stopped import stopped

APART = 0.15
LAST = 3
ERRORS = 3.0
REFERENCES = ("alone", "probe.accuracy")


def judge(history: History) -> Finding:
    """Compare the newest validations of the best branch with those of the worst."""
    branches = history.each("val.accuracy")
    if len(branches) < 2:
        return unsure("validation accuracies of two branches are needed.")
    if min(len(curve) for curve in branches.values()) < FEW:
        return unsure(f"{FEW} validations are needed.")
    newest = {m: curve.part(len(curve) - LAST, len(curve)) for m, curve in branches.items()}
    reached = {m: mean(curve) for m, curve in newest.items()}
    weak, strong = min(reached, key=lambda m: reached[m]), max(reached, key=lambda m: reached[m])
    apart = reached[strong] - reached[weak]
    shown = tuple(evidence(f"val.accuracy.{m}", newest[m]) for m in (weak, strong))
    words = f"The branch of {weak} is right on {percent(reached[weak])}, that of {strong} on "
    words += percent(reached[strong])
    if not apart > _limit(history):
        return silent(f"{words}: they are not far apart.", *shown)
    if any(weak in history.each(stem) for stem in REFERENCES):
        return silent(f"{words}. What {weak} can do was measured, and says whether that is little.", *shown)
    if stopped(history):
        return silent(f"{words}. That {weak} has stopped is said already.", *shown)
    sentence = (
        f"{words}: {100 * apart:.0f} points apart. Either {weak} says less about the classes, or joint "
        "training holds it back; nothing here tells which."
    )
    remedy = f"Measure what {weak} can do: baseline_epochs trains it alone, probe_every reads its encoder."
    return Finding(True, sentence, shown, remedy)


def _limit(history: History) -> float:
    """The limit, or three standard errors of the difference where the validation split is small."""
    errors = ERRORS * math.sqrt(0.5 / (LAST * history.examples)) if history.examples else 0.0
    return max(APART, errors)


DIAGNOSIS = Diagnosis(
    title="Branches far apart",
    question="Does one branch know much less than another, without a measure of what it could do?",
    rule="The means of the last three validation accuracies of the best branch and of the worst differ by "
    "more than the limit, the worst modality was neither trained alone nor probed, and it is not starved.",
    threshold=f"{100 * APART:.0f} points, and at least three standard errors of the validation split. Of "
    "the runs in docs/results on which no other diagnosis spoke, a third had branches 20 points "
    "apart on the test split.",
    rank=45,
    judge=judge,
)
