"""Runs as one HTML page to keep or to send."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from backend.application import Application, Here
from backend.curves.grouping import ALONE, GroupQuery, grouped
from backend.http.problems import documented
from backend.searches.space import Question
from backend.searches.surface import surface
from backend.store import catalogs, downsample, events, overview, runs, sweeps, trials
from rhoscope import report
from rhoscope.alerts import NO_NUL
from rhoscope.errors import InvalidInput
from rhoscope.groups import Groups
from rhoscope.records import Event
from rhoscope.runs import Run, SeriesAnswer, SeriesData
from rhoscope.search import Trials

router = APIRouter(tags=["runs"])
MOST_RUNS = 50
KINDS = ("started", "setting", "lost", "finished", "order")


class ReportQuery(BaseModel):
    """Which runs to report, in which groups, and what its author says."""

    model_config = ConfigDict(extra="forbid")

    runs: str = Field(default="", description="comma-separated ids")
    sweep: str = Field(default="", description="instead of `runs`: all runs of a sweep")
    by: str = Field(default="", description="settings to group by, as for GET /groups; empty: each run alone")
    baseline: str = Field(default="", description="a run of the group that others are compared with")
    title: str = Field(default="", max_length=200, pattern=NO_NUL, description="instead of the names of runs")
    note: str = Field(default="", max_length=20_000, pattern=NO_NUL, description="what the author has to say")


@router.get("/report", response_class=HTMLResponse, responses=documented(404, 503))
def get_report(here: Here, query: Annotated[ReportQuery, Query()]) -> Response:
    """Return an HTML report as one file: results and methods of several runs, settings, events, curves."""
    with here.store.reading() as db:
        members = _members(db, query)
        drawn = members[:MOST_RUNS]
        points = report.points_of(drawn)
        material = [_material(db, run, points) for run in drawn]
        outcome = _results(here, db, members, query) if len(members) > 1 else None
        search = _search_results(here, db, query.sweep) if query.sweep and not query.runs else None
    name = members[0].id if len(members) == 1 else f"{len(members)}-runs"
    headers = {"Content-Disposition": f'attachment; filename="rhoscope-{name}.html"'}
    headers["Content-Security-Policy"] = f"{report.policy()}; frame-ancestors 'none'"
    words = report.Words(title=query.title.strip(), note=query.note.strip())
    page = report.write(material, points, words=words, results=outcome, search=search)
    return HTMLResponse(page, headers=headers)


def _members(db: Connection, query: ReportQuery) -> list[Run]:
    """The runs of the report; of a sweep only some of many have their curves in it."""
    if query.sweep and not query.runs:
        return [runs.get(db, run.id) for run in sweeps.get(db, query.sweep).runs]
    ids = list(dict.fromkeys(one for one in query.runs.split(",") if one))
    if not 0 < len(ids) <= MOST_RUNS:
        message = f"{len(ids)} runs; expected 1 to {MOST_RUNS}, as in runs=ID,ID"
        raise InvalidInput.field("runs", message, query.runs)
    return [runs.get(db, one) for one in ids]


def _results(here: Application, db: Connection, members: list[Run], query: ReportQuery) -> report.Results:
    base = query.baseline or next((r.id for r in members if r.spec.strategy == "joint"), members[0].id)
    by = query.by or ("" if query.sweep else ALONE)
    ids = ",".join(run.id for run in members)
    _, body = grouped(db, here.curves, GroupQuery(runs=ids, by=by, baseline=base))
    return report.results(members, Groups.model_validate(body), base)


def _search_results(here: Application, db: Connection, sweep: str) -> report.SearchResults | None:
    """The results of a search, with the objective over the two settings that decide most."""
    made = sweeps.get(db, sweep)
    search = made.spec.search
    if search is None or made.search is None:
        return None
    kept = trials.of_sweep(db, sweep)
    every = [one.trial for one in kept]
    question = Question.of(sweep, search, catalogs.newest(db), made.spec.base)
    importance = here.importances.of(question, kept)
    names = [one.name for one in importance.settings] or list(search.space)
    over = surface(search, every, *names[:2]) if len(names) > 1 else None
    whole = Trials(search=search, status=made.search, maximizes=search.maximizes, trials=every)
    return report.SearchResults(whole, importance, over)


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
