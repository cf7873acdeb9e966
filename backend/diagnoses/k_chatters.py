"""The coefficient jumps to and fro between two steps."""

import numpy as np

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History
from rhoscope.verdict import Evidence

FLIPS = 20.0
JUMP = 0.3
WHOLE = 0.999


def judge(history: History) -> Finding:
    """Count in the newest rows how often the brake of an encoder is put on and let go."""
    counts = {}
    for modality in history.modalities:
        steps, k = history.newest(f"k.{modality}")
        if len(k) >= SHORT and np.isfinite(k).all():
            flipped = np.flatnonzero(np.diff((k < WHOLE).astype(int)))
            sizes = np.abs(np.diff(k))[flipped]
            counts[modality] = (
                100 * len(flipped) / len(k),
                float(sizes.mean()) if len(sizes) else 0.0,
                steps,
            )
    if not counts:
        return unsure(f"{SHORT} rows with a coefficient k are needed.")
    worst = max(counts, key=lambda m: counts[m][0])
    rate, jump, steps = counts[worst]
    shown = Evidence(series=f"k.{worst}", start=int(steps[0]), end=int(steps[-1]))
    words = f"k of {worst} changes between braking and 1 {rate:.0f} times per 100 steps"
    if rate <= FLIPS or jump <= JUMP:
        return silent(f"{words}, by {jump:.2f} each time: it does not chatter.", shown)
    journal = "k_rule" in history.settings and history.settings["k_rule"] != "journal"
    remedy = (
        "Take the rule that has no jump at rho = 1 (k_rule=journal)" if journal else "Weaken the strategy"
    )
    return Finding(
        speaks=True,
        sentence=f"{words}, by {jump:.2f} each time: the brake is put on and let go by turns.",
        evidence=(shown,),
        remedy=f"{remedy}, or a larger batch.",
        changes={"k_rule": "journal"} if journal else {},
    )


DIAGNOSIS = Diagnosis(
    title="k chatters",
    question="Is an encoder braked and released again and again?",
    rule="In the newest rows (at most 512) an encoder's k leaves or reaches 1 more often than the limit, "
    "and the mean jump is above 0.3.",
    threshold=f"{FLIPS:.0f} times per 100 steps; a fair coin flips 50 times. k jumps at rho = 1 by tanh(α): "
    "0.1 for alpha 0.1, 0.66 for 0.8, 0.99 for 2.6 (equation 10 of the paper).",
    rank=60,
    judge=judge,
)
