"""The doctor says where it looked, and how to name an instrument that runs elsewhere."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rhoscope.cli import doctor
from rhoscope.environment import Environment


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """The data directory of a program that looks like the API of a running instrument."""
    (tmp_path / "backend.py").write_text("import sys\nprint(flush=True)\nsys.stdin.read()\n")
    home = tmp_path / "there and away"
    environment = os.environ | {"RHOSCOPE_DATA_DIR": str(home)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(
        [sys.executable, "-m", "backend"], cwd=tmp_path, env=environment, **pipes
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield home
        process.terminate()


def redis_of(data_dir: Path) -> doctor.Finding:
    return next(one for one in doctor.examine(Environment(data_dir=data_dir)) if one.what == "Redis")


def test_an_instrument_on_another_data_directory_is_named(elsewhere: Path, tmp_path: Path) -> None:
    result = redis_of(tmp_path / "here")
    assert not result.ok
    assert f"looked in the data directory {tmp_path / 'here'}" in result.state
    assert f"rhoscope doctor --data-dir '{elsewhere}'" in result.mend
    assert "RHOSCOPE_DATA_DIR" in result.mend


def test_without_any_it_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "running", list)
    assert "Start `rhoscope up`" in redis_of(tmp_path).mend
