"""What a user can tell a running training process."""

from typing import Literal

from pydantic import BaseModel, JsonValue


class Command(BaseModel):
    """One order, applied between two steps. `settings` only with verb `set`; `who` is shown in the event."""

    id: str
    verb: Literal["stop", "pause", "set", "checkpoint"]
    settings: dict[str, JsonValue] = {}
    who: str = ""
    time: float
