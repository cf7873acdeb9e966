"""An encoder whose gradient has vanished while others learn."""

import numpy as np

from backend.curves.digest import Digest
from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History, evidence, geometric

DEAD = 1e-8
SMALL = 0.01
NONE = 1e-4
FELL = 0.1


def judge(history: History) -> Finding:
    """Compare each encoder's gradient with the largest one, in the last quarter and at the beginning."""
    curves = history.each("grad_norm")
    if history.steps < SHORT or not curves:
        return unsure(f"gradient norms of {SHORT} steps are needed.")
    late = {m: history.late(curve) for m, curve in curves.items()}
    norms = {m: _size(part) for m, part in late.items()}
    begin = {m: _size(curve.part(0, max(1, len(curve) // 10))) for m, curve in curves.items()}
    weak = min(norms, key=lambda m: norms[m])
    largest = max(norms.values())
    shown = evidence(f"grad_norm.{weak}", late[weak])
    words = f"The gradient of {weak}'s encoder is {norms[weak]:.1e} in the last quarter"
    if len(norms) > 1:
        words += f", the largest one {largest:.1e}"
    share, first = norms[weak] / max(largest, 1e-30), begin[weak] / max(*begin.values(), 1e-30)
    fell = share < SMALL and share < FELL * first
    if not (norms[weak] < DEAD or (len(norms) > 1 and (fell or share < NONE))):
        return silent(f"{words}: no encoder has vanished.", shown)
    remedy = "Look for dead activations, a detached branch, or a learning rate that is too high for it; "
    remedy += "try other strategies on this run."
    return Finding(True, f"{words}: it learns nothing any more.", (shown,), remedy)


def _size(curve: Digest) -> float:
    """Its geometric mean; 0 where every value is."""
    size = geometric(curve)
    return size if np.isfinite(size) else 0.0


DIAGNOSIS = Diagnosis(
    title="An encoder vanishes",
    question="Has an encoder's gradient vanished?",
    rule="Its gradient norm before modulation, as a geometric mean over the last quarter, is below a "
    "hundredth of the largest one and, relative to it, a tenth of what it was in the first tenth of the "
    "run; or below a ten-thousandth of the largest one, or below 1e-8.",
    threshold=f"{SMALL} and {FELL}. In docs/results the starved branch's gradient stays above a tenth of "
    "the leader's, so starving alone is not called vanishing.",
    rank=35,
    judge=judge,
)
