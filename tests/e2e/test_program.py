"""A user's own program: announced by its worker, launched, stopped, tried again, paused, and forked."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import nursery
import psutil
import pytest
from instrument import Instrument, wait_for
from nursery import RHOSCOPE

from rhoscope.errors import InvalidInput
from rhoscope.local.process import carrying
from rhoscope.states import RunState

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SLOW = {"delay_s": 0.05, "steps": 400}
EVERY_TYPE = """
  plan: {type: string, choices: [cosine, step], default: cosine, argument: "plan={value}"}
  note: {type: string, default: '', argument: "note={value}"}
  sizes: {type: array, items: {type: integer}, default: [1], argument: "sizes={value}"}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of a user, whose environment is that of these tests."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(Path(__file__).parent.parent / "driving" / "program", folder, dirs_exist_ok=True)
    (folder / "environment").symlink_to(Path(sys.executable).parent.parent)
    return folder


@pytest.fixture(scope="module")
def house(instrument: Instrument, project: Path) -> Iterator[Instrument]:
    """The product, and the worker of the project."""
    with working(instrument, project):
        wait_for(lambda: instrument.client.catalog().find("program", "plain"), 60, "the program")
        yield instrument


@contextmanager
def working(instrument: Instrument, project: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker of the project."""
    environment = instrument.environment | {"RHOSCOPE_DATA_DIR": str(instrument.data_dir)}
    command = [RHOSCOPE, "worker", "--device", "cpu", "--project", str(project)]
    with nursery.begin(command, env=environment | {"RHOSCOPE_API_TOKEN": "secret"}) as worker:
        try:
            yield worker
        finally:
            worker.send_signal(signal.SIGINT)


def launch(house: Instrument, **settings: Any) -> str:
    return house.client.launch({"program": "plain", **settings}).id


def curve(house: Instrument, run: str, series: str = "loss") -> dict[int, float]:
    (result,) = house.client.series(run, [series], points=100_000).series
    return dict(zip(result.steps, result.values, strict=True))


def process(run: str) -> psutil.Process:
    return wait_for(lambda: carrying("RHOSCOPE_RUN", run), 30, "the program")[0]


def halved(lr: float, steps: int) -> dict[int, float]:
    return {step: pytest.approx((1 - lr) ** (step + 1)) for step in range(steps)}


def test_a_program_is_launched_with_its_settings_and_its_rows_are_the_runs(house: Instrument) -> None:
    made = house.cli("launch", "--set", "program=plain", "--set", "lr=0.5", "--set", "seed=7")
    assert made.returncode == 0, made.stderr
    run = house.until(made.stdout.strip())
    assert (run.state, run.reason) == (RunState.COMPLETED, "")
    assert curve(house, run.id) == halved(0.5, 40)
    assert run.settings == {"lr": 0.5, "steps": 40, "delay_s": 0, "seed": 7, "fails": False}
    assert "cpu" in run.worker
    said = (house.data_dir / "logs" / f"{run.id}.log").read_text()
    names = "RHOSCOPE_ATTEMPT RHOSCOPE_CHECKPOINTS RHOSCOPE_DIR RHOSCOPE_PARENT RHOSCOPE_RUN"
    assert f"seed 7 of {names}\n" in said
    here = f"{house.api_url}/api/v1/runs/{run.id}"
    log = httpx.get(f"{here}/logs").json()["lines"]
    assert log == [f"seed 7 of {names}"]  # wherever it ran, and not the worker's file
    (item,) = httpx.get(f"{here}/media").json()["items"]
    assert (item["name"], item["step"]) == ("weight", 3)
    assert httpx.get(f"{here}/media/{item['digest']}").text == "0.062"
    assert house.client.run(run.id).worker != next(w.name for w in house.client.workers() if not w.program)


def test_a_program_that_fails_says_why(house: Instrument) -> None:
    run = house.until(launch(house, fails=True))
    assert run.state is RunState.FAILED
    assert run.reason.startswith("The program ended with code 1: ")
    assert run.reason.endswith("ValueError: there is no more data")
    assert curve(house, run.id) == halved(0.1, 13)


def test_a_program_that_was_killed_goes_on_from_its_last_checkpoint(house: Instrument) -> None:
    run = launch(house, **SLOW)
    house.until_step(run, 25)
    process(run).kill()
    wait_for(lambda: house.client.run(run).attempt == 2, 60, "the second attempt")
    house.until_step(run, 45)
    house.end(run)
    steps = list(curve(house, run))
    assert steps == list(range(len(steps)))
    begun = [event for event in house.client.events(run) if event.kind == "started" and event.attempt == 2]
    assert begun[0].step >= 20
    assert begun[0].step % 10 == 0


def test_a_program_is_steered_and_stops_when_it_is_told(house: Instrument) -> None:
    run = launch(house, **SLOW)
    house.until_step(run, 5)
    house.client.set(run, lr="0.25")
    wait_for(lambda: 0.25 in curve(house, run, "lr").values(), 30, "the changed learning rate")
    stopped = house.end(run)
    assert stopped.state is RunState.STOPPED
    assert stopped.settings["lr"] == 0.25
    assert carrying("RHOSCOPE_RUN", run) == []


def test_a_program_is_paused_resumed_and_forked(house: Instrument) -> None:
    run = launch(house, steps=60, delay_s=0.03)
    house.until_step(run, 22)
    house.client.pause(run)
    paused = house.until(run, RunState.PAUSED)
    house.client.resume(run)
    done = house.until(run)
    assert done.state is RunState.COMPLETED, done.reason
    assert paused.attempt + 1 == done.attempt
    assert curve(house, run) == halved(0.1, 60)
    kept = [c.step for c in house.client.checkpoints(run) if c.kept]
    assert kept == [10, 20, 30, 40, 50, 60]
    fork = house.until(house.client.fork(run, {"step": 34, "settings": {"lr": 0.5}}).id)
    assert (fork.state, fork.parent_step) == (RunState.COMPLETED, 30)
    own = 0.9**30
    expected = {s: pytest.approx(own * 0.5 ** (s - 29)) for s in range(30, 60)}
    assert curve(house, fork.id) == halved(0.1, 30) | expected


def test_a_program_that_ignores_its_stop_is_terminated_with_all_it_started(
    house: Instrument, project: Path
) -> None:
    (project / "train.py").rename(project / "kept.py")
    (project / "train.py").write_text("import subprocess\nsubprocess.run(['sleep', '1000'])\n")
    try:
        run = launch(house)
        wait_for(lambda: len(carrying("RHOSCOPE_RUN", run)) == 2, 30, "the program and what it started")
        with pytest.raises(InvalidInput, match=r"reported none with run\.checkpoint"):
            house.client.fork(run)
        assert house.end(run).state is RunState.STOPPED
        wait_for(lambda: not carrying("RHOSCOPE_RUN", run), 10, "their end")
    finally:
        (project / "kept.py").replace(project / "train.py")


def test_a_file_that_changes_while_its_program_runs_counts_for_the_next_run_and_a_second_worker_joins(
    house: Instrument, tmp_path: Path
) -> None:
    """In a folder with spaces and umlauts, and with texts that a shell would take apart."""
    folder = tmp_path / "Größe & mehr"
    folder.mkdir()
    (folder / "train.py").write_text(
        "import sys, time\nprint(sys.argv[1:])\ntime.sleep(int(sys.argv[1][7:]))\n"
    )
    text = f"command: [{sys.executable}, train.py]\nsettings:\n  wait: {{type: integer, default: 0}}\n"
    (folder / "rhoscope.yaml").write_text(text)
    with working(house, folder) as first:
        wait_for(lambda: house.client.catalog().find("program", "Grosse-mehr"), 60, "the program")
        runs = [house.client.launch({"program": "Grosse-mehr", "wait": 1000}).id for _ in range(2)]
        house.until(runs[0], RunState.RUNNING)
        (folder / "rhoscope.yaml").write_text(text + EVERY_TYPE)
        with working(house, folder) as second:
            house.until(runs[1], RunState.RUNNING)
            assert first.poll() is second.poll() is None
            wait_for(
                lambda: "plan" in repr(house.client.catalog().find("program", "Grosse-mehr")), 60, "plan"
            )
            for run in runs:
                house.end(run)
            note = """it's "quoted", größer; $HOME"""
            given = ["--set", "program=Grosse-mehr", "--set", f"note={note}", "--set", "sizes=[3, -4]"]
            made = house.cli("launch", *given, "--set", "plan=step")
            assert made.returncode == 0, made.stderr
            run = house.until(made.stdout.strip())
            assert run.state is RunState.COMPLETED, run.reason
            words = ["--wait=0", "plan=step", f"note={note}", "sizes=[3, -4]"]
            assert httpx.get(f"{house.api_url}/api/v1/runs/{run.id}/logs").json()["lines"] == [str(words)]
