"""Announcements of what can be trained here: a catalog, and heartbeats that name it."""

import logging
import os
import platform
import socket
import subprocess
import sys
import time

import psutil
from pydantic import ValidationError
from redis import Redis

import rhoscope
from rhoscope import keys
from rhoscope.catalog import Catalog
from rhoscope.environment import Environment
from rhoscope.errors import Conflict, InvalidInput, Unavailable
from rhoscope.projects.file import Project, read
from rhoscope.runs import WorkerStatus
from trainer import preload

HEARTBEAT_S = 2.0
HEARTBEAT_TTL_S = 15
LOOK_S = 0.2
ANNOUNCED = 3
"""Heartbeats of a worker that only announces."""
log = logging.getLogger("rhoscope.worker")


def announce(environment: Environment, catalog: Catalog) -> None:
    """Let what can be trained here be known, where jobs of a scheduler and no worker will train it."""
    with Redis.from_url(environment.broker_url, socket_timeout=5, socket_connect_timeout=5) as redis:
        status = status_of("cpu", catalog).model_copy(update={"draining": True})
        for _ in range(ANNOUNCED):
            beat(redis, status, catalog)
            time.sleep(HEARTBEAT_S)
        redis.delete(keys.worker(status.name))
        redis.srem(keys.WORKERS, status.name)


def is_alive(environment: Environment) -> bool:
    """Whether a worker of this host sent a heartbeat lately; the health check of a container."""
    with Redis.from_url(environment.broker_url, socket_timeout=2, socket_connect_timeout=2) as redis:
        names = [name.decode() for name in redis.smembers(keys.WORKERS)]
        beats = redis.mget([keys.worker(name) for name in names]) if names else []
    known = [WorkerStatus.model_validate_json(b) for b in beats if b]
    return any(status.host == socket.gethostname() for status in known)


def describe() -> Catalog:
    """The catalog of this installation, described by a separate process, since that needs torch.

    Raises:
        Unavailable: when the plug-ins can't be described; torch missing, most likely.
    """
    command = [sys.executable, "-m", "trainer.plugins"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
        raise Unavailable(f"The worker can't describe its plug-ins: {reason}. Try `rhoscope doctor`.")
    return Catalog.model_validate_json(done.stdout)


def loaded() -> Catalog:
    """The same, by this process, whose forks begin with torch from then on; call it from the main thread.

    Raises:
        Unavailable: when the plug-ins can't be described.
    """
    text = preload.described()
    return Catalog.model_validate_json(text) if text else describe()


def beat(redis: Redis, status: WorkerStatus, catalog: Catalog) -> WorkerStatus:
    """Send one heartbeat, and the catalog with it; the status as sent."""
    job = redis.get(keys.worker_job(status.name))
    run, _, attempt = job.decode().partition(":") if isinstance(job, bytes) else ("", "", "")
    now = {"seen": time.time(), "run": run or None, "attempt": int(attempt) if attempt else None}
    status = status.model_copy(update=now)
    pipe = redis.pipeline(transaction=False)
    pipe.set(keys.catalog(status.catalog), catalog.model_dump_json())
    pipe.sadd(keys.WORKERS, status.name)
    pipe.set(keys.worker(status.name), status.model_dump_json(), ex=HEARTBEAT_TTL_S)
    pipe.execute()
    return status


def status_of(device: str, catalog: Catalog) -> WorkerStatus:
    """A first heartbeat of a worker on this device, which may be comma-separated GPU numbers."""
    host = socket.gethostname()
    return WorkerStatus(
        name=f"{host}-{device.replace(':', '')}-{os.getpid()}",
        host=host,
        pid=os.getpid(),
        device=f"cpu {platform.machine()}" if device == "cpu" else f"cuda:{device}",
        devices=device.split(","),
        catalog=catalog.digest(),
        program=next((plugin.name for plugin in catalog.of_kind("program")), ""),
        started=time.time(),
        seen=time.time(),
        version=rhoscope.__version__,
    )


def of_project(project: Project) -> Catalog:
    """The catalog of a worker that runs the program of one project."""
    return Catalog(version=rhoscope.__version__, plugins=[project.plugin()])


class Offer:
    """A catalog to announce; that of a project is read again whenever its file has changed."""

    def __init__(self, catalog: Catalog, project: Project | None = None) -> None:
        self.catalog = catalog
        self._project = project
        self._changed = self._stamp()

    def look(self) -> Catalog:
        """The present one. A file that does not fit is logged, and what it held before stays."""
        stamp = self._stamp()
        if self._project is not None and stamp != self._changed:
            self._changed = stamp
            try:
                now = read(self._project.file, os.environ.get("PATH", os.defpath))
                if now.name == self._project.name:
                    self.catalog = of_project(now)
                else:
                    log.warning("The project is named %s now; restart its worker.", now.name)
            except InvalidInput as error:
                log.warning("%s What it held before is offered still.", error.detail)
        return self.catalog

    def _stamp(self) -> tuple[int, int]:
        """Of the file: when it was changed, and its size."""
        if self._project is None:
            return (0, 0)
        try:
            about = self._project.file.stat()
        except OSError:
            return (0, 0)
        return (about.st_mtime_ns, about.st_size)


def check_alone(redis: Redis, status: WorkerStatus, patience_s: float = 2 * HEARTBEAT_S) -> None:
    """Check that whoever else runs a program of this name runs the same one.

    Another worker of a project whose file was changed just now has `patience_s` seconds to read it again.

    Raises: Conflict, when another worker lives whose program has the same name and other settings.
    """
    since = time.monotonic()
    while other := _other(redis, status):
        if time.monotonic() - since > patience_s:
            raise Conflict(
                f"Worker {other} runs a program '{status.program}' with other settings; let both have the "
                "same rhoscope.yaml, stop that worker, or give this project another name."
            )
        time.sleep(LOOK_S)


def _other(redis: Redis, status: WorkerStatus) -> str:
    """The name of a living worker whose program has the same name and other settings, if there is one."""
    known: set[bytes] = redis.smembers(keys.WORKERS)  # type: ignore[assignment]
    names = sorted(name.decode(errors="replace") for name in known) if status.program else []
    for beat_ in redis.mget([keys.worker(name) for name in names]) if names else []:
        try:
            other = WorkerStatus.model_validate_json(beat_ or b"")
        except ValidationError:
            continue
        differs = other.program == status.program and other.catalog != status.catalog
        if differs and not _is_gone(other, status):
            return other.name
    return ""


def _is_gone(other: WorkerStatus, status: WorkerStatus) -> bool:
    """Whether a heartbeat is the last one of a process of this machine that has died, or of our name.

    In a container that was started again, the worker has the number that its predecessor had.
    """
    return other.host == status.host and (other.name == status.name or not psutil.pid_exists(other.pid))
