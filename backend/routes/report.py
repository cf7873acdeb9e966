"""Runs as one HTML page to keep or to send."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from backend.application import Here
from backend.http.problems import documented
from backend.store import downsample, events, overview, runs
from rhoscope import report
from rhoscope.errors import InvalidInput
from rhoscope.records import Event
from rhoscope.runs import Run, SeriesAnswer, SeriesData

router = APIRouter(tags=["runs"])
MOST_RUNS = 50
KINDS = ("started", "setting", "lost", "finished", "order")


@router.get("/report", response_class=HTMLResponse, responses=documented(404, 503))
def get_report(
    here: Here, selection: Annotated[str, Query(alias="runs", description="comma-separated ids")] = ""
) -> Response:
    """Return an HTML report as one file: settings, differences, events, ancestors, final values, curves."""
    ids = list(dict.fromkeys(one for one in selection.split(",") if one))
    if not 0 < len(ids) <= MOST_RUNS:
        message = f"{len(ids)} runs; expected 1 to {MOST_RUNS}, as in runs=ID,ID"
        raise InvalidInput.field("runs", message, selection)
    with here.store.reading() as db:
        members = [runs.get(db, one) for one in ids]
        points = report.points_of(members)
        material = [_material(db, run, points) for run in members]
    name = members[0].id if len(members) == 1 else f"{len(members)}-runs"
    headers = {"Content-Disposition": f'attachment; filename="rhoscope-{name}.html"'}
    headers["Content-Security-Policy"] = f"{report.policy()}; frame-ancestors 'none'"
    return HTMLResponse(report.write(material, points), headers=headers)


def _material(db: Connection, run: Run, points: int) -> report.Material:
    line = runs.lineage(db, run.id)
    names = list(dict.fromkeys([*(series.name for series in run.series), *sorted(run.last)]))
    series = []
    for name, ((steps, values), total) in overview.read_shown(db, line, names, points).items():
        positions = downsample.positions(values, points)
        data = {"steps": steps[positions].tolist(), "values": values[positions].tolist(), "total": total}
        series.append(SeriesData.model_construct(name=name, **data))
    parents = [(one, runs.get(db, one).name, until) for one, until in line[:-1]]
    curves = SeriesAnswer.model_construct(run=run.id, series=series)
    return report.Material(run, curves, _events(db, line), parents)


def _events(db: Connection, line: list[tuple[str, int]]) -> list[Event]:
    """The run's events; of its ancestors only the changes that its curves still show."""
    history = []
    for run, until in line[:-1]:
        history += [e for e in events.of_run(db, run, ["setting"]) if e.step < until]
    return history + events.of_run(db, line[-1][0], KINDS)
