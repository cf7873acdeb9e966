"""Dry runs of a launch: the same errors, and a forecast of what would start when; nothing is changed."""

from collections.abc import Sequence

from fastapi import APIRouter, Response

from backend.application import Application, Here
from backend.http.answers import json_answer
from backend.http.problems import documented
from backend.orders import grid, searches
from backend.orders.launches import check_origin
from backend.store import catalogs, queue, runs
from rhoscope.catalog import Catalog
from rhoscope.composition import Contents
from rhoscope.forecast import Forecast, steps
from rhoscope.runs import SweepSpec
from rhoscope.spec import RunSpec
from rhoscope.states import ALIVE

router = APIRouter(tags=["runs"])


@router.post("/runs/check", response_model=Forecast, responses=documented(413, 503))
def check_run(here: Here, spec: RunSpec) -> Response:
    """Check a specification as POST /runs does, without launching it."""
    with here.store.reading() as db:
        catalog = catalogs.newest(db)
        spec = catalog.read(spec)
        catalog.check(spec)
        if spec.origin:
            check_origin(db, spec.origin)
    inspections = here.inspections()
    inspections.check(catalog, spec)
    return json_answer(_forecast(here, catalog, [spec], inspections.contents(catalog, spec)))


@router.post("/sweeps/check", response_model=Forecast, responses=documented(413, 503))
def check_sweep(here: Here, spec: SweepSpec) -> Response:
    """Check a specification as POST /sweeps does, without launching it."""
    with here.store.reading() as db:
        catalog = catalogs.newest(db)
    if spec.search:
        whole, example = searches.checked(here, catalog, spec)
        count = (whole.search.trials or 1) * max(1, len(spec.seeds)) if whole.search else 0
        forecast = _forecast(here, catalog, [example] * count)
        return json_answer(forecast.model_copy(update=searches.lengths(catalog, whole, count)))
    return json_answer(_forecast(here, catalog, [point for point, _ in grid.fitting(here, catalog, spec)]))


def _forecast(
    here: Application, catalog: Catalog, specs: Sequence[RunSpec], contents: Contents | None = None
) -> Forecast:
    """`specs` are valid and not empty. `contents` describes the data of a single one."""
    each = [steps(catalog, spec) for spec in specs]
    counts = [count for count in each if count is not None]
    all_known = len(counts) == len(each)
    with here.store.reading() as db:
        ahead = queue.ahead(db, specs[0].priority, specs[0].program)
        states = runs.counts(db)
    able = [worker for worker in here.workers.alive() if worker.program == specs[0].program]
    ready = [worker for worker in able if not worker.draining]
    return Forecast(
        runs=len(specs),
        steps=max(counts) if all_known else None,
        least_steps=min(counts) if all_known else None,
        steps_in_all=sum(counts) if all_known else None,
        ahead=ahead,
        busy=sum(states[state] for state in ALIVE),
        free=[worker.name for worker in ready if worker.run is None],
        workers=len(ready),
        contents=contents,
    )
