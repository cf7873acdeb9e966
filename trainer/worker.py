"""A worker: announces what can be trained here and lets RQ run one attempt at a time on each device.

    python -m trainer.worker [--device cpu|0|1|... ...]

This process, small and without torch, sends heartbeats and keeps the others alive, one per device; those are
RQ's and have torch loaded: the first describes the plug-ins, each forks an agent (`trainer.agent`) for each
launch ticket.
"""

import argparse
import logging
import os
import signal
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
from redis import Redis, RedisError
from rq import Queue
from rq import Worker as RqWorker
from rq.job import Job
from rq.serializers import JSONSerializer

import rhoscope
from rhoscope import keys
from rhoscope.catalog import Catalog
from rhoscope.environment import Environment
from rhoscope.errors import RhoscopeError
from rhoscope.local import fork
from rhoscope.local.fork import ROOM, begin
from rhoscope.local.process import SECRETS, Program, die_with_parent, end, keep_private, watch_parent
from rhoscope.projects.file import read as read_project
from rhoscope.runs import WorkerStatus
from trainer import preload, vitals
from trainer.announcement import (
    HEARTBEAT_S,
    Offer,
    announce,
    beat,
    check_alone,
    describe,
    is_alive,
    loaded,
    of_project,
    status_of,
)
from trainer.inspection.inspector import Inspector
from trainer.occupancy import Occupancy

WAIT_S = 0.25
AGENT_GRACE_S = 20.0
log = logging.getLogger("rhoscope.worker")


class Ticket(Job):
    """A job that may name one function only, and no callback, whatever somebody put into the queue."""

    success_callback = failure_callback = stopped_callback = None  # RQ would import what a ticket names

    @property
    def func(self) -> Any:
        """Raises: ValueError, for any function but the agent's, and for arguments that are no attempt."""
        if self.func_name != keys.JOB:
            raise ValueError(f"The queue {keys.QUEUE} carries launch tickets only, not {self.func_name!r}.")
        match (self.instance, list(self.args), self.kwargs):
            case (None, [str() as run, int() as attempt], {} as rest) if attempt > 0 and not rest:
                keys.run_id(run)
            case _:
                raise ValueError(f"A launch ticket names a run and an attempt, not {self.args!r:.200}.")
        return super().func


class TicketWorker(RqWorker):
    """RQ's worker, but a Redis that is away while an agent trains does not end it: the lease decides."""

    listener = os.getpid()

    def perform_job(self, *given: Any) -> bool:
        """In the agent's process, which is not to outlive this one by a moment."""
        die_with_parent(parent=self.listener)
        return super().perform_job(*given)

    def maintain_heartbeats(self, job: Any, execution: Any) -> None:
        """RQ's own book-keeping, skipped while Redis is away."""
        with suppress(RedisError):
            super().maintain_heartbeats(job, execution)


def listen(environment: Environment, catalog: int | None) -> None:
    """Take launch tickets until terminated; first, write the catalog to this file descriptor, if any."""
    program = os.environ.get("RHOSCOPE_PROGRAM", "")
    if not program:  # which loads what it needs itself
        preload.load(catalog)
    redis = Redis.from_url(environment.broker_url)
    queue = Queue(keys.queue(program), connection=redis, serializer=JSONSerializer, job_class=Ticket)
    worker = TicketWorker(
        [queue],
        name=f"{os.environ['RHOSCOPE_WORKER']}-{uuid.uuid4().hex[:8]}",
        connection=redis,
        serializer=JSONSerializer,
        job_class=Ticket,
    )
    TicketWorker.listener = os.getpid()
    worker.work(logging_level="WARNING", max_jobs=None)


class Desk:
    """One device, its heartbeat and its listening process."""

    def __init__(self, device: str, catalog: Catalog, environment: Environment) -> None:
        status = status_of(device, catalog)
        self.status = status.model_copy(update={"inspects": not status.program})
        self._environment = os.environ | _child_environment(self.status, device)
        self._child: Program | None = None
        self._drained = False
        self._occupancy = Occupancy(environment, self.status.name, device)
        self._occupancy.claim()

    def tend(self, redis: Redis, catalog: Catalog) -> None:
        """Start the listening process where there is none, and send one heartbeat."""
        try:
            draining = bool(redis.exists(keys.worker_drain(self.status.name)))
            self._listen(accepting=not draining)
            changes = {"draining": draining, "catalog": catalog.digest(), **vitals.of(self.status.devices[0])}
            self.status = beat(redis, self.status.model_copy(update=changes), catalog)
        except RedisError as error:
            log.warning("Redis is away (%s); trying again.", error)

    def _listen(self, *, accepting: bool) -> None:
        """Keep the listening process alive; or let it finish what it has, once, and then be gone."""
        alive = self._child is not None and self._child.poll() is None
        if accepting and not alive and self._occupancy.vacant():
            self._start()
        elif not accepting and alive and not self._drained and self._child is not None:
            self._child.send_signal(signal.SIGTERM)  # RQ's warm shutdown: the job at hand is finished
            self._drained = True

    def _start(self, *options: str, files: tuple[int, ...] = ()) -> None:
        words = ("trainer.worker", "--listen", ROOM, *options)
        # SIGTERM would let it finish its job; SIGKILL passes on to its agent, which ends the training
        self._child = begin(*words, env=self._environment, pass_fds=files, orphaned=signal.SIGKILL)
        self._drained = False

    def describe(self) -> Catalog:
        """The catalog of this installation, by the listening process, which has to load torch anyway.

        Raises: Unavailable, when the plug-ins can't be described.
        """
        text = b""
        if fork.AVAILABLE and self._occupancy.vacant():
            reader, writer = os.pipe()
            self._start("--catalog", str(writer), files=(writer,))
            os.close(writer)
            with os.fdopen(reader, "rb") as pipe:
                text = pipe.read()
        return Catalog.model_validate_json(text) if text else describe()

    def close(self, redis: Redis) -> None:
        """End what runs here; a training process is terminated and resumes elsewhere or later."""
        if self._child is not None:
            _end_agents(self._child)
            end(self._child, grace_s=5)
        self._occupancy.close()
        with suppress(RedisError):
            redis.delete(keys.worker(self.status.name))
            redis.srem(keys.WORKERS, self.status.name)


