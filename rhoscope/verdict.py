"""The verdict on a run: what its curves say, in sentences with their evidence."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Evidence(BaseModel):
    """A stretch of a curve on which a sentence rests."""

    model_config = ConfigDict(frozen=True)

    series: str
    start: int = Field(description="first step")
    end: int = Field(description="last step")


class Judgment(BaseModel):
    """The answer of one diagnosis about a run."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    name: str
    title: str
    question: str
    speaks: bool = Field(description="whether it was diagnosed")
    known: bool = Field(
        default=True, description="whether what was recorded suffices to answer; else the sentence says why"
    )
    sentence: str
    evidence: list[Evidence] = []
    remedy: str = Field(default="", description="what to do, in words; empty where nothing needs to be done")
    changes: dict[str, Any] = Field(
        default={}, description="the remedy as settings and plug-in fields of another run, where it is one"
    )
    rule: str = Field(description="how it is decided")
    threshold: str = Field(description="the limits of the rule, and where they come from")
