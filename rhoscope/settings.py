"""Declaration of plug-in settings: forms, validation and live steering from one line."""

from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from rhoscope import documents, literals
from rhoscope.schema import allowed


class Settings(BaseModel):
    """Base of every plug-in's settings: unknown names and non-finite numbers are refused.

    A text is read as the type that is declared:

    >>> class Braking(Settings):
    ...     alpha: float = setting(1.5, help="braking")
    >>> Braking.model_validate({"alpha": "1e-3"}).alpha
    0.001
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _as_declared(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str | int) or isinstance(value, bool):
            return value
        schema = _schemas(cls).get(str(info.field_name), {})
        read = literals.read(documents.structure(value, schema) if isinstance(value, str) else value, schema)
        if isinstance(read, str) and not literals.takes_texts(schema):
            raise ValueError(literals.complaint(read, schema) or allowed(schema))
        return read


@cache
def _schemas(model: type[Settings]) -> dict[str, Any]:
    """JSON Schema of each field."""
    fields: dict[str, Any] = model.model_json_schema().get("properties", {})
    return fields


def setting(
    default: Any,
    help: str,
    *,
    live: bool = False,
    modalities: bool = False,
    essential: bool = False,
    **limits: Any,
) -> Any:
    """A pydantic field with a help text.

    `live` ones may change between two steps of a running run; `modalities` ones hold comma-separated names
    of the data set's modalities; `essential` ones are always in sight in the launch form.

    `limits` are pydantic's (`ge`, `gt`, `le`, `lt`, `min_length`, ...).
    """
    marks = {"modalities": modalities, "essential": essential}
    extra: dict[str, Any] = {"live": live, **{name: True for name, set_ in marks.items() if set_}}
    return Field(default=default, description=help, json_schema_extra=extra, **limits)
