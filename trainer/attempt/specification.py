"""A training process' way to Redis, and what it reads there before it begins."""

import logging
import time

from redis import Redis, RedisError

from rhoscope import keys
from rhoscope.errors import NotFound
from rhoscope.spec import RunSpec
from trainer.attempt.controls import Controls
from trainer.attempt.session import LostLease

log = logging.getLogger("rhoscope.run")


def read_spec(redis: Redis, run: str, controls: Controls) -> RunSpec:
    """The run's resolved specification; waits while Redis is away.

    Raises:
        NotFound: when there is none.
        LostLease: when terminated meanwhile.
    """
    while not controls.terminated:
        try:
            text = redis.get(keys.spec(run))
        except RedisError as error:
            log.warning("The specification can't be read (%s); trying again.", error)
            time.sleep(0.5)
            continue
        if text is None:
            raise NotFound(f"There is no specification of run {run} in Redis.")
        return RunSpec.model_validate_json(text)
    raise LostLease("This attempt was terminated before it started.")
