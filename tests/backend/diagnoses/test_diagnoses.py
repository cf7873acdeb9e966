"""What every diagnosis must do: speak where it is so, be silent where it is not, and show on what it rests.

One more is one file in `backend/diagnoses/` and one of the same name in `cases/`, with `SPEAKS` and `SILENT`.
"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from kept import drawn, recalled

from backend.verdict.diagnosis import Conclusion
from backend.verdict.history import SHORT, History
from backend.verdict.verdict import diagnoses, judge
from rhoscope.verdict import Judgment

CASES = Path(__file__).parent / "cases"
RECORDED = Path(__file__).parent / "recorded"
NAMES = list(diagnoses())


def cases(name: str) -> ModuleType:
    spec = spec_from_file_location(f"cases_{name}", CASES / f"{name.replace('-', '_')}.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def each(kind: str) -> list[object]:
    pairs = ((name, getattr(cases(name), kind)) for name in NAMES)
    return [pytest.param(name, h, id=f"{name}: {case}") for name, known in pairs for case, h in known.items()]


def said(name: str, history: History) -> Judgment:
    return next(one for one in judge(history) if one.name == name)


def test_there_are_at_least_fourteen_each_with_its_cases() -> None:
    assert len(NAMES) >= 14
    assert [name for name in NAMES if not cases(name).SPEAKS or not cases(name).SILENT] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_diagnosis_says_its_question_its_rule_and_where_its_limit_comes_from(name: str) -> None:
    one = diagnoses()[name]
    assert one.question.endswith("?")
    assert one.rule.endswith(".")
    assert one.threshold.endswith((".", ")."))


@pytest.mark.parametrize(("name", "history"), each("SPEAKS"))
def test_it_speaks_where_it_is_so(name: str, history: History) -> None:
    judgment = said(name, history)
    assert judgment.speaks, judgment.sentence
    assert judgment.sentence.endswith(".")
    assert judgment.remedy or isinstance(diagnoses()[name], Conclusion)
    assert judgment.evidence
    for part in judgment.evidence:
        assert part.series in history.curves
        assert 0 <= part.start <= part.end <= history.steps


@pytest.mark.parametrize(("name", "history"), each("SILENT"))
def test_it_is_silent_where_it_is_not(name: str, history: History) -> None:
    judgment = said(name, history)
    assert not judgment.speaks, judgment.sentence
    assert judgment.sentence.endswith(".")
    assert judgment.known != judgment.sentence.startswith("Can't say: ")


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.npz")), ids=lambda path: path.stem)
def test_nothing_but_a_loss_that_is_no_number_is_said_of_a_run_that_has_just_begun(path: Path) -> None:
    short = recalled(path, SHORT // 5)
    assert {one.name for one in judge(short) if one.speaks} <= {"diverging"}


def test_an_empty_run_gets_no_diagnosis() -> None:
    assert not any(one.speaks for one in judge(drawn({}, modalities=["audio", "visual"])))


def test_those_that_speak_come_first_and_those_that_cannot_say_last() -> None:
    order = [(one.speaks, one.known) for one in judge(recalled(RECORDED / "joint.npz"))]
    assert order == sorted(order, reverse=True)
