"""Validation has not improved for a long time, though training goes on."""

import numpy as np

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import History, evidence, mean, within

LEAST = 8
STALE = 0.5
BETTER = 0.005
FITS = 0.8


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
    words = f"Validation accuracy is {best:.1%} since step {at}, {since} of {len(curve)} validations ago"
    before, now = mean(within(loss, 0.8 * at, 1.2 * at)), mean(history.late(loss, 0.1))
    if since < STALE * len(curve) or not now < FITS * before:
        return silent(f"{words}.", shown)
    sentence = f"{words}, and the training loss still fell from {before:.2f} to {now:.2f}: it only overfits."
    remedy = "End it there, let the learning rate fall earlier (decay_at), or regularize."
    return Finding(True, sentence.replace("%,", " %,"), (shown,), remedy)


DIAGNOSIS = Diagnosis(
    title="Validation stopped improving",
    question="Does training go on without a gain?",
    rule="The first validation that no later one beats by half a point lies in the first half of at least "
    "eight, and the training loss has fallen by a fifth since.",
    threshold=f"{STALE:.0%} of the validations: early stopping usually waits for a few epochs; half of a "
    "run is "
    "beyond any such patience.",
    rank=80,
    judge=judge,
)
