"""Curves as small as a line of text."""

from pydantic import BaseModel, ConfigDict, Field


class SparkSeries(BaseModel):
    """A series in few stretches of steps; its first steps, and its least and greatest value in each."""

    name: str
    steps: list[int]
    low: list[float]
    high: list[float]


class Spark(BaseModel):
    """The small curves of one run."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    run: str
    step: int = Field(description="finished steps, as far as the curves go")
    total: int | None = None
    series: list[SparkSeries]
