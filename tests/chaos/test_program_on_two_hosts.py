"""A user's own program on two hosts, each with a copy of its project: a host dies, a link is cut."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fleet import Fleet, standing
from hosts import why_not
from instrument import wait_for
from nursery import RHOSCOPE

from rhoscope.records import Event
from rhoscope.states import RunState

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "none"),
]
PROGRAM = Path(__file__).parent.parent / "driving" / "program"
NAMES = ("a", "b")


def project(folder: Path, checkpoints: Path) -> Path:
    """A copy of the project as one host has it; checkpoints lie on a disk that all share."""
    shutil.copytree(PROGRAM, folder)
    (folder / "environment").symlink_to(Path(sys.executable).parent.parent)
    file = folder / "rhoscope.yaml"
    file.write_text(file.read_text().replace("checkpoints: kept", f"checkpoints: {checkpoints}"))
    return folder


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Left by each test as it was: both hosts are heard."""
    tmp_path = tmp_path_factory.mktemp("fleet")
    projects = {name: project(tmp_path / f"project of {name}", tmp_path / "kept") for name in NAMES}
    commands = {
        name: [RHOSCOPE, "worker", "--device", "cpu", f"--project={projects[name]}"] for name in NAMES
    }
    with standing(tmp_path, NAMES, commands) as fleet:
        yield fleet


def launch(fleet: Fleet, **settings: Any) -> tuple[str, str]:
    """A run, and the host that runs it."""
    run = fleet.client.launch({"program": "plain", **settings}).id
    fleet.until_step(run, 25)
    return run, wait_for(lambda: fleet.host_of(run), 20, "a worker that runs it")


def resumed_at(fleet: Fleet, run: str, attempt: int = 2) -> int:
    """The step at which an attempt went on, once it has."""

    def begun() -> list[Event]:
        events = fleet.client.events(run)
        return [one for one in events if one.kind == "started" and one.attempt == attempt]

    wait_for(lambda: begun() != [], 60, "the next attempt")
    return int(begun()[0].step)


def printed(fleet: Fleet, run: str) -> list[str]:
    """What its attempts printed, without the names of their variables."""
    lines: list[str] = httpx.get(f"{fleet.api_url}/api/v1/runs/{run}/logs").json()["lines"]
    return [line.partition(" of ")[0] for line in lines]


def test_a_program_whose_host_dies_goes_on_on_the_other_from_its_checkpoint_and_is_stopped(
    fleet: Fleet,
) -> None:
    run, first = launch(fleet, steps=4000, delay_s=0.05)
    (other,) = {*NAMES} - {first}
    with fleet.hosts.cut(first):  # a machine without power says no goodbye
        fleet.kill(first)
        wait_for(lambda: fleet.host_of(run) == other, 60, "the other host")
        begin = resumed_at(fleet, run)
        fleet.until_step(run, begin + 25)
    assert begin >= 20
    assert begin % 10 == 0
    fleet.client.stop(run)
    stopped = fleet.until(run)
    assert (stopped.state, stopped.attempt) == (RunState.STOPPED, 2)
    stored = fleet.steps(run)
    assert stored == list(range(len(stored)))
    assert printed(fleet, run) == ["seed 0", "seed 0", f"goes on at step {begin}"]
    fleet.begin(first)
    wait_for(lambda: {one.host for one in fleet.client.workers()} == {*NAMES}, 60, "the host to be back")


def test_a_program_that_is_cut_off_from_its_server_changes_nothing_of_the_one_that_follows(
    fleet: Fleet,
) -> None:
    run, first = launch(fleet, steps=300, delay_s=0.05, lr=0.01)
    with fleet.hosts.cut(first):
        wait_for(lambda: fleet.host_of(run) not in ("", first), 60, "the other host")
        begin = resumed_at(fleet, run)
        fleet.client.set(run, lr=0.02)
        fleet.until_step(run, begin + 25)
    done = fleet.until(run)
    assert (done.state, done.attempt) == (RunState.COMPLETED, 2)
    assert fleet.steps(run) == list(range(300))
    (lr,) = fleet.client.series(run, ["lr"], points=100_000).series
    changed = lr.values.index(0.02)
    assert changed >= begin
    assert (set(lr.values[:changed]), set(lr.values[changed:])) == ({0.01}, {0.02})
    kept = {one.step for one in fleet.client.checkpoints(run) if one.kept}
    assert kept == set(range(10, 301, 10))
    weight = json.loads((fleet.data_dir / "kept" / run / "2" / "300.json").read_text())[1]
    (loss,) = fleet.client.series(run, ["loss"], points=100_000).series
    assert weight == loss.values[-1]
    assert printed(fleet, run) == ["seed 0", "seed 0", f"goes on at step {begin}"]
    wait_for(lambda: {one.host for one in fleet.client.workers()} == {*NAMES}, 60, "both workers")
    wait_for(lambda: not any(one.run for one in fleet.client.workers()), 60, "the end of the first attempt")
    again = fleet.client.launch({"program": "plain", "steps": 5}).id
    assert fleet.until(again).state is RunState.COMPLETED
