"""Single examples: what each modality alone, and all together, know about them, over validations."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.application import Here
from backend.http.answers import json_answer
from backend.http.problems import documented
from backend.store import rows, runs, samples
from rhoscope.samples import ExampleAnswer, SamplesAnswer

router = APIRouter(tags=["series"])


class SamplesQuery(BaseModel):
    """Which validation to return, and the modalities to compare."""

    model_config = ConfigDict(extra="forbid")

    step: int | None = Field(
        default=None,
        ge=0,
        le=rows.LAST,
        description="this validation or the last one before; default: newest",
    )
    between: str = Field(
        default="", max_length=401, description="two modalities, separated by a comma; default: the first two"
    )


class ExampleQuery(BaseModel):
    """Which example to return."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)


@router.get("/runs/{run}/samples", response_model=SamplesAnswer, responses=documented(404))
def get_samples(here: Here, run: str, query: Annotated[SamplesQuery, Query()]) -> Response:
    """Return the examples of one validation: the probability of the right class by modality and together."""
    between = [name.strip() for name in query.between.split(",") if name.strip()]
    with here.store.reading() as db:
        runs.get(db, run)
        return json_answer(samples.at(db, run, runs.lineage(db, run), query.step, between))


@router.get("/runs/{run}/samples/example", response_model=ExampleAnswer, responses=documented(404))
def get_example(here: Here, run: str, query: Annotated[ExampleQuery, Query()]) -> Response:
    """Return one example over all validations, with its preview."""
    with here.store.reading() as db:
        runs.get(db, run)
        return json_answer(samples.example(db, runs.lineage(db, run), query.name))
