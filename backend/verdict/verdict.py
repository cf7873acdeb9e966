"""All diagnoses, asked about one run; those that speak come first."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from backend.verdict.diagnosis import Conclusion, Diagnosis, Finding
from backend.verdict.history import History
from rhoscope.verdict import Judgment

FOLDER = "backend.diagnoses"


@cache
def diagnoses() -> Mapping[str, Diagnosis | Conclusion]:
    """Every file of the folder, by its name with hyphens, in the order of their ranks.

    Raises:
        AttributeError: for a file without a `DIAGNOSIS`.
    """
    names = [module.name for module in iter_modules(import_module(FOLDER).__path__)]
    each = {name.replace("_", "-"): import_module(f"{FOLDER}.{name}").DIAGNOSIS for name in names}
    return dict(sorted(each.items(), key=lambda pair: pair[1].rank))


def judge(history: History) -> list[Judgment]:
    """All answers: first those that speak, then those that found nothing, then the unsure."""
    every = diagnoses()
    findings = {name: one.judge(history) for name, one in every.items() if isinstance(one, Diagnosis)}
    conclusions = {n: one.conclude(findings) for n, one in every.items() if isinstance(one, Conclusion)}
    said = [_judgment(name, every[name], finding) for name, finding in {**findings, **conclusions}.items()]
    return sorted(said, key=lambda one: (not one.speaks, not one.known, every[one.name].rank))


def _judgment(name: str, diagnosis: Diagnosis | Conclusion, finding: Finding) -> Judgment:
    return Judgment(
        name=name,
        title=diagnosis.title,
        question=diagnosis.question,
        speaks=finding.speaks,
        known=finding.known,
        sentence=finding.sentence,
        evidence=list(finding.evidence),
        remedy=finding.remedy,
        changes=dict(finding.changes),
        rule=diagnosis.rule,
        threshold=diagnosis.threshold,
    )


def leader_of(verdict: Sequence[Judgment]) -> str:
    """The modality that the verdict says leads, or nothing."""
    for one in verdict:
        if one.name == "dominance" and one.speaks and one.evidence:
            return one.evidence[0].series.removeprefix("rho.")
    return ""
