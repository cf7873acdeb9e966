"""A coefficient so small that the encoder is as good as frozen."""

import numpy as np

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History, evidence, mean, short
from backend.verdict.remedy import KEPT, alpha_for

FROZEN = 0.1


def judge(history: History) -> Finding:
    """Look for an encoder that gets less than a tenth of its gradient in most of the second half."""
    curves = {m: curve for m, curve in history.each("k").items() if np.nanmin(curve.low) < 1}
    if not curves:
        return silent("No encoder was slowed down.")
    if history.steps < SHORT:
        return unsure(short(history))
    halves = {m: history.late(curve, 0.5) for m, curve in curves.items()}
    shares = {m: float(np.mean(half.mean < FROZEN)) for m, half in halves.items()}
    worst = max(shares, key=lambda m: shares[m])
    shown = evidence(f"k.{worst}", halves[worst])
    value = mean(halves[worst])
    if shares[worst] <= 0.5:
        return silent(f"k of {worst} is {value:.2f} on average in the second half: it still learns.", shown)
    sentence = (
        f"k of {worst} is {value:.2g} on average in the second half, and below {FROZEN} in "
        f"{100 * shares[worst]:.0f} % of it: its encoder is as good as frozen."
    )
    alpha = alpha_for(history, worst)
    if alpha is None or not alpha < history.settings["alpha"]:
        return Finding(True, sentence, (shown,), "Lower the strategy's strength, or end its window earlier.")
    remedy = f"Lower alpha to {alpha:g}: at this rho k is then about {KEPT}."
    return Finding(True, sentence, (shown,), remedy, {"alpha": alpha})


DIAGNOSIS = Diagnosis(
    title="k is saturated",
    question="Is an encoder slowed down so much that it is as good as frozen?",
    rule="The mean of k is below the limit in more than half of the pieces of the second half of the run.",
    threshold=f"{FROZEN}: a tenth of the gradient. 1 − tanh(αρ) is below it from αρ = 1.47 on, and exactly "
    "0 in single precision from 9.02 on; in docs/results OGM-GE's leader with such a k lost 25 points.",
    rank=50,
    judge=judge,
)
