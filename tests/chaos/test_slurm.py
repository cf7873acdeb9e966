"""Slurm, a real one, as the engine: runs are launched, ordered, stopped and survive the end of their jobs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nursery
import pytest
from instrument import CALM, Instrument, free_port, wait_for
from slurm import Slurm

from rhoscope.environment import Environment
from rhoscope.errors import Unavailable
from rhoscope.local import embedded
from rhoscope.local.process import end
from rhoscope.states import RunState

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]
PROGRAM = Path(__file__).parent.parent / "driving" / "program"
SPEC = {**CALM, "epochs": 4, "strategy": "ogm"}


class Fleet(Instrument):
    """A back end that hands its attempts to Slurm, and no worker."""

    def __init__(self, folder: Path, slurm: Slurm, **more: str) -> None:
        super().__init__(folder)
        here = Environment(data_dir=folder)
        self.redis = embedded.start(here)
        self.environment |= slurm.environment | {
            "RHOSCOPE_DATA_DIR": str(folder),
            "RHOSCOPE_ENGINE": "slurm",
            "RHOSCOPE_LEASE_S": "4",
            "RHOSCOPE_FLEET_OPTIONS": "--cpus-per-task=1 --comment='{processes} processes'",
            **more,
        }
        self.api = self._serve()

    def _serve(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "backend", "--port", str(self.api_port), "--host", "127.0.0.1"]
        api = nursery.spawn(command, env=self.environment, log=self.data_dir / "api.log")
        wait_for(self.reachable, 60, "the API")
        return api

    def close(self) -> None:
        self.client.close()
        end(self.api)
        end(self.redis)


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """Left by each test without a job."""
    slurm = Slurm(tmp_path_factory.mktemp("slurm") / "home")
    yield slurm
    slurm.close()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, slurm: Slurm) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path_factory.mktemp("fleet") / "data", slurm)
    announced(fleet)
    yield fleet
    fleet.close()


@pytest.fixture
def program_fleet(tmp_path: Path, slurm: Slurm) -> Iterator[Fleet]:
    """Jobs find the program by the environment that the back end was started with."""
    project = tmp_path / "project"
    shutil.copytree(PROGRAM, project)
    (project / "environment").symlink_to(Path(sys.executable).parent.parent)
    fleet = Fleet(tmp_path / "data", slurm, RHOSCOPE_PROJECTS=str(project))
    announced(fleet, "--project", str(project))
    yield fleet
    fleet.close()


def announced(fleet: Fleet, *more: str) -> None:
    command = [sys.executable, "-m", "trainer.worker", "--announce", *more]
    nursery.run(command, env=fleet.environment).check_returncode()
    wait_for(lambda: launchable(fleet), 60, "the catalogue")


def launchable(fleet: Fleet) -> bool:
    try:
        return bool(fleet.client.catalog().plugins)
    except Unavailable:
        return False


def test_runs_train_as_batch_jobs_in_their_order_and_are_stopped(fleet: Fleet, slurm: Slurm) -> None:
    first = fleet.client.launch({**SPEC, "epochs": 80}).id
    fleet.until_step(first, 5)
    wait_for(
        lambda: any(worker.run == first and "slurm" in worker.name for worker in fleet.client.workers()),
        30,
        "the job's heartbeat to name its run",
    )
    low, high = (fleet.client.launch({**SPEC, "priority": priority}).id for priority in (0, 5))
    pending = ("squeue", "--noheader", "--states=PENDING", "--sort=i", "--format=%j")
    wanted = [f"rhoscope-{high}-1", f"rhoscope-{low}-1"]
    wait_for(lambda: slurm.ask(*pending).split() == wanted, 30, "the order by priority")
    fleet.client.stop(low)
    wait_for(lambda: fleet.client.run(low).state is RunState.STOPPED, 30, "the waiting one to stop")
    assert slurm.ask(*pending).split() == wanted[:1]
    fleet.client.stop(first)
    assert fleet.until(first).state is RunState.STOPPED
    fleet.completed_whole(high)
    log = fleet.data_dir / "logs" / f"{high}.slurm.log"
    wait_for(lambda: "the training process ended with code 0" in log.read_text(), 30, "the job's last words")


def test_a_job_that_slurm_ends_is_followed_by_another_that_goes_on(fleet: Fleet, slurm: Slurm) -> None:
    run = fleet.client.launch({**SPEC, "epochs": 5}).id
    fleet.until_step(run, 15)
    slurm.ask("scancel", f"--name=rhoscope-{run}-1")
    assert fleet.completed_whole(run).attempt == 2


def test_a_users_program_goes_on_from_its_checkpoint_in_another_job_and_is_stopped(
    program_fleet: Fleet, slurm: Slurm
) -> None:
    fleet = program_fleet
    run = fleet.client.launch({"program": "plain", "delay_s": 0.05, "steps": 4000}).id
    fleet.until_step(run, 25)
    slurm.ask("scancel", f"--name=rhoscope-{run}-1")
    wait_for(lambda: fleet.client.run(run).attempt == 2, 60, "the second job")
    fleet.until_step(run, 45)
    begun = [event for event in fleet.client.events(run) if event.kind == "started" and event.attempt == 2]
    assert begun[0].step >= 20
    assert begun[0].step % 10 == 0
    fleet.client.stop(run)
    assert fleet.until(run).state is RunState.STOPPED
    (loss,) = fleet.client.series(run, ["loss"], points=100_000).series
    assert loss.steps == list(range(len(loss.steps)))


def test_slurm_without_its_tools_is_refused_in_a_sentence(tmp_path: Path) -> None:
    there = {"RHOSCOPE_ENGINE": "slurm", "RHOSCOPE_DATA_DIR": str(tmp_path), "PATH": str(tmp_path)}
    command = [sys.executable, "-m", "backend", "--port", str(free_port())]
    done = nursery.run(command, env=os.environ | there, text=True)
    assert done.returncode == 2
    assert "needs sbatch, squeue, scancel on the PATH" in done.stderr
    assert "Traceback" not in done.stderr
