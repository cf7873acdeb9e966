"""A diagnosis: a question about a run, the rule that answers it, and what it finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.verdict.history import History
from rhoscope.verdict import Evidence


@dataclass(frozen=True)
class Finding:
    """The answer of a diagnosis about one run. `known` is False where what was recorded does not suffice."""

    speaks: bool
    sentence: str
    evidence: tuple[Evidence, ...] = ()
    remedy: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    known: bool = True


@dataclass(frozen=True)
class Diagnosis:
    """One file of `backend/diagnoses/`, as its `DIAGNOSIS`.

    `threshold` says the limits of the rule and where each comes from. Diagnoses of a smaller `rank` come
    first.
    """

    title: str
    question: str
    rule: str
    threshold: str
    rank: int
    judge: Callable[[History], Finding]


@dataclass(frozen=True)
class Conclusion:
    """A diagnosis that is drawn from what all others found, by name."""

    title: str
    question: str
    rule: str
    threshold: str
    rank: int
    conclude: Callable[[Mapping[str, Finding]], Finding]


def silent(sentence: str, *evidence: Evidence) -> Finding:
    """It was looked at, and there is nothing of the kind."""
    return Finding(speaks=False, sentence=sentence, evidence=evidence)


def unsure(why: str) -> Finding:
    """It can't be said; `why` continues the sentence."""
    return Finding(speaks=False, sentence=f"Can't say: {why}", known=False)
