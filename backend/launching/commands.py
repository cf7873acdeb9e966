"""Commands to training processes: stop, pause, keep, set."""

import time
import uuid

from redis import Redis

from rhoscope import keys
from rhoscope.commands import Command


def send(redis: Redis, run: str, command: Command) -> None:
    """Send a command to a run's training process."""
    redis.xadd(keys.commands(run), {"c": command.model_dump_json()}, maxlen=1000)


def new_command(verb: str, **fields: object) -> Command:
    """A command with an id of its own; `fields` are its other fields."""
    return Command.model_validate({"id": uuid.uuid4().hex, "verb": verb, "time": time.time(), **fields})
