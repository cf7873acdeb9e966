"""Processes of tests are copies of one that has collected, and pytest-xdist does not see a difference."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rhoscope.local import fork

pytestmark = pytest.mark.skipif(not fork.AVAILABLE, reason="no system to copy processes on")
DRIVING = Path(__file__).parents[1] / "driving"
CONFTEST = """
import suite_workers


def pytest_xdist_setupnodes(config):
    suite_workers.share(config)
"""
TESTS = """
import os, signal, sys, time
from pathlib import Path

import pytest

HOME = Path(__file__).parent
with (HOME / "collected").open("a") as file:
    file.write(f"{os.getpid()}\\n")


@pytest.mark.parametrize("number", range(4))
def test_ours(number, tmp_path, worker_id, capfd):
    print("seen")
    assert capfd.readouterr().out == "seen\\n"
    assert f"popen-{worker_id}" in str(tmp_path)
    assert os.environ["PYTEST_XDIST_WORKER"] == worker_id
    (HOME / f"{worker_id}.ran").write_text(f"{os.getpid()} {os.getppid()}")
    until = time.monotonic() + 30
    while len(list(HOME.glob("*.ran"))) < 2 and time.monotonic() < until:
        time.sleep(0.01)


def test_wrong():
    print("said by the test")
    assert 1 + 1 == 3
"""


BROKEN = """
import warnings

warnings.warn("odd")
raise OSError("broken")
"""


def suite(folder: Path, conftest: str = CONFTEST) -> subprocess.CompletedProcess[str]:
    """A suite of its own in two processes."""
    (folder / "conftest.py").write_text(conftest)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "2",
        "-p",
        "xdist.plugin",
        "-p",
        "no:cacheprovider",
        "-rfE",
    ]
    env = {n: v for n, v in os.environ.items() if not n.startswith("PYTEST_")}
    env |= {"PYTHONPATH": str(DRIVING), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_both_are_copies_of_the_one_that_collected(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    done = suite(tmp_path)
    (collector,) = (tmp_path / "collected").read_text().split()
    (first, one), (second, other) = (path.read_text().split() for path in tmp_path.glob("*.ran"))
    assert one == other == collector
    assert len({first, second, collector}) == 3
    assert done.returncode == 1
    assert "1 failed, 4 passed" in done.stdout
    assert "assert (1 + 1) == 3" in done.stdout
    assert "said by the test" in done.stdout


def test_what_can_not_be_collected_is_reported_as_ever(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "test_broken.py").write_text(BROKEN)
    copied, started = suite(tmp_path), suite(tmp_path, "")
    assert copied.returncode == started.returncode == 1
    for done in (copied, started):
        said = done.stdout.partition("= ERRORS =")[2]
        assert {"E   OSError: broken", "ERROR test_broken.py - OSError: broken"} <= {*said.splitlines()}
        assert "UserWarning: odd" in said
    assert summary(copied) == summary(started)


def summary(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The words of the last line without its seconds."""
    return done.stdout.splitlines()[-1].partition(" in ")[0].split()


def test_one_that_dies_is_followed_by_another_copy(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        TESTS.replace('print("said by the test")', "os.kill(os.getpid(), signal.SIGKILL)")
    )
    done = suite(tmp_path)
    assert "crashed while running 'test_it.py::test_wrong'" in done.stdout
    assert "1 failed, 4 passed" in done.stdout
    assert len((tmp_path / "collected").read_text().split()) == 1


def test_where_none_can_be_copied_they_are_started(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import threading, time\n" + TESTS)
    with (tmp_path / "test_it.py").open("a") as file:
        file.write("\nthreading.Thread(target=time.sleep, args=(20,), daemon=True, name='mine').start()\n")
    done = suite(tmp_path)
    assert "threads that a copy would lack" in done.stderr
    assert "1 failed, 4 passed" in done.stdout
    assert len((tmp_path / "collected").read_text().split()) == 3
