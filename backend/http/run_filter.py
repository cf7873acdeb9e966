"""The query parameters that select runs and their order."""

import math
import re

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from backend.store import facts, pages
from rhoscope.errors import InvalidInput
from rhoscope.states import RunState

NAMED = f"{', '.join(facts.NAMES)}, or settings.NAME"
"""What runs can be sorted, compared and grouped by, in words."""
_COMPARISON = re.compile(r"([A-Za-z0-9_.]{1,200}?)(!=|<=|>=|=|<|>)(.{1,200})", re.DOTALL)


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

    def filters(self) -> pages.Filters:
        """Raises: InvalidInput, for a state or a comparison that can't be read."""
        plain = self.model_dump(include={"strategy", "dataset", "tag", "sweep", "q"})
        where = [_condition(text) for text in self.where]
        return pages.Filters(states=_states(self.state), where=where, **plain)


def check_name(field: str, name: str) -> None:
    """Raises: InvalidInput, when runs have no fact of this name."""
    if name not in facts.NAMES and not re.fullmatch(facts.SETTING_PATTERN, name):
        message = f"unknown field '{name[:100]}'; expected {NAMED}"
        raise InvalidInput.field(field, message, name[:200])


def _condition(text: str) -> pages.Condition:
    match = _COMPARISON.fullmatch(text)
    if not match:
        message = "expected a name, one of = != < <= > >=, and a value, as in settings.alpha>0.3"
        raise InvalidInput.field("where", message, text[:200])
    name, compare, value = match.groups()
    check_name("where", name)
    try:
        number: float | str = float(value)
    except ValueError:
        number = value
    finite = isinstance(number, str) or math.isfinite(number)
    return pages.Condition.model_validate(
        {"name": name, "compare": compare, "value": number if finite else value}
    )


def _states(text: str) -> list[RunState]:
    names = [name for name in text.split(",") if name]
    try:
        return TypeAdapter(list[RunState]).validate_python(names)
    except ValidationError as error:
        message = f"unknown state '{text[:100]}'; expected {', '.join(RunState)}"
        raise InvalidInput.field("state", message, text) from error
