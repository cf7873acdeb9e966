"""One attempt as a batch job of a scheduler, such as Slurm's or Kubernetes'.

    python -m trainer.job RUN ATTEMPT

For as long as it lasts it is a worker like any other: it announces what can be trained here and sends
heartbeats. SIGTERM ends it with a checkpoint, as when its time is up.
"""

import argparse
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis import Redis, RedisError

from rhoscope import keys
from rhoscope.catalog import Catalog
from rhoscope.environment import Environment
from rhoscope.errors import RhoscopeError
from rhoscope.projects.lookup import named
from trainer import vitals
from trainer.agent import program_of, run_attempt
from trainer.announcement import HEARTBEAT_S, beat, loaded, of_project, status_of
from trainer.occupancy import Occupancy

log = logging.getLogger("rhoscope.job")


def name_of(run: str) -> str:
    """The name under which this job appears among the workers."""
    job = os.environ.get("SLURM_JOB_ID", "")
    return f"{socket.gethostname()}-slurm-{job}" if job else f"{socket.gethostname()}-{run}"


def offered(environment: Environment, run: str) -> Catalog | None:
    """The program that the run is of; else all that can be trained here, described with torch loaded.

    The training process begins with the same torch. None where neither can be had, which is logged.
    """
    present = os.environ.get("PATH", os.defpath)
    with Redis.from_url(environment.broker_url, socket_timeout=5, socket_connect_timeout=5) as redis:
        program = program_of(redis, run)
    try:
        return of_project(named(program, environment.projects, present)) if program else loaded()
    except RhoscopeError as error:
        log.warning("%s", error.detail)
        return None


@contextmanager
def announced(environment: Environment, name: str, catalog: Catalog | None) -> Iterator[None]:
    """Heartbeats meanwhile, with this catalog; none without one."""
    if catalog is None:
        yield
        return
    ended = threading.Event()
    beats = threading.Thread(target=_beat, args=(environment, name, catalog, ended), daemon=True)
    beats.start()
    try:
        yield
    finally:
        ended.set()
        beats.join(5)


def _beat(environment: Environment, name: str, catalog: Catalog, ended: threading.Event) -> None:
    device = os.environ.get("CUDA_VISIBLE_DEVICES", "") or "cpu"
    status = status_of(device, catalog).model_copy(update={"name": name})
    with Redis.from_url(environment.broker_url, socket_timeout=5, socket_connect_timeout=5) as redis:
        while not ended.is_set():
            with suppress(RedisError):
                current = status.model_copy(update=vitals.of(status.devices[0]))
                status = beat(redis, current, catalog)
            ended.wait(HEARTBEAT_S)
        with suppress(RedisError):
            redis.delete(keys.worker(name))
            redis.srem(keys.WORKERS, name)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m trainer.job", description="Train one attempt of a run.")
    parser.add_argument("run")
    parser.add_argument("attempt", type=int)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    name = os.environ["RHOSCOPE_WORKER"] = name_of(options.run)
    try:
        environment = Environment.load()
        with announced(environment, name, offered(environment, options.run)):
            device = Occupancy(environment, name, os.environ.get("CUDA_VISIBLE_DEVICES", "") or "cpu")
            device.claim()
            log.info("%s", run_attempt(options.run, options.attempt))
            device.close()
    except RhoscopeError as error:
        log.error("%s", error.detail)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
