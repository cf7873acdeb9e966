"""Declaration of plug-in settings: forms, validation and live steering from one line."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Base of every plug-in's settings: unknown names and non-finite numbers are refused."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True, allow_inf_nan=False)


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
