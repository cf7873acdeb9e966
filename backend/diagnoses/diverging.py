"""The loss rises above where it began, or is no number any more."""

import numpy as np

from backend.curves.digest import Digest
from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import History, evidence, mean, smooth

LEAST = 30
FACTOR = 2.0
PART = 0.1


def judge(history: History) -> Finding:
    """Look for a loss that is not finite, then for one that ends far above its lowest and its beginning."""
    loss = history.of("loss")
    if loss is None:
        return unsure("no loss was recorded.")
    wrong = np.flatnonzero(~np.isfinite(loss.mean) | ~np.isfinite(loss.high))
    if len(wrong):
        part = loss.part(int(wrong[0]), len(loss))
        sentence = f"The loss is not a finite number since step {part.first[0]}."
        return _found(history, sentence, part)
    if "finite" in history.reason:
        return _found(history, f"The run ended: {history.reason}", history.late(loss))
    if history.steps < LEAST:
        return unsure(f"it has {history.steps} of the {LEAST} steps that are needed.")
    low, ends = float(np.nanmin(smooth(loss.mean))), mean(history.late(loss, PART))
    first, began = float(loss.mean[0]), mean(loss.part(0, max(1, int(PART * len(loss)))))
    rises = ends > FACTOR * low and ends > began
    if not (rises or ends > FACTOR * first):
        return silent(f"The loss went from {first:.2f} to {ends:.2f}.", evidence("loss", loss))
    lowest = int(np.nanargmin(smooth(loss.mean))) if rises else 0
    sentence = f"The loss began with {first:.2f} and has risen to {ends:.2f}."
    return _found(history, sentence, loss.part(lowest, len(loss)))


def _found(history: History, sentence: str, part: Digest) -> Finding:
    lr = history.settings.get("lr")
    changes = {"lr": float(f"{lr / 10:.3g}")} if isinstance(lr, int | float) and lr > 0 else {}
    remedy = f"Lower the learning rate to {changes['lr']:g}." if changes else "Lower the learning rate."
    return Finding(True, sentence, (evidence("loss", part),), remedy, changes)


DIAGNOSIS = Diagnosis(
    title="It diverges",
    question="Does training diverge?",
    rule="A loss is not finite; or the loss of the last tenth is more than the limit times its first "
    "value, or above the first tenth's and more than the limit times its lowest smoothed value.",
    threshold=f"{FACTOR} times. No completed run of docs/results ends above half of where it began.",
    rank=10,
    judge=judge,
)
