"""The documentation, built once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from site_pages import Site

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site as `make docs` builds it, with the processor time that took."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-b", "html"]
    before = os.times()
    answer = subprocess.run(
        [*command, str(ROOT / "docs"), str(folder)], capture_output=True, text=True, check=False
    )
    after = os.times()
    assert answer.returncode == 0, answer.stderr
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return Site(folder, seconds)
