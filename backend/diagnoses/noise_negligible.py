"""The added noise is too small to change anything."""

import numpy as np

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History, evidence, short
from backend.verdict.noise import ratios

NOTHING = 0.05


def judge(history: History) -> Finding:
    """Compare the noise with the gradient that is left, of the encoder with the most noise."""
    shares = ratios(history)
    if not shares:
        return silent("No noise was added.")
    if history.steps < SHORT:
        return unsure(short(history))
    high = {m: float(np.quantile(ratio[noisy], 0.9)) for m, (_, ratio, noisy) in shares.items()}
    most = max(high, key=lambda m: high[m])
    shown = evidence(f"noise.{most}", shares[most][0])
    words = (
        f"The noise added to {most} is {100 * high[most]:.1f} % of its gradient in nine of ten pieces at most"
    )
    if high[most] >= NOTHING:
        return silent("The added noise is large enough to be felt.", shown)
    remedy = "Drop it (OGM), or take the other estimator (noise=tensor-std)."
    return Finding(True, f"{words}, and less for the others: it changes nothing.", (shown,), remedy)


DIAGNOSIS = Diagnosis(
    title="Noise is negligible",
    question="Is the added noise too small to matter?",
    rule="Nine of ten pieces of every encoder have ‖h‖ / (k ‖g‖) below the limit.",
    threshold=f"{NOTHING}: its variance is then under 0.3 % of the squared gradient; at 0.93 to 1.00 the "
    "published noise lies far above.",
    rank=85,
    judge=judge,
)
