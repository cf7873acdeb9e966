"""Kubernetes as the engine, by its Jobs API: a user's program is launched, killed, tried again, and stopped.

The API is a stand-in that runs each Job's container as a process; no real cluster is part of it.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import nursery
import pytest
import yaml
from cluster import Cluster
from instrument import Instrument, is_alive, wait_for

from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import carrying, end
from rhoscope.states import RunState

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]
TESTS = Path(__file__).parent.parent
TEMPLATE = TESTS.parent / "docs" / "how-to" / "kubernetes-program.yaml"
LEASE_S = "4"


class Fleet(Instrument):
    """A back end that makes Jobs of its attempts, a node with room for two of them, and no worker."""

    def __init__(self, folder: Path, project: Path) -> None:
        super().__init__(folder / "data")
        here = Environment(data_dir=self.data_dir)
        self.redis = embedded.start(here)
        secret = {"RHOSCOPE_REDIS_URL": here.broker_url, "RHOSCOPE_LEASE_S": LEASE_S}
        self.cluster = Cluster(folder, 2, rhoscope=secret)
        self.environment |= {
            "RHOSCOPE_DATA_DIR": str(self.data_dir),
            "RHOSCOPE_LEASE_S": LEASE_S,
            "RHOSCOPE_ENGINE": "kubernetes",
            "RHOSCOPE_FLEET_TEMPLATE": str(template(folder, project)),
            "KUBECONFIG": str(self.cluster.kubeconfig()),
        }
        command = [sys.executable, "-m", "backend", "--port", str(self.api_port), "--host", "127.0.0.1"]
        self.api = nursery.spawn(command, env=self.environment, log=folder / "api.log")
        wait_for(self.reachable, 60, "the API")

    def close(self) -> None:
        self.client.close()
        end(self.api)
        self.cluster.close()
        end(self.redis)


def template(folder: Path, project: Path) -> Path:
    """The guide's, for a project at another place."""
    job = yaml.safe_load(TEMPLATE.read_text())
    (container,) = job["spec"]["template"]["spec"]["containers"]
    container["env"] = [{"name": "RHOSCOPE_PROJECTS", "value": str(project)}]
    (folder / "job.yaml").write_text(yaml.safe_dump(job))
    return folder / "job.yaml"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    project = tmp_path / "project"
    shutil.copytree(TESTS / "driving" / "program", project)
    (project / "environment").symlink_to(Path(sys.executable).parent.parent)
    fleet = Fleet(tmp_path, project)
    command = [sys.executable, "-m", "trainer.worker", "--announce", "--project", str(project)]
    nursery.run(command, env=fleet.environment).check_returncode()
    yield fleet
    fleet.close()


def launch(fleet: Fleet, **settings: Any) -> str:
    return fleet.client.launch({"program": "plain", "delay_s": 0.05, "steps": 4000, **settings}).id


def test_a_users_program_runs_as_jobs_goes_on_after_its_pod_was_killed_and_is_stopped(fleet: Fleet) -> None:
    jobs, pods = fleet.cluster.jobs, fleet.cluster.pods
    run = launch(fleet)
    fleet.until_step(run, 25)
    wait_for(lambda: [one.run for one in fleet.client.workers()] == [run], 20, "the Pod's heartbeat")
    (worker,) = fleet.client.workers()
    assert worker.host == f"rhoscope-{run}-1"
    pods[f"rhoscope-{run}-1"].kill()
    wait_for(lambda: fleet.client.run(run).attempt == 2, 60, "the second attempt")
    begin = wait_for(lambda: begun(fleet, run, 2), 60, "its start")
    assert (begin >= 20, begin % 10) == (True, 0)
    fleet.until_step(run, begin + 25)
    fleet.client.stop(run)
    assert fleet.until(run).state is RunState.STOPPED
    stored = fleet.steps(run)
    assert stored == list(range(len(stored)))
    kept = {one.step for one in fleet.client.checkpoints(run) if one.kept}
    assert {10, 20, begin + 10} <= kept
    lines = httpx.get(f"{fleet.api_url}/api/v1/runs/{run}/logs").json()["lines"]
    assert [line.partition(" of ")[0] for line in lines] == ["seed 0", "seed 0", f"goes on at step {begin}"]
    wait_for(lambda: not pods, 30, "the end of the Pod")
    ends = [jobs[f"rhoscope-{run}-{attempt}"]["status"]["conditions"][0]["type"] for attempt in (1, 2)]
    assert ends == ["Failed", "Complete"]


def begun(fleet: Fleet, run: str, attempt: int) -> int | None:
    """The step at which an attempt began, once it has."""
    events = fleet.client.events(run)
    result = [one.step for one in events if one.kind == "started" and one.attempt == attempt]
    return result[0] if result else None


def test_a_job_that_is_deleted_gives_its_program_time_and_one_that_waits_is_deleted_with_its_run(
    fleet: Fleet,
) -> None:
    jobs, pods = fleet.cluster.jobs, fleet.cluster.pods
    first, second = launch(fleet), launch(fleet)
    for run in (first, second):
        fleet.until_step(run, 15)
    waits = launch(fleet)
    wait_for(lambda: f"rhoscope-{waits}-1" in jobs, 20, "the Job that waits")
    fleet.client.stop(waits)
    assert fleet.until(waits).state is RunState.STOPPED
    assert f"rhoscope-{waits}-1" not in jobs
    programs = carrying("RHOSCOPE_RUN", first)
    del jobs[f"rhoscope-{first}-1"]  # as `kubectl delete job` does
    wait_for(lambda: (begun(fleet, first, 2) or 0) >= 10, 60, "the next attempt")
    assert not any(map(is_alive, programs))
    for run in (first, second):
        fleet.client.stop(run)
        assert fleet.until(run).state is RunState.STOPPED
    wait_for(lambda: not pods, 30, "the end of the Pods")


def test_an_image_without_the_project_is_a_sentence(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "project").rename(tmp_path / "elsewhere")
    failed = fleet.until(launch(fleet))
    assert failed.state is RunState.FAILED
    assert failed.reason.startswith("There is no rhoscope.yaml in ")
