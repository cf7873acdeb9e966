"""Under Adam a coefficient does not slow an encoder down."""

import numpy as np

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History, evidence, mean, short
from backend.verdict.window import slowed

SLOWED = 0.5
MOVES = 0.5


def judge(history: History) -> Finding:
    """Compare how far the slowed encoder moves with how far the others move."""
    optimizer = str(history.settings.get("optimizer", ""))
    if optimizer.lower() not in ("adam", "adamw"):
        return silent(f"The optimizer is {optimizer}.") if optimizer else unsure(_UNKNOWN)
    modality = slowed(history)
    if modality is None:
        return silent("No encoder was slowed down.")
    if history.steps < SHORT:
        return unsure(short(history))
    curve = history.late(history.curves[f"k.{modality}"], 0.5)
    k = mean(curve)
    moves = {m: history.late(one, 0.5) for m, one in history.each("effective_step").items()}
    others = [mean(one) for m, one in moves.items() if m != modality]
    if modality not in moves or not others:
        return unsure("no effective step was recorded.")
    ratio = mean(moves[modality]) / max(float(np.mean(others)), 1e-30)
    shown = (evidence(f"effective_step.{modality}", moves[modality]), evidence(f"k.{modality}", curve))
    words = (
        f"k of {modality} is {k:.2f} in the second half, and its encoder moves {ratio:.2f} times as far as "
    )
    words += "the others"
    if not (k < SLOWED and ratio > MOVES and ratio > 2 * k):
        return silent(f"{words}: {optimizer} does not cancel k here.", *shown)
    sentence = f"{words}: {optimizer} divides by the gradient's own size, so k cancels out of its step."
    return Finding(True, sentence, shown, "Use SGD with momentum for modulation.", {"optimizer": "sgd"})


_UNKNOWN = "the optimizer is not known."

DIAGNOSIS = Diagnosis(
    title="Adam cancels k",
    question="Does the optimizer undo the modulation?",
    rule="The optimizer is Adam or AdamW, the slowed encoder's k is below 0.5 on average in the second "
    "half, and its effective step is more than half of the other encoders', and more than twice k.",
    threshold=f"{MOVES} times. A constant k cancels in m / √v; in docs/results the braked encoder moved as "
    "far as without k, or farther.",
    rank=55,
    judge=judge,
)
