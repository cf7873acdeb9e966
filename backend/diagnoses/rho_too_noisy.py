"""The batch is too small for the ratio that steers."""

import math

import numpy as np

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History
from backend.verdict.window import slowed
from rhoscope.verdict import Evidence

NOISE = 0.3
LARGEST = 1024


def judge(history: History) -> Finding:
    """Compare the spread of log rho between neighboring steps with its mean."""
    modality = slowed(history) or next((m for m in history.modalities if history.of(f"rho.{m}")), None)
    if modality is None or not history.several:
        return unsure("no discrepancy ratio rho was recorded.")
    steps, rho = history.newest(f"rho.{modality}")
    if len(rho) < SHORT or not (np.isfinite(rho).all() and (rho > 0).all()):
        return unsure(f"{SHORT} rows of rho are needed.")
    log = np.log(rho.astype(np.float64))
    spread = float(np.diff(log).std() / math.sqrt(2))
    middle = abs(float(log.mean()))
    wrong = float(np.mean(np.sign(log) != np.sign(log.mean())))
    shown = Evidence(series=f"rho.{modality}", start=int(steps[0]), end=int(steps[-1]))
    words = (
        f"From one step to the next rho of {modality} varies by a factor of {math.exp(spread):.2f}, around a "
        f"mean of {math.exp(float(log.mean())):.2f}; {100 * wrong:.0f} % of the steps are on the wrong "
        "side of 1"
    )
    if not (spread > NOISE and spread > 2 * middle):
        return silent(f"{words}: the batch is large enough.", shown)
    batch = history.settings.get("batch_size")
    larger = min(LARGEST, batch * 4) if isinstance(batch, int) else None
    return Finding(
        speaks=True,
        sentence=f"{words}: at this batch size chance decides whom a strategy slows.",
        evidence=(shown,),
        remedy=f"Take a larger batch ({larger} halves the spread)." if larger else "Take a larger batch.",
        changes={"batch_size": larger} if larger and larger > int(batch or 0) else {},
    )


DIAGNOSIS = Diagnosis(
    title="rho is too noisy for this batch size",
    question="Is rho, by which strategies steer, mostly chance?",
    rule="In the newest rows (at most 512) of the encoder that is slowed, or of the first one, the "
    "standard deviation of log rho between neighboring steps is above the limit, and more than twice the "
    "mean of log rho.",
    threshold=f"{NOISE}: a factor of 1.35 from step to step; above twice the mean, three steps of ten are "
    "on the wrong side of 1 (normal distribution).",
    rank=62,
    judge=judge,
)
