"""The English of the tree: American spelling, and none of the phrases that were replaced in November 2026."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = {".py", ".js", ".j2", ".html"}
PACKAGES = ("rhoscope", "trainer", "backend", "dashboard")
ROOMS = ("documents", *PACKAGES)
WRITTEN_BY_TOOLS = ("dashboard/static/", "docs/results/")
"""Bundles, and reports of experiments that were run; the introduction to the results is ours and is read."""

PHRASES = (
    "a dot a run",
    "allowed is",
    "also of runs that complete",
    "as much as fits",
    "as the system",
    "choose none",
    "choose the run",
    "come along",
    "does not fit yet",
    "draws weights, order",
    "forked from none",
    "gone for good",
    "has written nothing",
    "is nothing that runs have",
    "it has no settings",
    "least to greatest",
    "means of stretches",
    "no run fits",
    "no worker is there",
    "no worker lives",
    "nobody waits",
    "nothing stands at",
    "pull towards 0",
    "rivals",
    "show the keys",
    "stand there filled in",
    "stands there filled in",
    "starts it at once",
    "stop hopeless runs",
    "take part again",
    "take so many steps",
    "tells the whole of it",
    "until one comes",
    "vanished at step",
    "we did not foresee",
)
HABITS = ("so many", "told", "with commas")
"""Not native, wherever they occur: write the number, *reported* or *recorded*, *comma-separated*."""
LABELS = ("Begun", "Heard", "Orders", "Trains", "Waits", "every value", "nat")
"""Words that are wrong only as a whole label: in quotation marks, or between tags."""

STEMS = (
    "author|categor|character|custom|digit|emphas|equal|final|general|initial|item|local|maxim|minim|model|"
    "normal|optim|organ|parallel|penal|prior|real|recogn|regular|sanit|serial|special|stabil|standard|summar|"
    "synchron|token|util|vector|visual"
)
BRITISH = (
    rf"(?:{STEMS})is(?:e|es|ed|er|ers|ing|able|ation|ations)",
    r"(?:behavi|col|fav|hon|lab|neighb|rum|val|vap|harb|flav|arm|hum)our(?:s|ed|ing|able|ite|less|hood)?",
    r"(?:anal|catal|paral)yse[sdr]?|analysing",
    r"catalogue[sd]?",
    r"(?:cent|fib|lit|theat)re[sd]?|(?:kilo|centi|milli)?metres?",
    r"(?:cancel|channel|fuel|label|level|model|panel|signal|total|travel|tunnel)l(?:ed|er|ers|ing)",
    r"grey(?:s|ed|er)?",
    r"licence[sd]?|defence|offence|pretence",
    r"fulfils?|skilful|enrol|instalments?",
    r"artefacts?|programmes?|judgements?|acknowledgements?|ageing|whilst|amongst|learnt|towards|afterwards",
)
PUBLISHED = re.compile(
    r"""\butilisation\b|\bcentres: Tensor"""
    r"""|(?<=["'`.{])(?:generalisation|optimisers|under-optimised|centres)\b"""
)
"""Names in the contract and in stored runs: a field, a series, two experiments, a buffer in checkpoints of
PMR. Renaming breaks them."""
SPOKEN = {"asked", "found", "told"}
PARTICIPLES = {"asked", "declared", "found", "made", "one", "told", "wanted"}


def _paths(room: str) -> list[Path]:
    if room == "documents":
        top = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
        files = [*top, *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "docs").rglob("*.py"))]
    else:
        files = [path for path in sorted((ROOT / room).rglob("*")) if path.suffix in KINDS]
    return [
        path for path in files if not _relative(path).startswith(WRITTEN_BY_TOOLS) or path.name == "README.md"
    ]


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _text(path: Path) -> str:
    """What a reader reads: strings and comments over several lines are joined, code of documents left out."""
    text = path.read_text()
    if path.suffix == ".md":
        text = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
        text = re.sub(r"`[^`]*`|\]\([^)]*\)", " ", text)
    text = PUBLISHED.sub("", text)
    text = re.sub(r"""["'`]\s*\+?\s*\n\s*\+?\s*[fr]?["'`]""", "", text)
    return re.sub(r"\s*\n\s*(?:#|//|\*)?\s*", " ", text)


def _hits(room: str, pattern: re.Pattern[str]) -> list[str]:
    return [f"{_relative(path)}: {hit[0]}" for path in _paths(room) for hit in pattern.finditer(_text(path))]


def _phrases(listed: tuple[str, ...] = PHRASES) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, listed))})\b", re.IGNORECASE)


def _british() -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{'|'.join(BRITISH)})(?![a-z])", re.IGNORECASE)


def _labels() -> re.Pattern[str]:
    return re.compile(rf"""(?<=["'`>])(?:{"|".join(LABELS)})(?=["'`<])""")


@pytest.mark.parametrize("room", ROOMS)
def test_no_replaced_phrase_comes_back(room: str) -> None:
    assert _hits(room, _phrases()) == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_habit_of_a_foreign_writer_comes_back(room: str) -> None:
    assert _hits(room, _phrases(HABITS)) == []


@pytest.mark.parametrize("room", PACKAGES)
def test_no_replaced_label_comes_back(room: str) -> None:
    assert _hits(room, _labels()) == []


@pytest.mark.parametrize("room", ROOMS)
def test_the_spelling_is_american(room: str) -> None:
    assert _hits(room, _british()) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_docstring_begins_with_a_question_word(package: str) -> None:
    begun = [
        f"{_relative(path)}: {text.splitlines()[0][:60]}"
        for path in _paths(package)
        if path.suffix == ".py"
        for text in _docstrings(path)
        if re.match(r"(?:What|Who|Where)\b", text)
    ]
    assert begun == []


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_are_nouns(package: str) -> None:
    assert [_relative(path) for path in _paths(package) if path.stem in PARTICIPLES] == []


@pytest.mark.parametrize("room", [*PACKAGES, "tests", "benchmarks", "docs", "examples"])
def test_nothing_is_named_by_a_participle_alone(room: str) -> None:
    """A name says what something is: `rows`, `answer`, `request`."""
    paths = [path for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts]
    names = [f"{_relative(path)}: {name}" for path in paths for name in _names(path)]
    assert [name for name in names if name.rpartition(" ")[2] in SPOKEN] == []


def _names(path: Path) -> Iterator[str]:
    """Of functions, classes, parameters, variables, and attributes that are set."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name.lower()
            case ast.arg():
                yield node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr


def _docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


@pytest.mark.parametrize(
    ("pattern", "text", "hit"),
    [
        (_british(), "optimiser", True),
        (_british(), "the catalogue", True),
        (_british(), "labelled_runs", True),
        (_british(), "line-colour", True),
        (_british(), "noise raises a precise contour", False),
        (_british(), "optimizer, labeled, color, center", False),
        (_phrases(), "Stop hopeless runs after", True),
        (_phrases(), "arrivals", False),
        (_labels(), '"Begun"', True),
        (_labels(), "Waits for the device", False),
    ],
)
def test_the_lists_hit_what_they_mean(pattern: re.Pattern[str], text: str, hit: bool) -> None:
    assert bool(pattern.search(text)) is hit
