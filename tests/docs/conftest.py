"""The documentation, built once."""

import subprocess
import sys
from pathlib import Path

import nursery
import psutil
import pytest
from instrument import wait_for
from site_pages import Site

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site as `make docs` builds it, with the processor time that took."""
    folder, errors = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("site-log") / "errors"
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-b", "html"]
    command += [str(ROOT / "docs"), str(folder)]
    with errors.open("wb") as log, nursery.begin(command, stdout=subprocess.DEVNULL, stderr=log) as build:
        process = psutil.Process(build.pid)
        wait_for(lambda: process.status() == psutil.STATUS_ZOMBIE, 280, "the site")
        spent = process.cpu_times()
    assert build.returncode == 0, errors.read_text()
    return Site(folder, spent.user + spent.system)
