"""Commands of users to a running training process."""

from typing import Literal

from pydantic import BaseModel, JsonValue


class Resumption(BaseModel):
    """From where an attempt of a program goes on: its last checkpoint, and the orders it has carried out.

    An empty `path`: from its beginning. `step` is the next step to be taken, `after` an order's number.
    `kept` are the paths of the run's own checkpoints by their names: another machine may have noted them.
    """

    path: str = ""
    step: int = 0
    after: int = 0
    kept: dict[str, str] = {}


class Command(BaseModel):
    """One order, applied between two steps.

    `settings` only with verb `set`. `step` with `keep`: whose checkpoint is to stay; with `pause`: how many
    steps shall be finished first. `resume` takes such a pause back. `who` is shown in the event.
    """

    id: str
    verb: Literal["stop", "pause", "set", "checkpoint", "keep", "resume"]
    settings: dict[str, JsonValue] = {}
    step: int | None = None
    who: str = ""
    time: float
