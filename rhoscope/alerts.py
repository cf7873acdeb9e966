"""Alert rules, and the alerts that fired."""

from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_STEPS = 10_000
NO_NUL = r"^[^\u0000]*$"
"""A text that every store can hold."""
Condition = Literal["above", "below", "nan", "stalled"]


class AlertRule(BaseModel):
    """A rule that fires an alert for a run, whether a page is open or not.

    `above`, `below` and `nan` look at each value of the series that `series` names; `stalled` at the time
    since a running run's last step. A rule fires once per run and series, `stalled` once per step; one that
    was changed can fire again.
    """

    model_config = ConfigDict(extra="forbid")

    series: str = Field(
        default="*",
        min_length=1,
        max_length=200,
        pattern=NO_NUL,
        description="a name or a pattern, such as `rho.*`; `*` matches every series",
    )
    condition: Condition
    threshold: float | None = Field(
        default=None, allow_inf_nan=False, description="threshold of `above` and `below`"
    )
    steps: int = Field(
        default=1,
        ge=1,
        le=MOST_STEPS,
        description="number of consecutive recorded values that must meet the condition; a missing value "
        "restarts the count",
    )
    mean_of: int = Field(
        default=1,
        ge=1,
        le=MOST_STEPS,
        description="`above` and `below` look at the mean of this many last values; 1: at each value",
    )
    seconds: float = Field(default=300.0, ge=1, le=10**7, description="seconds without a step, for `stalled`")
    run: str = Field(default="", max_length=32, pattern=NO_NUL, description="only this run")
    tag: str = Field(default="", max_length=200, pattern=NO_NUL, description="only runs with this tag")
    enabled: bool = True

    @model_validator(mode="after")
    def _whole(self) -> "AlertRule":
        if self.condition in ("above", "below") and self.threshold is None:
            raise ValueError(f"'{self.condition}' requires a threshold (a number)")
        if self.run and self.tag:
            raise ValueError("a rule applies to one run or to a tag, not to both")
        return self

    def says(self, series: str = "") -> str:
        """The rule in words; `series` is the one that it fired for.

        >>> AlertRule(series="rho.*", condition="above", threshold=5, steps=100).says()
        'rho.* above 5 for 100 steps'
        >>> AlertRule(series="rho.*", condition="above", threshold=3, mean_of=20).says()
        'mean of rho.* over 20 steps above 3'
        >>> AlertRule(condition="nan").says()
        'any series NaN'
        """
        if self.condition == "stalled":
            return f"no step for {self.seconds:g} s"
        name = series or ("any series" if self.series == "*" else self.series)
        if self.averages:
            name = f"mean of {name} over {self.mean_of} steps"
        limit = "NaN" if self.condition == "nan" else f"{self.condition} {self.threshold:g}"
        return f"{name} {limit}" + (f" for {self.steps} steps" if self.steps > 1 else "")

    @property
    def averages(self) -> bool:
        """Whether it looks at means instead of single values."""
        return self.mean_of > 1 and self.condition in ("above", "below")

    @property
    def stalls(self) -> bool:
        """Whether it looks at time instead of values."""
        return self.condition == "stalled"

    def watches(self, run: str, tags: list[str]) -> bool:
        """Whether it is for this run."""
        return (not self.run or self.run == run) and (not self.tag or self.tag in tags)

    def names(self, series: str) -> bool:
        """Whether its pattern, as of the shell, matches a series' name: `*` any text, `?` one character.

        >>> AlertRule(series="rho.*", condition="nan").names("rho.audio")
        True
        """
        return fnmatchcase(series, self.series)


class Rehearsal(BaseModel):
    """A rule held against the newest runs: those in which it would have fired."""

    runs: int = Field(description="number of newest runs that the rule is for and that recorded its series")
    fired: list[str] = Field(description="ids of those in which it would have fired, newest first")


class Alert(AlertRule):
    """A rule that is kept; `armed` is when it was made or last changed, Unix seconds."""

    id: str
    words: str = Field(default="", description="the rule in words")
    created: float
    armed: float

    def rule(self) -> AlertRule:
        """The part of the alert that can be changed."""
        return AlertRule.model_validate(self.model_dump(include=set(AlertRule.model_fields)))


class Fired(BaseModel):
    """An alert that fired: at this step of this run, for this series."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    id: int
    alert: str
    words: str
    run: str
    name: str = Field(description="name of the run")
    attempt: int
    series: str = Field(description="empty for a stalled run")
    step: int
    value: float = Field(description="of the series, or seconds without a step for a stalled run")
    time: float = Field(description="Unix seconds")

    def data(self) -> dict[str, Any]:
        """The data of the run's `alert` event."""
        return self.model_dump(include={"alert", "words", "series", "value"})
