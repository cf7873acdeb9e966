"""A search: a sweep whose runs are chosen one after the other, from what the earlier ones came to."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rhoscope import documents
from rhoscope.json_values import PLAIN, plain

MOST_TRIALS = 1000
MOST_SETTINGS = 50
MOST_CHOICES = 100
DEFAULT_TRIALS = 20
WIDEST = 1e300
"""Of a range: samplers draw from a little more than it."""
MOST_STEPS = 1_000_000
LEAST_TRIALS = 10
"""Completed trials from which the importance of settings is estimated."""
_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Finite = Annotated[float, Field(allow_inf_nan=False)]


class Axis(BaseModel):
    """The values of one setting: a range from `low` to `high`, or a list of choices.

    A list stands for its choices, and a text for a range or for choices:

    >>> Axis.model_validate([0.1, 0.8]).choices, Axis.model_validate("joint, ogm-ge").choices
    ([0.1, 0.8], ['joint', 'ogm-ge'])
    >>> Axis.model_validate("0.0001..0.1:log") == Axis(low=1e-4, high=0.1, log=True)
    True
    >>> Axis.model_validate("1..9:2").step
    2.0
    >>> Axis(low=1e-4, high=0.1, log=True).words()
    '0.0001 to 0.1, logarithmic'
    """

    model_config = ConfigDict(extra="forbid")

    low: _Finite | None = Field(default=None, description="smallest value")
    high: _Finite | None = Field(default=None, description="largest value")
    log: bool = Field(default=False, description="whether the logarithm is spread evenly")
    step: _Finite | None = Field(default=None, description="distance of neighboring values; empty: any value")
    choices: Annotated[list[Any], PLAIN] = Field(
        default=[], max_length=MOST_CHOICES, description="values to choose from, instead of a range"
    )

    @model_validator(mode="before")
    @classmethod
    def _of_list(cls, given: Any) -> Any:
        if isinstance(given, str):
            return _of_text(given)
        return given if isinstance(given, dict | Axis) else {"choices": plain(given)}

    @model_validator(mode="after")
    def _whole(self) -> "Axis":
        if self.choices:
            self._check_choices()
        else:
            self._check_range()
        return self

    def _check_choices(self) -> None:
        if self.low is not None or self.high is not None or self.step is not None or self.log:
            raise ValueError("choices stand alone; leave out low, high, log, and step")

    def _check_range(self) -> None:
        if self.low is None or self.high is None:
            raise ValueError("expected low and high, or choices")
        if self.low >= self.high:
            raise ValueError(f"the range is empty: low {self.low:g} must be below high {self.high:g}")
        if self.high - self.low > WIDEST:
            raise ValueError(f"the range is too wide: high - low must be at most {WIDEST:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic range begins above 0, not at {self.low:g}")
        if self.log and self.step is not None:
            raise ValueError("a logarithmic range has no step; leave out log or step")
        if self.step is not None:
            self._check_step(self.step, self.high - self.low)

    @staticmethod
    def _check_step(step: float, width: float) -> None:
        if not 0 < step <= width:
            raise ValueError(f"the step {step:g} must be above 0 and at most high - low")
        if width / step > MOST_STEPS:
            raise ValueError(f"the step {step:g} is too small: expected at most {MOST_STEPS:,} steps")

    def words(self) -> str:
        """The values in a few words."""
        if self.choices:
            return ", ".join(map(str, self.choices))
        more = ", logarithmic" if self.log else f", step {self.step:g}" if self.step else ""
        return f"{self.low:g} to {self.high:g}{more}"


def _of_text(text: str) -> dict[str, Any]:
    """A range `LOW..HIGH`, `LOW..HIGH:log`, or `LOW..HIGH:STEP`; everything else is choices."""
    low, dots, rest = text.partition("..")
    if not dots:
        return {"choices": documents.parts(text)}
    high, colon, more = rest.partition(":")
    ends = {"low": low.strip(), "high": high.strip()}
    if not colon:
        return ends
    return {**ends, "log": True} if more.strip() == "log" else {**ends, "step": more.strip()}


class Search(BaseModel):
    """How a search chooses its trials, what it seeks, and when it ends."""

    model_config = ConfigDict(extra="forbid")

    sampler: Literal["tpe", "cma-es", "random", "grid"] = "tpe"
    space: dict[_Name, Axis] = Field(
        min_length=1, max_length=MOST_SETTINGS, description="range or choices of each setting or plug-in"
    )
    trials: int | None = Field(
        default=None,
        ge=1,
        le=MOST_TRIALS,
        description=f"number of trials; empty: {DEFAULT_TRIALS}, of a grid all points",
    )
    budget_minutes: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None,
        description="no trial begins after this many minutes of training, and those that train then are "
        "finished; empty: no limit",
    )
    parallel: int = Field(default=1, ge=1, le=100, description="number of trials at the same time")
    series: _Name = Field(default="val.accuracy", description="the objective")
    direction: Literal["", "maximize", "minimize"] = Field(
        default="", description="empty: maximize accuracies and minimize losses and errors"
    )
    measure: Literal["best", "last"] = Field(
        default="best", description="value of the series that counts: its best, or its last"
    )
    pruner: Literal["none", "median", "halving", "hyperband"] = "none"
    warmup: int = Field(default=2, ge=1, le=100_000, description="epochs before a trial is pruned")
    seed: int = Field(default=0, ge=0, lt=2**31, description="seed of the sampler")

    @model_validator(mode="after")
    def _whole(self) -> "Search":
        if self.sampler == "cma-es" and sum(not axis.choices for axis in self.space.values()) < 2:
            raise ValueError("CMA-ES needs at least two settings with a range; use tpe, random, or grid")
        self.maximizes  # noqa: B018 -- it says what can't be guessed
        return self

    @property
    def maximizes(self) -> bool:
        """Whether large values are sought. Raises: ValueError, where the series' name does not say so."""
        if self.direction:
            return self.direction == "maximize"
        if "accuracy" in self.series:
            return True
        if "loss" in self.series or "error" in self.series:
            return False
        raise ValueError(f"give the direction of '{self.series}': maximize or minimize")


