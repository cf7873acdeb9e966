"""Guest runs: networks that rhoscope did not build, reported and steered by their own programs."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from rhoscope import literals
from rhoscope.commands import Command
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.json_values import PLAIN
from rhoscope.schema import misfits, unknown_name
from rhoscope.series import Series

MOST_LIVE = 256
MOST_SERIES = 2000
WATCH = "watch"
"""The strategy of a guest that measures and changes nothing."""

_Word = Annotated[str, Field(min_length=1, max_length=100)]


class Guest(BaseModel):
    """Particulars of a guest run: its project, and its settings that can be changed while it runs."""

    model_config = ConfigDict(extra="forbid")

    project: str = Field(default="", max_length=100)
    live: Annotated[dict[_Word, dict[str, Any]], PLAIN] = Field(
        default={}, max_length=MOST_LIVE, description="JSON Schema of each live setting, by name"
    )
    resumes: bool = Field(
        default=False, description="whether it can be started again from checkpoints of its own"
    )


class GuestSpec(Guest):
    """A guest run, as its program announces it; known under the `id` that the program chose."""

    kind: Literal["guest"]
    id: str = Field(pattern=r"^[0-9a-zA-Z_-]{1,32}$", description="chosen by the program; once per run")
    name: str = Field(default="", max_length=200)
    tags: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=50)
    notes: str = Field(default="", max_length=20_000)
    strategy: str = Field(default=WATCH, max_length=100)
    modalities: list[_Word] = Field(default=[], max_length=100)
    config: dict[_Word, JsonValue] = Field(
        default={}, max_length=1000, description="the program's own settings, whatever they are"
    )
    series: list[Series] = Field(default=[], max_length=MOST_SERIES)


class Position(BaseModel):
    """The last record of a guest run that the server has: 0-0 when it has none."""

    attempt: int = Field(ge=0, lt=2**31)
    sequence: int = Field(ge=0, lt=2**63)


class Numbered(BaseModel):
    """An order, with the number under which it is acknowledged: as `cursor` in an event's data."""

    number: int
    command: Command


class Commands(BaseModel):
    """Orders that wait for a guest run, in order."""

    commands: list[Numbered]
    state: str = Field(description="the run's present state")


def read_live(schemas: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """New values of live settings, each as the type that is declared for it, also out of a text.

    Raises:
        InvalidInput: naming each that is not live or does not fit.

    >>> read_live({"lr": {"type": "number", "minimum": 0}}, {"lr": "1e-3"})
    {'lr': 0.001}
    """
    read = {n: literals.read(v, dict(schemas[n])) if n in schemas else v for n, v in given.items()}
    errors = [*_unknown(schemas, given), *misfits(read, schemas)]
    if not given:
        known = ", ".join(sorted(schemas)) or "none, this run declares no live setting"
        errors.append(FieldError(field="settings", message=f"expected at least one of {known}"))
    if errors:
        raise InvalidInput.of(errors)
    return read


def _unknown(schemas: Mapping[str, Any], given: Mapping[str, Any]) -> Sequence[FieldError]:
    none = "this run's program declares no setting that can be changed while it runs"
    return [
        FieldError(field=n, value=v, message=unknown_name("live setting", n, schemas) if schemas else none)
        for n, v in given.items()
        if n not in schemas
    ]
