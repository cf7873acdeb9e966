"""Remedies for a run: candidates that are trained side by side, halved again and again, and ranked."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rhoscope.groups import Difference
from rhoscope.json_values import PLAIN
from rhoscope.series import LAST_STEP

MOST_CANDIDATES = 20
MOST_SEEDS = 20
_Seed = Annotated[int, Field(ge=0, lt=2**31)]


class Candidate(BaseModel):
    """A change that may help: another strategy, other settings, or both.

    As in a run's specification, a setting may be given at the top level; a strategy alone may be its name.

    >>> Candidate.model_validate({"strategy": "ogm-ge", "alpha": 0.8}) == Candidate(
    ...     strategy="ogm-ge", settings={"alpha": 0.8}
    ... )
    True
    >>> Candidate.model_validate("opm").strategy
    'opm'
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=100, description="shown in the ranking; made of it where empty")
    strategy: str = Field(default="", max_length=100, description="empty: that of the run")
    settings: Annotated[dict[str, Any], PLAIN] = Field(default={}, description="changed settings by name")

    @model_validator(mode="before")
    @classmethod
    def _gather_settings(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"strategy": given}
        if not isinstance(given, dict):
            return given
        fields = {k: v for k, v in given.items() if k in cls.model_fields}
        loose = {k: v for k, v in given.items() if k not in cls.model_fields}
        inner = fields.get("settings", {})
        if loose and isinstance(inner, dict):
            fields["settings"] = {**inner, **loose}
        return fields

    def title(self) -> str:
        """Its name, or one made of what it changes.

        >>> Candidate(strategy="ogm-ge", settings={"alpha": 0.8}).title()
        'ogm-ge alpha=0.8'
        """
        words = [self.strategy, *(f"{name}={value}" for name, value in self.settings.items())]
        return (self.name or " ".join(filter(None, words)) or "unchanged")[:100]


class Trial(BaseModel):
    """Which candidates to try on a run, from where, for how long, and with which seeds."""

    model_config = ConfigDict(extra="forbid")

    candidates: list[Candidate] = Field(
        default=[],
        max_length=MOST_CANDIDATES,
        description="beside the control, which is joint training; empty: those that the verdict suggests",
    )
    step: int | None = Field(
        default=None,
        ge=0,
        le=LAST_STEP,
        description="start from the last checkpoint at or before this step; empty: from the beginning",
    )
    horizon: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="epochs that the last ones are trained for; empty: a quarter of the run's, or fewer, so "
        "that all trainings together have at most three times its steps",
    )
    seeds: Annotated[list[_Seed], PLAIN] = Field(
        default=[],
        max_length=MOST_SEEDS,
        description="seeds of each candidate, the same data order for all; empty: the run's and the next two",
    )


class Suggestion(Trial):
    """Answer of GET /runs/{id}/remedies: what is tried where nothing else is said, and what that costs."""

    control: str = Field(description="name of what the candidates are compared with")
    rungs: list[int] = Field(description="epochs after which the better half goes on")
    trainings: int = Field(description="number of runs")
    tried: list[str] = Field(description="sweeps that tried remedies on this run, the newest first")
    minutes: float | None = Field(
        description="estimated minutes of training on one worker; null while the run's pace is not known"
    )


class Race(BaseModel):
    """The facts that make a sweep a race: its candidates stop at each rung, and the better half goes on."""

    run: str = Field(description="the run that it is to help")
    names: list[str] = Field(description="of the candidates; the first one is the control")
    rungs: list[int] = Field(description="steps at which the candidates are compared")
    runs: list[list[str]] = Field(default=[], description="ids of each candidate's runs, seed by seed")


class Place(BaseModel):
    """A candidate in the ranking."""

    name: str
    runs: list[str]
    rung: int | None = Field(description="last step at which all its runs were compared; null: none yet")
    accuracy: float | None = Field(description="mean validation accuracy there")
    advantage: Difference | None = Field(
        description="of validation accuracy from the control's, seed by seed, at a rung; null for the control"
    )
    minutes: float = Field(description="of training, all its runs together")
    goes_on: bool = Field(description="whether it is still in the race, or has won it")
    waiting: list[str] = Field(default=[], description="those of its runs that are paused")


class Ranking(BaseModel):
    """Answer of GET /sweeps/{id}/ranking: the best first. Candidates of a later rung come first."""

    run: str
    control: str
    over: bool
    rungs: list[int]
    places: list[Place]
    minutes: float
    winner: str = Field(default="", description="name of the best candidate, once the race is over")
