"""The added noise is many times what is left of the gradient."""

import numpy as np

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History, evidence, short
from backend.verdict.lead import times
from backend.verdict.noise import ratios

DROWNS = 8.0


def judge(history: History) -> Finding:
    """Compare the noise with k times the gradient, piece by piece."""
    shares = ratios(history)
    if not shares:
        return silent("No noise was added.")
    if history.steps < SHORT:
        return unsure(short(history))
    middle = {m: float(np.median(ratio[noisy])) for m, (_, ratio, noisy) in shares.items()}
    worst = max(middle, key=lambda m: middle[m])
    shown = evidence(f"noise.{worst}", shares[worst][0])
    words = (
        f"The noise added to {worst} is {times(middle[worst])} times what k leaves of its gradient, in the "
    )
    words += "median"
    if middle[worst] <= DROWNS:
        return silent(f"{words}: the gradient can still be heard.", shown)
    return Finding(
        speaks=True,
        sentence=f"{words}: it moves by chance more than by what it learns.",
        evidence=(shown,),
        remedy="Lower alpha, or modulate without noise (OGM).",
        changes={"strategy": "ogm"} if history.strategy == "ogm-ge" else {},
    )


DIAGNOSIS = Diagnosis(
    title="Noise drowns the gradient",
    question="Is an encoder's step mostly noise?",
    rule="The median over all pieces with noise of ‖h‖ / (k ‖g‖) of an encoder is above the limit.",
    threshold=f"{DROWNS:.0f}. GE's noise is about as large as the gradient before k (measured on "
    "ResNet-18s: 0.93 to 1.00), so the ratio is about 1/k. Momentum 0.9 averages about ten gradients, "
    "which raises signal to noise by √10; beyond 8 the signal is still under half of the noise.",
    rank=65,
    judge=judge,
)
