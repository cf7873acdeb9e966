"""Runs that differ only by their seed, as one: means and deviations between the runs."""

from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from rhoscope.series import Series

if TYPE_CHECKING:
    from rhoscope.statistics import Difference as Estimate
    from rhoscope.statistics import Floats


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
    steps: list[int] = Field(description="last step of each interval")
    x: list[float] = Field(
        default=[], description="x values for `align`: epochs, Unix seconds, or seconds of training"
    )
    mean: list[float]
    deviation: list[float]
    low: list[float] = Field(default=[], description="minimum of all values in the interval")
    high: list[float] = Field(default=[], description="maximum of all values in the interval")
    runs: list[int] = Field(description="number of runs that have a value there")


class Difference(BaseModel):
    """A number against the same of the baseline, over runs that share the seed and all else that varies."""

    pairs: int = Field(description="number of runs on each side that have a counterpart")
    mean: float | None = None
    low: float | None = Field(default=None, description="95 % interval; null for fewer than 3 pairs")
    high: float | None = None
    method: str = Field(default="", description="of the interval: paired t, or BCa from 20 pairs on")
    p: float | None = Field(default=None, description="of the method; for BCa that of the sign-flip test")
    p_sign_flip: float | None = Field(default=None, description="of the exact sign-flip test")
    p_holm: float | None = Field(default=None, description="p after Holm's correction for all rows")
    detectable: float | None = Field(
        default=None, description="smallest difference that these pairs show with a power of 80 %"
    )

    @classmethod
    def of(cls, apart: "Floats", estimate: "Estimate | None") -> Self:
        """Differences [n] of the pairs, with what is estimated of them, if they are enough for it."""
        if estimate is None:
            return cls(pairs=len(apart), mean=float(apart.mean()) if len(apart) else None)
        return cls(
            pairs=estimate.n,
            mean=estimate.mean,
            low=estimate.low,
            high=estimate.high,
            method=estimate.method,
            p=estimate.p,
            p_sign_flip=estimate.p_sign_flip,
            p_holm=estimate.adjusted,
            detectable=estimate.detectable,
        )


class Group(BaseModel):
    """Runs with the same values of the settings they are grouped by."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    values: dict[str, Any] = Field(description="by setting or plug-in field")
    runs: list[str]
    repeats: list[str] = Field(
        default=[],
        description="those of `runs` that repeat another one's specification and seed; not counted in means",
    )
    final: dict[str, Spread] = Field(
        description="best validation accuracy and last sparse values of the runs that have them"
    )
    whole: dict[str, Spread] = Field(default={}, description="means over all steps of the series in `whole`")
    bands: list[Band] = []
    differences: dict[str, Difference] = Field(
        default={}, description="of the final values from the baseline's, if one was given"
    )


class Groups(BaseModel):
    """Answer of GET /groups."""

    by: list[str]
    groups: list[Group]
    power: dict[str, str] = Field(
        default={},
        description="by accuracy, in a sentence: the differences from the baseline, or from the first group, "
        "that these runs can't show, and the seeds that one point takes",
    )
    declared: list[Series] = Field(default=[], description="declarations of all series of the runs")
