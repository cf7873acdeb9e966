"""From where the next attempt of a user's program goes on, for the worker that starts it."""

from redis import Redis
from sqlalchemy import Connection

from backend.store import Store, checkpoints, orders
from rhoscope import keys
from rhoscope.commands import Resumption
from rhoscope.errors import Conflict
from rhoscope.runs import Checkpoint, Run


def note(redis: Redis, store: Store, run: Run) -> None:
    """Write it down; nothing for a network of ours, which finds its checkpoints by itself.

    Raises:
        RedisError, OperationalError: when one is away.
        Conflict: when the checkpoint of a fork's origin is gone.
    """
    if run.spec.program:
        with store.reading() as db:
            checkpoint = resumption(db, run)
        redis.set(keys.resumption(run.id), checkpoint.model_dump_json())


def resumption(db: Connection, run: Run) -> Resumption:
    """The run's own last checkpoint, or its origin's. Raises: Conflict, when that is gone."""
    after = orders.settled(db, run.id)
    own = [one for one in checkpoints.of_run(db, run.id) if one.kept]
    if own:
        newest = max(own, key=lambda one: (one.attempt, one.step))
        kept = {one.name: one.path for one in own}
        return Resumption(path=newest.path, step=newest.step, after=after, kept=kept)
    if run.spec.origin is None:
        return Resumption(after=after)
    return Resumption(path=_origin(db, run).path, step=run.spec.origin.step, after=after)


def _origin(db: Connection, run: Run) -> Checkpoint:
    origin = run.spec.origin
    listed = checkpoints.of_run(db, origin.run) if origin else []
    checkpoint = next((one for one in listed if origin and one.name == origin.checkpoint), None)
    if checkpoint is None:
        raise Conflict(f"The checkpoint that run '{run.id}' was to begin with is gone.")
    return checkpoint
