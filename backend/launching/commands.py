"""Commands to training processes: stop, pause, keep, set."""

import time
import uuid
from collections.abc import Sequence

from redis import Redis, ResponseError

from rhoscope import keys
from rhoscope.commands import Command


def forward(redis: Redis, run: str, orders: Sequence[tuple[int, Command]]) -> None:
    """Put a run's orders into its command stream, those that are not there, each under its number.

    A number is accepted once, so it is harmless to try again when it is not known whether one came through.

    Raises:
        RedisError: when Redis is away.
    """
    last = _last(redis, run)
    for number, command in orders:
        if number > last:
            _add(redis, run, number, command)


def new_command(verb: str, **fields: object) -> Command:
    """A command with an id of its own; `fields` are its other fields."""
    return Command.model_validate({"id": uuid.uuid4().hex, "verb": verb, "time": time.time(), **fields})


def _add(redis: Redis, run: str, number: int, command: Command) -> None:
    try:
        redis.xadd(keys.commands(run), {"c": command.model_dump_json()}, f"{number}-0", maxlen=1000)
    except ResponseError as error:
        if "equal or smaller" not in str(error):  # else an earlier try has come through meanwhile
            raise


def _last(redis: Redis, run: str) -> int:
    if not redis.exists(keys.commands(run)):
        return 0
    last: str = redis.xinfo_stream(keys.commands(run))["last-generated-id"].decode()
    return int(last.partition("-")[0])