class SearchState(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"


class TrialState(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    PRUNED = "pruned"
    FAILED = "failed"


class SearchTrial(BaseModel):
    """One point of the space that was tried, with a run for each seed."""

    number: int = Field(description="from 0")
    values: dict[str, Any] = Field(description="values of the searched settings")
    runs: list[str] = Field(default=[], description="ids, in the order of the seeds")
    state: TrialState = TrialState.RUNNING
    value: float | None = Field(default=None, description="of the objective, the mean over the runs")
    reason: str = Field(default="", description="why it is in this state")
    created: float
    ended: float | None = None


class SearchStatus(BaseModel):
    """How far a search is."""

    state: SearchState
    reason: str = ""
    planned: int = Field(description="number of trials when it is over, unless the budget ends first")
    launched: int
    ended: int
    best: SearchTrial | None = Field(default=None, description="the completed trial with the best value")


class Trials(BaseModel):
    """Answer of GET /sweeps/{id}/trials."""

    search: Search
    status: SearchStatus
    maximizes: bool
    trials: list[SearchTrial]


class SettingImportance(BaseModel):
    """The share of the objective's variance over the space that one setting explains."""

    name: str
    share: float = Field(description="from 0 to 1")
    low: float = Field(description="lower end of its 90 % interval, over bootstrap samples of the trials")
    high: float


class Importance(BaseModel):
    """Answer of GET /sweeps/{id}/importance: the most important first."""

    method: str
    trials: int = Field(description="number of completed trials it is estimated from")
    settings: list[SettingImportance]
    note: str = Field(default="", description="why nothing can be said, or what it rests on")


class Surface(BaseModel):
    """Answer of GET /sweeps/{id}/contour: the objective over two settings, between the completed trials."""

    x: str
    y: str
    columns: list[float] = Field(description="from 0 to 1 along x, as the axes of the charts are")
    rows: list[float]
    values: list[list[float | None]] = Field(description="[rows][columns]; null outside of the trials' hull")
