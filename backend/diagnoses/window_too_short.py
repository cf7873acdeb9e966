"""Modulation ended, and the lead came back."""

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import SHORT, History, evidence, geometric, within
from backend.verdict.lead import MEANS_LEAD, lead, ratios, times
from backend.verdict.window import window_end

BACK = 1.5


def judge(history: History) -> Finding:
    """Compare the leader's rho before the window's end with that after it."""
    end = window_end(history)
    if end is None:
        return silent("Modulation has no end in this run.")
    leader = lead(history)
    if leader is None or history.steps < max(SHORT, end + SHORT // 2):
        return unsure(f"modulation ends at step {end}; {SHORT // 2} steps after it are needed.")
    curve = ratios(history)[leader.modality]
    inside, after = within(curve, end / 2, end), within(curve, end, history.steps)
    if not len(inside) or not len(after):
        return unsure(f"too little was recorded around step {end}.")
    before, now = geometric(inside), geometric(after)
    shown = evidence(f"rho.{leader.modality}", after)
    words = f"rho of {leader.modality} was {times(before)} until modulation ended at step {end}, and is "
    words += f"{times(now)} since"
    if not (leader.clear and now > MEANS_LEAD and now > BACK * before):
        return silent(f"{words}: the lead did not come back.", shown)
    remedy = "Let modulation go on longer, or to the end."
    return Finding(True, f"{words}: the lead came back.", (shown,), remedy, {"modulation_ends": None})


DIAGNOSIS = Diagnosis(
    title="The window is too short",
    question="Did modulation end before the lead was gone?",
    rule="After the last modulated step one modality clearly leads, and its rho is, as a geometric mean, "
    "more than the limit times that of the window's second half.",
    threshold=f"{BACK} times. The official code ends at epoch 50 of 100.",
    rank=70,
    judge=judge,
)
