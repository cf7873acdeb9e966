"""Validation has not improved for a long time, though training goes on."""

import numpy as np

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import History, evidence, mean, within

LEAST = 8
STALE = 0.5
BETTER = 0.005
FITS = 0.9


def judge(history: History) -> Finding:
    """Look for the first validation that no later one beats by half a point."""
    curve, loss = history.of("val.accuracy"), history.of("loss")
    if curve is None or loss is None or len(curve) < LEAST:
        return unsure(f"{LEAST} validations are needed.")
    best = float(np.nanmax(curve.mean))
    first = int(np.argmax(curve.mean >= best - BETTER))
    since = len(curve) - 1 - first
    at = int(curve.last[first])
    shown = evidence("val.accuracy", curve.part(first, len(curve)))
    words = (
        f"Validation accuracy is {100 * best:.1f} % since step {at}, {since} of {len(curve)} validations ago"
    )
    before, now = mean(within(loss, 0.8 * at, 1.2 * at)), mean(history.late(loss, 0.1))
    if since < STALE * len(curve) or not now < FITS * before:
        return silent(f"{words}.", shown)
    sentence = (
        f"{words}, while the training loss went from {before:.2g} to {now:.2g}: training goes on without "
    )
    sentence += "a gain."
    remedy = "End it there, let the learning rate fall earlier (decay_at), or regularize."
    return Finding(True, sentence, (shown,), remedy)


DIAGNOSIS = Diagnosis(
    title="Validation stopped improving",
    question="Does training go on without a gain?",
    rule="The first validation that no later one beats by half a point is farther ago than the limit, of "
    "at least eight, and the training loss has fallen by a tenth since.",
    threshold=f"{100 * STALE:.0f} % of the validations, more than any usual patience of early stopping. "
    "Half a point is less than the standard error of the validation splits of docs/results.",
    rank=80,
    judge=judge,
)
