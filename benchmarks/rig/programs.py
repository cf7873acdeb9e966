"""The programs that benchmarks measure, each a process of its own, and what stands in for workers."""

import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from redis import Redis

from rhoscope import keys
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.errors import NotFound, Unavailable
from rhoscope.local import embedded
from rhoscope.local.process import end, spawn, tail, wait_until
from rhoscope.runs import WorkerStatus
from rhoscope.web.outgoing import outgoing
from trainer.plugins import describe

ROOT = Path(__file__).parents[2]
START_S = 60.0
start: Callable[..., "subprocess.Popen[Any]"] = subprocess.Popen
"""Starts what belongs to a benchmark; tests have quicker ways to do that, and to `spawn`."""


@dataclass(frozen=True)
class Programs:
    """Where the back end and the dashboard answer; nobody at `dashboard` where none was wanted."""

    environment: Environment
    api: str
    dashboard: str


@contextmanager
def programs(environment: Environment, workers: int, *, page: bool = True) -> Iterator[Programs]:
    """Valkey, back end and, with `page`, dashboard, with the heartbeats of workers that don't exist.

    The queue hands out as many tickets as there are workers: announce one for each run that is to run.
    """
    api, dashboard = free_port(), free_port()
    here = Programs(environment, f"http://127.0.0.1:{api}", f"http://127.0.0.1:{dashboard}")
    extra = {"RHOSCOPE_DATA_DIR": str(environment.data_dir), "RHOSCOPE_API_URL": here.api}
    with ExitStack() as ending:
        ending.callback(end, embedded.start(environment))
        with Redis.from_url(environment.broker_url) as redis:
            announce(redis, workers)
        wanted = {"backend": api} | ({"dashboard": dashboard} if page else {})
        started = {
            port: program(module, port, environment.data_dir / f"{module}.log", extra)
            for module, port in wanted.items()
        }
        for process in started.values():
            ending.callback(end, process)
        for port, process in started.items():
            until_answers(process, f"http://127.0.0.1:{port}", environment.data_dir)
        yield here


def back_end(here: Programs) -> psutil.Process:
    """Its process. Raises: RuntimeError, when there is none."""
    port = here.api.rpartition(":")[2]
    for process, line in family():
        if "backend" in line and port in line:
            return process
    raise RuntimeError("The back end is not among our children.")


def family() -> Iterator[tuple[psutil.Process, list[str]]]:
    """Our children and theirs that still run, with their command lines."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # one that has just ended, too
            yield process, process.cmdline()


def counter(here: Programs, name: str) -> float:
    """A counter of the back end's metrics."""
    lines = httpx.get(f"{here.api}/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith(name)).split()[1])


def program(module: str, port: int, log: Path, extra: dict[str, str], *more: str) -> subprocess.Popen[bytes]:
    """`python -m module --port port`, which ends with us."""
    command = [sys.executable, "-m", module, "--port", str(port), *more]
    return spawn(command, log=log, env=os.environ | extra)


def until_answers(process: subprocess.Popen[bytes], url: str, logs: Path) -> None:
    """Wait for a program's first answer. Raises: Unavailable, with what its log says last."""
    try:
        wait_until(lambda: _lives(url), lambda: process.poll() is None, url, START_S)
    except Unavailable as error:
        said = "\n".join(tail(log) for log in sorted(logs.glob("*.log")))
        raise Unavailable(f"{error.detail} The logs say:\n{said}") from error


def _lives(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5, **outgoing(url)).is_success
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def announce(redis: Redis, workers: int) -> None:
    """The catalog of this installation, as heartbeats of so many workers bring it."""
    catalog, now = describe(), time.time()
    digest = catalog.digest()
    redis.set(keys.catalog(digest), catalog.model_dump_json())
    for name in (f"pace-{i}" for i in range(workers)):
        status = WorkerStatus(
            name=name,
            host=platform.node(),
            pid=os.getpid(),
            device="cpu",
            catalog=digest,
            started=now,
            seen=now,
        )
        redis.set(keys.worker(name), status.model_dump_json(), ex=3600)
        redis.sadd(keys.WORKERS, name)


def launch(client: Client, count: int) -> list[str]:
    """Ids of queued runs, once the API knows the catalog."""
    wait_until(lambda: _knows(client), lambda: True, "The catalog", START_S)
    return [client.launch({"alpha": 0.5 * (i + 1), "seed": i}).id for i in range(count)]


def _knows(client: Client) -> bool:
    try:
        return bool(client.catalog().plugins)
    except (NotFound, Unavailable):
        return False


@contextmanager
def pacing(here: Programs, runs: list[str], rate: float, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """`benchmarks/rig/pace.py`, taking steps of these runs while the block lasts."""
    command = [sys.executable, "-m", "benchmarks.rig.pace", "--redis", here.environment.broker_url]
    command += ["--rate", str(rate), "--seconds", str(seconds), *runs]
    with start(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()


def taken(process: subprocess.Popen[str]) -> dict[str, list[float]]:
    """When each run's steps were taken, Unix seconds, once all are. Raises: RuntimeError, when none were."""
    answer, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"The pace ended with code {process.returncode}; its error stands above.")
    times: dict[str, list[float]] = json.loads(answer)
    return times
