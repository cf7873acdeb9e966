"""The page's modules: layers that know only what is below them, no circle, one place for what is shared."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from dashboard.pages import PAGES
from rhoscope import states

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "dashboard" / "page"
MODULES = sorted(PAGE.rglob("*.js"))
LAYERS = ("lib", "api", "data", "charts", "bands", "instruments", "runs", "shell", "pages")
"""From the ground up."""
SHARED = ("shell/address.js", "shell/banner.js", "shell/navigate.js", "shell/poll.js", "dash.js")
"""What cards and runs may use of the frame around them."""


def imports(module: Path) -> list[str]:
    """The modules of the page that one imports, as paths below dashboard/page."""
    text = module.read_text(encoding="utf-8")
    named = re.findall(r'^(?:import|export) (?:[^;]*? from )?"(\.[^"]+)";', text, re.MULTILINE)
    return [str((module.parent / name).resolve().relative_to(PAGE)) for name in named]


GRAPH = {str(module.relative_to(PAGE)): imports(module) for module in MODULES}


def test_the_page_has_modules() -> None:
    assert len(GRAPH) > 100
    assert GRAPH["main.js"]


def test_no_module_imports_itself_in_a_circle() -> None:
    TopologicalSorter(GRAPH).prepare()


@pytest.mark.parametrize("module", sorted(GRAPH))
def test_a_module_knows_only_what_is_below_it(module: str) -> None:
    folder = module.split("/", maxsplit=1)[0]
    if folder not in LAYERS:
        return
    allowed = LAYERS[: LAYERS.index(folder) + 1]
    upward = [name for name in GRAPH[module] if name.split("/")[0] not in allowed and name not in SHARED]
    assert upward == []


def test_only_one_module_knows_dash() -> None:
    having = [str(m.relative_to(PAGE)) for m in MODULES if "dash_clientside" in m.read_text(encoding="utf-8")]
    assert having == ["dash.js"]


@pytest.mark.parametrize("word", ["localStorage.", "navigator.clipboard.", "execCommand"])
def test_storage_and_clipboard_have_one_place_each(word: str) -> None:
    having = [str(m.relative_to(PAGE)) for m in MODULES if word in m.read_text(encoding="utf-8")]
    assert having in (["lib/storage.js"], ["lib/clipboard.js"])


def test_the_pages_states_are_those_of_the_runs() -> None:
    text = (PAGE / "api" / "states.js").read_text(encoding="utf-8")

    def listed(name: str) -> set[str]:
        (body,) = re.findall(rf"export const {name} = \[(.*?)\];", text, re.DOTALL)
        return set(re.findall(r'"(\w+)"', body))

    assert listed("STATES") == {state.value for state in states.RunState}
    assert listed("ENDED") == {state.value for state in states.FINAL}
    assert listed("GROWING") == {state.value for state in states.GROWING}


def test_the_server_knows_the_pages_that_are_drawn() -> None:
    drawn = [
        re.findall(r'^  path: "([^"]+)",$', module.read_text(encoding="utf-8"), re.MULTILINE)
        for module in MODULES
        if module.is_relative_to(PAGE / "pages")
    ]
    assert sorted(path for paths in drawn for path in paths) == sorted(page.path for page in PAGES)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(PAGE)))
def test_types_are_checked_without_a_way_out(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert re.findall(r"@ts-(?:ignore|nocheck|expect-error)|\bany\b(?=[}>\]|)])", text) == []
