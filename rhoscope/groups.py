"""Runs that differ only by their seed, as one: means, and how far the runs lie apart."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Spread(BaseModel):
    """One number of several runs."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    mean: float
    deviation: float = Field(description="sample standard deviation; 0 of a single run")
    values: dict[str, float] = Field(description="by run")


class Band(BaseModel):
    """A series of several runs, as many means as `steps`."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    name: str
    steps: list[int]
    mean: list[float]
    deviation: list[float]
    runs: list[int] = Field(description="that have a value there")


class Group(BaseModel):
    """Runs with the same values of the settings they are grouped by."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    values: dict[str, Any] = Field(description="by setting or plug-in field")
    runs: list[str]
    final: dict[str, Spread] = Field(
        description="of the runs that have them: the best validation accuracy and the last sparse values"
    )
    bands: list[Band] = []


class Groups(BaseModel):
    """Answer of GET /groups."""

    by: list[str]
    groups: list[Group]
