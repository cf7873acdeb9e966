"""Curves as small as a line of text."""

from pydantic import BaseModel, ConfigDict, Field


class SparkSeries(BaseModel):
    """A series in a few intervals of steps: their first steps, minimums and maximums."""

    name: str
    steps: list[int]
    low: list[float]
    high: list[float]


class Spark(BaseModel):
    """The sparklines of one run."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    run: str
    step: int = Field(description="number of finished steps, which the curves cover")
    total: int | None = None
    series: list[SparkSeries]
