"""The query parameters that select runs and their order."""

import math
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import Connection

from backend.store import catalogs, facts, pages
from rhoscope import literals
from rhoscope.errors import InvalidInput, Unavailable
from rhoscope.schema import allowed, unknown_name
from rhoscope.states import RunState

NAMED = f"{', '.join(facts.NAMES)}, or settings.NAME"
"""What runs can be sorted, compared and grouped by, in words."""
NUMBER = {"type": "number"}
EITHER = {"anyOf": [NUMBER, {"type": "string"}]}
_COMPARISON = re.compile(r"([^=!<>]{1,200}?)\s*(!=|<=|>=|=|<|>)\s*(.{1,200})", re.DOTALL)


LONGEST_SEARCH = 500


class RunFilter(BaseModel):
    """Which runs to select, in which order."""

    model_config = ConfigDict(extra="forbid")

    state: str = Field(default="", description="one state, or several separated by commas")
    strategy: str = ""
    dataset: str = ""
    tag: str = ""
    sweep: str = ""
    q: str = Field(
        default="", max_length=LONGEST_SEARCH, description="words of the name, or the beginning of the id"
    )
    where: list[str] = Field(
        default=[],
        max_length=20,
        description="comparisons that must all hold, such as `settings.alpha>0.3` or `best>=0.8`, with = "
        f"!= < <= > >= and one of {NAMED}",
    )
    sort: str = Field(
        default="-created",
        description=f"{NAMED}; a leading `-` sorts in descending order",
        json_schema_extra={"pattern": f"^-?({'|'.join(facts.NAMES)}|{facts.SETTING_PATTERN})$"},
    )

    def check(self) -> None:
        """Raises: InvalidInput, for an order there is not."""
        check_name("sort", self.sort.removeprefix("-"))

    def filters(self, db: Connection) -> pages.Filters:
        """Raises: InvalidInput, for a state or a comparison that can't be read, or names what no run has."""
        plain = self.model_dump(include={"strategy", "dataset", "tag", "sweep", "q"})
        where = [_condition(db, text) for text in self.where]
        return pages.Filters(states=_states(self.state), where=where, **plain)


def check_name(field: str, name: str) -> None:
    """Raises: InvalidInput, when runs have no fact of this name."""
    if name not in facts.NAMES and not re.fullmatch(facts.SETTING_PATTERN, name):
        message = f"unknown field '{name[:100]}'; expected {NAMED}"
        raise InvalidInput.field(field, message, name[:200])


def _condition(db: Connection, text: str) -> pages.Condition:
    match = _COMPARISON.fullmatch(text)
    if not match:
        message = "expected a name, one of = != < <= > >=, and a value, as in settings.alpha>0.3"
        raise InvalidInput.field("where", message, text[:200])
    name, compare, value = match.groups()
    name = literals.folded(name)
    check_name("where", name)
    schema = _schema(db, name, text)
    given = _value(value, schema)
    if given is None:
        says = [f"'{value[:100]}' is not a number", literals.complaint(value, NUMBER), _allowed(name, schema)]
        raise InvalidInput.field("where", f"{text[:100]}: {'; '.join(filter(None, says))}", text[:200])
    written = given if isinstance(given, str) else value
    return pages.Condition.model_validate({"name": name, "compare": compare, "value": given, "text": written})


def _value(text: str, schema: dict[str, Any]) -> float | str | None:
    """The number or the text that a fact is compared with; None where it has to be a number and is none."""
    kinds = literals.types(schema)
    if "boolean" in kinds:
        truth = literals.read(text, schema)
        return str(truth).lower() if isinstance(truth, bool) else text
    if {"integer", "number"} & {*kinds}:
        number = literals.read(text, NUMBER)
        if isinstance(number, int | float) and math.isfinite(number):
            return float(number)
    return text if literals.takes_texts(schema) else None


def _schema(db: Connection, name: str, text: str) -> dict[str, Any]:
    """The JSON Schema of a fact. Raises: InvalidInput, for a setting that no plug-in and no run has."""
    if not name.startswith(facts.SETTING):
        return NUMBER if name in facts.NUMBERS else {"type": "string"}
    setting = name.removeprefix(facts.SETTING)
    try:
        known = {n: schema for p in catalogs.newest(db).plugins for n, schema in p.settings.items()}
    except Unavailable:  # no worker was ever seen
        known = {setting: EITHER}
    if setting not in known and not pages.has_setting(db, setting):
        message = unknown_name("field", setting, [*facts.NAMES, *known])
        raise InvalidInput.field("where", f"{text[:100]}: {message}", text[:200])
    schema: dict[str, Any] = known.get(setting, EITHER)
    return schema


def _allowed(name: str, schema: dict[str, Any]) -> str:
    """The values that a fact is compared with, in words."""
    if name in ("created", "started", "finished"):
        return "expected a time in Unix seconds"
    return allowed({"type": schema["type"]}) if "type" in schema else allowed(NUMBER)


def _states(text: str) -> list[RunState]:
    names = [name for name in text.split(",") if name]
    try:
        return TypeAdapter(list[RunState]).validate_python(names)
    except ValidationError as error:
        message = f"unknown state '{text[:100]}'; expected {', '.join(RunState)}"
        raise InvalidInput.field("state", message, text) from error
