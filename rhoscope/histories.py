"""Runs with what they recorded, as pages of many runs read them."""

from pydantic import BaseModel, ConfigDict

from rhoscope.records import Event
from rhoscope.runs import Run, SeriesData


class History(BaseModel):
    """A run with its newest events, oldest first, and all its series, thinned for drawing."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    run: Run
    events: list[Event]
    series: list[SeriesData]
