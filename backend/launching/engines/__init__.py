"""Engines carry launch tickets to machines. An engine is a file here and its entry in `engine_of`."""

from redis import Redis

from backend.launching.engines.engine import Engine, Ticket
from rhoscope.environment import Environment

__all__ = ["Engine", "Ticket", "engine_of"]


def engine_of(environment: Environment, redis: Redis) -> Engine:
    """The engine that RHOSCOPE_ENGINE names. Raises: InvalidInput, when it can't be used here."""
    if environment.engine == "slurm":
        from backend.launching.engines.slurm import Slurm  # noqa: PLC0415 -- only where it is asked for

        return Slurm(environment)
    if environment.engine == "kubernetes":
        from backend.launching.engines.kubernetes import Kubernetes  # noqa: PLC0415 -- as above

        return Kubernetes(environment)
    from backend.launching.engines.rq import Rq  # noqa: PLC0415 -- as above

    return Rq(redis)
