"""None of the other diagnoses speaks, and those that matter could."""

from collections.abc import Mapping

from backend.verdict.diagnosis import Conclusion, Finding, silent, unsure

NEEDED = ("dominance", "diverging")
REMARKS = {"validation-stopped", "throughput-fell"}
"""Of training that costs more than it must, but teaches what it should."""


def conclude(others: Mapping[str, Finding]) -> Finding:
    """Say so where the others found nothing and had enough to look at."""
    spoke = [name for name, finding in others.items() if finding.speaks]
    if set(spoke) - REMARKS:
        return silent("Something was found.")
    missing = [name for name in NEEDED if name in others and not others[name].known]
    if missing:
        return unsure(others[missing[0]].sentence.removeprefix("Can't say: "))
    looked = sum(finding.known for finding in others.values())
    shown = tuple(e for name in NEEDED for e in others[name].evidence)
    remarks = f" but {len(spoke)} remark{'s' if len(spoke) > 1 else ''}" if spoke else ""
    sentence = f"No finding: {looked} of {len(others)} diagnoses had enough to look at, and none speaks"
    return Finding(True, f"{sentence}{remarks}.", shown)


DIAGNOSIS = Conclusion(
    title="No finding",
    question="Has no diagnosis a finding?",
    rule="No other diagnosis speaks, but for remarks on what training costs, and at least dominance and "
    "divergence could be looked at.",
    threshold="None of its own.",
    rank=99,
    conclude=conclude,
)
