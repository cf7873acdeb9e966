"""The version is written once: whoever states it reads `rhoscope.__version__`."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import rhoscope
from backend.app import create_app
from rhoscope.environment import Environment

ROOT = Path(__file__).parents[2]


def test_the_command_line_prints_it() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "from rhoscope.cli import main; main()", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == f"rhoscope {rhoscope.__version__}\n"


def test_the_api_states_it(environment: Environment) -> None:
    assert create_app(environment).openapi()["info"]["version"] == rhoscope.__version__


def test_the_build_reads_it_from_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "rhoscope.__version__"}


def test_the_changelog_has_a_dated_release_of_it() -> None:
    releases = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", _changelog(), re.MULTILINE)
    assert releases[0] == rhoscope.__version__


def _changelog() -> str:
    return (ROOT / "CHANGELOG.md").read_text()
