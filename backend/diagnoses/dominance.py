"""One modality is clearly ahead of the others."""

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History, evidence, short
from backend.verdict.lead import MEANS_LEAD, lead, times
from backend.verdict.remedy import balance


def judge(history: History) -> Finding:
    """Compare the leader's rho in the last quarter with the limit."""
    if not history.several:
        return unsure("there is one modality, so nothing to balance.")
    leader = lead(history)
    if leader is None:
        return unsure("no discrepancy ratio rho was recorded.")
    if history.steps < SHORT:
        return unsure(short(history))
    shown = evidence(f"rho.{leader.modality}", leader.stretch)
    if not leader.clear:
        words = f"No modality leads: rho of {leader.modality} is {times(leader.factor)} in the last quarter."
        return silent(words, shown)
    others = " and ".join(m for m in history.modalities if m != leader.modality)
    words = (
        f"{leader.modality.capitalize()} leads {others}: its rho is {times(leader.factor)} on average in the "
        "last "
        f"quarter, and above 1 since step {leader.stretch.first[0]}."
    )
    remedy, changes = balance(history)
    return Finding(True, words, (shown,), remedy, changes)


DIAGNOSIS = Diagnosis(
    title="Who leads?",
    question="Does one modality dominate?",
    rule="The leader's rho, its geometric mean over the last quarter of the run, is above the limit, and "
    "at least 80 % of the pieces there are above 1.",
    threshold=f"{MEANS_LEAD}: above what joint runs on smartwatch show, below those on AV-digits "
    "(docs/results).",
    rank=20,
    judge=judge,
)
