"""Training became slower on the way."""

import numpy as np

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History, evidence, smooth, trailing

FALL = 0.6
PART = 0.1
NEAR = 0.03
"""Part of a run within which a change counts as the cause."""


def judge(history: History) -> Finding:
    """Compare the last tenth with the median before, and look what was changed when it began."""
    curve = history.of("throughput")
    if curve is None or history.steps < SHORT or len(curve) < 20:
        return unsure(f"the throughput of {SHORT} steps is needed.")
    values = smooth(curve.mean)
    tail = max(2, int(PART * len(curve)))
    usual, now = float(np.nanmedian(values[:-tail])), float(np.nanmedian(values[-tail:]))
    words = f"{now:.0f} examples/s in the last tenth, {usual:.0f} before"
    if not now < FALL * usual:
        return silent(f"{words}.", evidence("throughput", curve))
    begin = min(trailing(values < (FALL + 1) / 2 * usual), len(curve) - tail)
    part = curve.part(begin, len(curve))
    step = int(part.first[0])
    why, remedy = _cause(history, step)
    sentence = f"Throughput fell to {now:.0f} from {usual:.0f} examples/s at about step {step}: {why}."
    return Finding(True, sentence, (evidence("throughput", part),), remedy)


def _cause(history: History, step: int) -> tuple[str, str]:
    near = max(20.0, NEAR * history.steps)
    changes = [change for change in history.changes if abs(change.step - step) <= near and change.step > 0]
    if changes:
        nearest = min(changes, key=lambda change: abs(change.step - step))
        return f"{nearest.words} at step {nearest.step}", "Undo that change if it was not meant to cost this."
    why = "no setting was changed then, so it is the machine or the data's storage"
    return why, "Look at the worker: other programs, its temperature, the disk."


DIAGNOSIS = Diagnosis(
    title="Throughput fell",
    question="Did training become slower, and why?",
    rule="The median of the smoothed throughput in the last tenth is below the limit times the median "
    "before. The cause is the change of a setting or of the worker within 3 % of the run around the fall.",
    threshold=f"{FALL} times: more than what the first steps, validation, and a shared machine vary.",
    rank=90,
    judge=judge,
)
