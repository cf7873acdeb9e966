"""The job itself: hold the lease of one attempt while a training process of its own runs.

A worker's RQ process forks this function, and this function the training process, which begins with what that
one has loaded (`trainer.preload`); where nothing is, it is started. The training process gets a deadline
through a mapped file and may not take a step past it; we move it on with each renewal of the lease. So a lost
Redis makes training wait, and a lost lease ends it.
"""

import os
import signal
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from mmap import mmap
from pathlib import Path
from types import FrameType

from pydantic import ValidationError
from redis import Redis, RedisError

from rhoscope import keys
from rhoscope.environment import Environment
from rhoscope.errors import RhoscopeError
from rhoscope.lease import Lease
from rhoscope.local.fork import begin, fork
from rhoscope.local.logs import rotate
from rhoscope.local.process import Program, die_with_parent, end, without_secrets
from rhoscope.spec import RunSpec
from trainer import preload
from trainer.occupancy import PROGRAMS, Occupancy

RENEWALS_PER_LEASE = 5
GRACE_S = 15.0
"""Seconds between asking a training process to end and killing it: time for a checkpoint."""


class Deadline:
    """Eight mapped bytes: the CLOCK_MONOTONIC second after which the training process must not step.

    A new file each time: one that an earlier process still reads is not moved on.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._map = mmap(file.fileno(), 8)

    def move(self, until: float) -> None:
        struct.pack_into("<d", self._map, 0, until)


def run_attempt(run: str, attempt: int) -> str:
    """Train one attempt if its lease can be had; the answer says what came of it, for RQ's records.

    Raises:
        InvalidInput: for what can be no run's id; a ticket may hold anything.
    """
    die_with_parent()
    run, attempt = keys.run_id(run), int(attempt)
    environment = Environment.load()
    name = os.environ.get("RHOSCOPE_WORKER", "worker")
    device = Occupancy(environment, name, os.environ.get("CUDA_VISIBLE_DEVICES", "") or "cpu")
    with (
        Redis.from_url(environment.broker_url, socket_timeout=2, socket_connect_timeout=2) as redis,
        _termination() as termination,
        device.training(lambda: bool(termination)) as lock,
    ):
        if lock < 0:
            return "the worker was terminated"
        lease = Lease(redis, run, attempt, f"{name}/{uuid.uuid4().hex}", environment.lease_s)
        requested_at = time.monotonic()
        if not lease.take():
            return "not wanted, or taken by another"
        deadline = Deadline(device.deadline)
        deadline.move(requested_at + environment.lease_s)
        process = _start(run, attempt, deadline.path, environment, lock, program_of(redis, run))
        device.note(lock, process.pid)
        job = (redis, keys.worker_job(name), f"{run}:{attempt}")
        log = environment.log_of(run)
        outcome = _guard(process, lease, deadline, environment.lease_s, job, log, termination)
        deadline.path.unlink(missing_ok=True)
        with suppress(RedisError):
            lease.release()
            redis.delete(keys.worker_job(name))
        return outcome


def program_of(redis: Redis, run: str) -> str:
    """The user's program that a run is of; empty where it is our training, or nobody can say."""
    try:
        text = redis.get(keys.spec(run))
        return RunSpec.model_validate_json(text).program if isinstance(text, bytes) else ""
    except (RedisError, ValidationError, RhoscopeError):
        return ""  # the training process reads it again, and says what is wrong


def _start(
    run: str, attempt: int, deadline: Path, environment: Environment, lock: int, program: str = ""
) -> Program:
    environment.log_dir.mkdir(parents=True, exist_ok=True)
    module = PROGRAMS if program else "trainer.run"
    arguments = ["--run", run, "--attempt", str(attempt), "--deadline-file", str(deadline)]
    log, env = environment.log_of(run), without_secrets()
    if not program and (main := preload.entrance()) is not None:
        return fork(main, [sys.executable, "-m", module, *arguments], log=log, env=env, pass_fds=[lock])
    return begin(module, *arguments, log=log, env=env, pass_fds=[lock])


def _guard(
    process: Program,
    lease: Lease,
    deadline: Deadline,
    ttl_s: float,
    job: tuple[Redis, str, str],
    log: Path,
    termination: list[int],
) -> str:
    """Renew the lease until the process ends, the lease is lost or we are asked to end."""
    redis, key, value = job
    renew_at = 0.0
    while process.poll() is None:
        if termination:
            end(process, GRACE_S)
            return "the worker was terminated"
        now = time.monotonic()
        if now >= renew_at:
            renew_at = now + ttl_s / RENEWALS_PER_LEASE
            rotate(log)
            with suppress(RedisError):  # the deadline does not advance meanwhile, nor does training
                if not lease.renew():
                    end(process, GRACE_S)
                    return "the lease was lost"
                deadline.move(now + ttl_s)
                redis.set(key, value, px=int(ttl_s * 1000))
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    return f"the training process ended with code {process.returncode}"


@contextmanager
def _termination() -> Iterator[list[int]]:
    """A list that SIGTERM fills, so that the loop ends its training process before we go."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    before = signal.signal(signal.SIGTERM, note)
    try:
        yield received
    finally:
        signal.signal(signal.SIGTERM, before)
