"""A branch of the joint network stays behind what its modality can do."""

import math

from backend.verdict.diagnosis import Diagnosis, Finding, silent, unsure
from backend.verdict.history import LATE, History, evidence
from backend.verdict.lead import percent
from backend.verdict.remedy import balance
from backend.verdict.stopped import stopped

BEHIND = 0.1


def judge(history: History) -> Finding:
    """Compare each branch with its modality alone, else with its probe, else with the whole network."""
    if not history.several:
        return unsure("there is one modality, so no joint training.")
    for stem, words in (("alone", "its modality reaches {} alone"), ("probe.accuracy", "a probe reads {}")):
        if history.each(stem) and (result := _against(history, stem, words)):
            return result
    return _by_itself(history)


def _against(history: History, stem: str, words: str) -> Finding | None:
    """The branch most behind, against curves of `stem`."""
    apart = {}
    for modality, reference in history.each(stem).items():
        branch = history.of(f"val.accuracy.{modality}")
        if branch is not None and math.isfinite(reference.mean[-1]) and math.isfinite(branch.mean[-1]):
            apart[modality] = float(reference.mean[-1]), float(branch.mean[-1])
    if not apart:
        return None
    worst = max(apart, key=lambda m: apart[m][0] - apart[m][1])
    able, reached = apart[worst]
    series = f"val.accuracy.{worst}"
    shown = tuple(evidence(n, c) for n in (series, f"{stem}.{worst}") if (c := history.of(n)) is not None)
    sentence = f"The branch of {worst} is right on {percent(reached)}, and {words.format(percent(able))}"
    if able - reached <= _margin(history):
        return silent(f"{sentence}: no branch is far behind.", *shown)
    sentence += f": joint training costs it {100 * (able - reached):.0f} points."
    return Finding(True, sentence, shown, *balance(history))


def _margin(history: History) -> float:
    """The limit, or three standard errors of the difference where the validation split is small."""
    return max(BEHIND, 3 * math.sqrt(0.5 / history.examples)) if history.examples else BEHIND


def _by_itself(history: History) -> Finding:
    """Without a reference: the network fits its data, and one branch has stopped on the way."""
    weak = stopped(history)
    if weak is None:
        return unsure(_MISSING)
    sentence = (
        f"The network is right on {percent(weak.fits)} of its training batches, and the branch of "
        f"{weak.modality} has stopped at {percent(weak.reached)}: what is fitted gives it little gradient. "
        "How much it could do is not known; baseline_epochs or probe_every would tell."
    )
    series = {f"accuracy.{weak.modality}": 0.5, "accuracy": LATE}
    shown = (
        evidence(name, history.late(curve, share))
        for name, share in series.items()
        if (curve := history.of(name)) is not None
    )
    return Finding(True, sentence, tuple(shown), *balance(history))


_MISSING = (
    "neither the modalities alone nor probes were measured; baseline_epochs or probe_every shows what joint "
    "training costs a branch."
)
DIAGNOSIS = Diagnosis(
    title="What does it cost?",
    question="Is a branch starved: far behind its modality alone, or behind a probe of its encoder?",
    rule="The branch's validation accuracy is behind the best one of the modality alone, else behind its "
    "linear probe, by more than the limit. Without either: the network is right on 90 % of its training "
    "batches in the last quarter, one branch on less than 60 % of what the best one reaches, and it has "
    "gained less than 5 points since the quarter before, and it is above what guessing reaches.",
    threshold=f"{100 * BEHIND:.0f} points, and at least three standard errors of the validation split. In "
    "docs/results the starved branch lacks 59 points, and the other one 2.",
    rank=30,
    judge=judge,
)
