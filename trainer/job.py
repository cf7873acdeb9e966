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
from contextlib import suppress

from redis import Redis, RedisError

from rhoscope import keys
from rhoscope.environment import Environment
from rhoscope.errors import RhoscopeError
from rhoscope.projects.lookup import named
from trainer import vitals
from trainer.agent import program_of, run_attempt
from trainer.announcement import HEARTBEAT_S, beat, describe, of_project, status_of
from trainer.occupancy import Occupancy

log = logging.getLogger("rhoscope.job")


def name_of(run: str) -> str:
    """The name under which this job appears among the workers."""
    job = os.environ.get("SLURM_JOB_ID", "")
    return f"{socket.gethostname()}-slurm-{job}" if job else f"{socket.gethostname()}-{run}"


def announce(environment: Environment, name: str, run: str, ended: threading.Event) -> None:
    """Heartbeats until `ended`; what can be trained here goes along: where it runs a program, that one."""
    device = os.environ.get("CUDA_VISIBLE_DEVICES", "") or "cpu"
    with Redis.from_url(environment.broker_url, socket_timeout=5, socket_connect_timeout=5) as redis:
        try:
            program = program_of(redis, run)
            present = os.environ.get("PATH", os.defpath)
            catalog = of_project(named(program, environment.projects, present)) if program else describe()
        except RhoscopeError as error:
            log.warning("%s", error.detail)
            return
        status = status_of(device, catalog).model_copy(update={"name": name})
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
    ended = threading.Event()
    try:
        environment = Environment.load()
        beats = threading.Thread(target=announce, args=(environment, name, options.run, ended), daemon=True)
        beats.start()
        device = Occupancy(environment, name, os.environ.get("CUDA_VISIBLE_DEVICES", "") or "cpu")
        device.claim()
        log.info("%s", run_attempt(options.run, options.attempt))
        device.close()
        ended.set()
        beats.join(5)
    except RhoscopeError as error:
        log.error("%s", error.detail)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