def supervise(environment: Environment, devices: list[str], offer: Offer | None) -> None:
    """Announce, beat, and keep one listening process per device alive until SIGTERM or SIGINT.

    Without an offer it is our plug-ins.

    Raises: Conflict, when another worker announces a program of this name and with other settings.
    """
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    catalog = offer.catalog if offer else Catalog(version=rhoscope.__version__, plugins=[])
    desks = [Desk(device, catalog, environment) for device in devices]
    offer = offer or Offer(desks[0].describe())
    inspector = Inspector([desk.status.name for desk in desks])
    with Redis.from_url(environment.broker_url, socket_timeout=5, socket_connect_timeout=5) as redis:
        with suppress(RedisError):  # away: it is noticed below
            check_alone(redis, desks[0].status)
        while not stopping:
            for desk in desks:
                desk.tend(redis, offer.look())
            _answer_until(time.monotonic() + HEARTBEAT_S, stopping, inspector, redis)
        inspector.close()
        for desk in desks:
            desk.close(redis)


def _child_environment(status: WorkerStatus, device: str) -> dict[str, str]:
    threads = str(max(1, (os.cpu_count() or 2) // 2))
    visible = "" if device == "cpu" else device
    given = {"RHOSCOPE_WORKER": status.name, "CUDA_VISIBLE_DEVICES": visible}
    given |= {"RHOSCOPE_PROGRAM": status.program}
    return given | {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", threads)}


def _end_agents(child: Program) -> None:
    """RQ would wait for its job to finish, which may take days."""
    try:
        agents = psutil.Process(child.pid).children()
    except psutil.NoSuchProcess:
        return
    child.send_signal(signal.SIGTERM)
    for agent in agents:
        with suppress(psutil.NoSuchProcess):
            agent.terminate()
    psutil.wait_procs(agents, timeout=AGENT_GRACE_S)


def _answer_until(end_s: float, stopping: list[int], inspector: Inspector, redis: Redis) -> None:
    """Answer questions until this second of the monotonic clock, or until terminated."""
    while not stopping and time.monotonic() < end_s:
        try:
            inspector.turn(redis, WAIT_S)
        except RedisError:  # the next heartbeat says so
            time.sleep(WAIT_S)


def _of_project(folder: Path) -> Offer:
    """The program of a project. Raises: InvalidInput."""
    project = read_project(folder, os.environ.get("PATH", os.defpath))
    os.environ["RHOSCOPE_PROJECTS"] = str(folder.absolute())  # where whatever runs it finds it again
    return Offer(of_project(project), project)


def main() -> int:
    parser = argparse.ArgumentParser(prog="rhoscope worker", description="Train runs from the queue.")
    parser.add_argument(
        "--device",
        nargs="+",
        default=["cpu"],
        help="cpu or CUDA device numbers; 0,1 is one worker with two devices",
    )
    parser.add_argument(
        "--check", action="store_true", help="exit with 0 if a worker of this host is alive, 1 otherwise"
    )
    parser.add_argument(
        "--announce", action="store_true", help="only announce the catalog of this installation, then exit"
    )
    parser.add_argument("--project", type=Path, help="folder with a rhoscope.yaml: run its program only")
    parser.add_argument("--listen", metavar="ROOM", help=argparse.SUPPRESS)
    parser.add_argument("--catalog", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    watch_parent()
    keep_private()
    for name in SECRETS:
        os.environ.pop(name, None)
    try:
        environment = Environment.load()
        if options.listen is not None:
            listen(environment, options.catalog)
        elif options.check:
            return 0 if is_alive(environment) else 1
        else:
            offer = _of_project(options.project) if options.project else None
            if options.announce:
                announce(environment, offer.catalog if offer else loaded())
            else:
                supervise(environment, options.device, offer)
    except RhoscopeError as error:
        log.error("%s", error.detail)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
