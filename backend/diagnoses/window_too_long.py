"""Modulation went on after it had done its work, and now costs."""

import numpy as np

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import FEW, SHORT, History, evidence, geometric, mean, within
from backend.verdict.lead import MEANS_LEAD, percent, ratios, times
from backend.verdict.window import slowed, window_end

LOST = 0.1
GAINED = 0.01
FIRST = 0.2


def judge(history: History) -> Finding:
    """Look whether the slowed modality fell behind, or lost what it could while nothing was gained."""
    modality = slowed(history)
    if modality is None:
        return silent("No encoder was slowed down.")
    end = window_end(history)
    if history.steps < SHORT or (end is not None and history.steps > end + SHORT // 2):
        return unsure("modulation ended long ago, or the run is too short.")
    return _overtaken(history, modality) or _paid(history, modality)


def _overtaken(history: History, modality: str) -> Finding | None:
    """The one that led at first is now clearly behind."""
    curve = ratios(history).get(modality)
    if curve is None:
        return None
    first = geometric(within(curve, 0, FIRST * history.steps))
    late = history.late(curve)
    now = geometric(late)
    if not (first > 1 and now < 1 / MEANS_LEAD):
        return None
    sentence = (
        f"{modality.capitalize()} led at first (rho {times(first)}) and has fallen to {now:.2f} under "
        "modulation: the lead has turned round."
    )
    return Finding(True, sentence, (evidence(f"rho.{modality}", late),), _remedy(late.first[0]))


def _paid(history: History, modality: str) -> Finding:
    """Its own branch lost accuracy, and the network gained none since."""
    branch, fused = history.of(f"val.accuracy.{modality}"), history.of("val.accuracy")
    if branch is None or fused is None or len(branch) < FEW:
        return unsure(f"{FEW} validations are needed.")
    best = int(np.nanargmax(smoothed := branch.mean))
    lost = float(smoothed[best] - mean(history.late(branch)))
    at = int(branch.last[best])
    before = within(fused, 0, at).mean
    gained = float(np.nanmax(fused.mean) - np.nanmax(before)) if len(before) else 0.0
    shown = (evidence(f"val.accuracy.{modality}", branch.part(best, len(branch))),)
    words = (
        f"Since step {at} the branch of {modality} went from {percent(smoothed[best])} to "
        f"{percent(smoothed[best] - lost)} under modulation, and the network gained {100 * gained:.1f} points"
    )
    if not (lost > LOST and gained < GAINED):
        return silent(f"{words}.", *shown)
    return Finding(True, f"{words}: it pays and gets nothing for it.", shown, _remedy(at))


def _remedy(step: int) -> str:
    return f"End modulation at about step {step} (modulation_ends), or lower alpha."


DIAGNOSIS = Diagnosis(
    title="The window is too long",
    question="Does modulation go on after it has done its work?",
    rule="The modality that is slowed down most led in the first fifth of the run and is now clearly "
    "behind; or its branch lost more validation accuracy than the limit since its best, and the network's "
    "best has gained less than a point since.",
    threshold=f"{100 * LOST:.0f} points; rho below 1/{MEANS_LEAD}. In docs/results OGM-GE's leader lost 25 "
    "points where the network gained 7.",
    rank=75,
    judge=judge,
)
