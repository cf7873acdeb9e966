"""How a plug-in declares a setting, so that forms, validation and live steering come from one line."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Base of every plug-in's settings: unknown names and non-finite numbers are refused."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True, allow_inf_nan=False)


def setting(default: Any, help: str, *, live: bool = False, modalities: bool = False, **limits: Any) -> Any:
    """A pydantic field with a help text.

    `live` ones may change between two steps of a running run; `modalities` ones hold names of the data set's
    modalities, with commas.

    `limits` are pydantic's (`ge`, `gt`, `le`, `lt`, `min_length`, ...).
    """
    told: dict[str, Any] = {"live": live, **({"modalities": True} if modalities else {})}
    return Field(default=default, description=help, json_schema_extra=told, **limits)
