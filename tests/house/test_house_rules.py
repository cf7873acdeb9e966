"""Limits that keep the tree readable; a file that crosses one fails the build."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES = 300
VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "misc", "manager", "base"}
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split()
FILES = [path for path in TRACKED if (ROOT / path).is_file()]
PROGRAM = [path for path in FILES if re.match(r"(rhoscope|trainer|backend|dashboard)/.*\.(py|js|css)$", path)]
DOCS = [path for path in FILES if path.endswith(".md") and not path.startswith("benchmarks/results/")]


@pytest.mark.parametrize("path", PROGRAM)
def test_no_file_is_longer_than_a_reader_can_hold(path: str) -> None:
    assert len((ROOT / path).read_text().splitlines()) <= LINES


def test_every_file_and_folder_is_named_for_what_it_holds() -> None:
    vague = [path for path in FILES if VAGUE & {Path(part).stem for part in Path(path).parts}]
    assert vague == []


@pytest.mark.parametrize("path", DOCS)
def test_every_path_a_document_names_exists(path: str) -> None:
    folders = "rhoscope|trainer|backend|dashboard|tests|benchmarks|docs|examples"
    named = re.findall(rf"`((?:{folders})/[\w./-]+)`", (ROOT / path).read_text())
    assert [name for name in named if not (ROOT / name.rstrip("/.")).exists()] == []


def test_no_document_and_no_program_leaves_work_marked_as_undone() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    own = "tests/house/test_house_rules.py"
    texts = [p for p in FILES if p.endswith((".py", ".js", ".md", ".css", ".yaml", ".yml")) and p != own]
    assert [p for p in texts if marks.search((ROOT / p).read_text())] == []


def test_every_dependency_has_its_reason_and_its_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"]]
    wanted += [d for extra in project["optional-dependencies"].values() for d in extra]
    names = {re.split(r"[\[<>=]", d)[0] for d in wanted} - {"rhoscope"}
    reasons = (ROOT / "docs" / "dependencies.md").read_text()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in _constraints()}
    assert [n for n in sorted(names | _from_npm()) if f"`{n}`" not in reasons] == []
    assert [n for n in sorted(names) if n.lower() not in pinned] == []


def _from_npm() -> set[str]:
    imports = json.loads((ROOT / "deno.json").read_text())["imports"].values()
    return {re.fullmatch(r"npm:(.+)@\d+\.\d+\.\d+", one)[1] for one in imports}  # each of one exact version


def test_the_lower_bound_of_every_dependency_is_the_version_that_the_tests_run_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(d for extra in extras for d in extra)]
    pinned = dict(line.lower().replace("_", "-").split("==") for line in _constraints() if "==" in line)
    bounds = [
        re.fullmatch(r"([\w.-]+)(?:\[\w+\])?>=(\d+\.\d+(?:\.\d+)?)", d) or d
        for d in wanted
        if d[:8] != "rhoscope"
    ]
    assert [bound for bound in bounds if isinstance(bound, str)] == []
    pairs = {(one[1].lower(), one[2]) for one in bounds if isinstance(one, re.Match)}
    assert {name: bound for name, bound in pairs if not f"{pinned[name]}.".startswith(f"{bound}.")} == {}


def _constraints() -> list[str]:
    return (ROOT / "constraints.txt").read_text().split()
