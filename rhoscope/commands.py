"""Commands of users to a running training process."""

from typing import Literal

from pydantic import BaseModel, JsonValue


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
