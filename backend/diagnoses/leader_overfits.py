"""The leading modality fits faster than it generalizes."""

import numpy as np

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import FEW, History, evidence, mean
from backend.verdict.lead import lead, percent
from backend.verdict.remedy import balance

GAP = 0.15
MORE = 0.05


def judge(history: History) -> Finding:
    """Compare the leader's generalization gap with the limit and with the others' gaps."""
    if not history.several:
        return unsure("there is one modality, so no leader.")
    leader, gaps = lead(history), history.each("gap")
    if leader is None or leader.modality not in gaps:
        return unsure("no leader and no generalization gap were recorded.")
    if len(gaps[leader.modality]) < FEW:
        return unsure(f"{FEW} validations are needed.")
    curve = gaps[leader.modality]
    now = mean(history.late(curve))
    others = [mean(history.late(gap)) for m, gap in gaps.items() if m != leader.modality]
    shown = evidence(f"gap.{leader.modality}", history.late(curve))
    words = f"{leader.modality.capitalize()} is {percent(now)} points better".replace(" %", "")
    words += " on its training data than on validation"
    if not (leader.clear and now > GAP and now > max(others, default=0.0) + MORE):
        return silent(f"{words}: no sign that a leader generalizes worse than it fits.", shown)
    first = int(curve.first[int(np.argmax(curve.mean > GAP))])
    words += f", the others {round(100 * max(others, default=0.0))}, since step {first}"
    return Finding(True, f"{words}: it fits faster than it generalizes.", (shown,), *balance(history))


DIAGNOSIS = Diagnosis(
    title="Does the leader generalize?",
    question="Does the leading modality generalize worse than it fits?",
    rule="There is a leader, its generalization gap (training minus validation accuracy of its own logits) "
    "is on average over the last quarter above the limit, and 5 points above every other modality's.",
    threshold=f"{100 * GAP:.0f} points. The relation of overfitting to generalization is what "
    "Gradient-Blending weights by (Wang et al., CVPR 2020); the size was measured on docs/results.",
    rank=40,
    judge=judge,
)
