"""The report of runs: their settings, events, outcomes and curves."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import rhoscope
from rhoscope import charts, palette
from rhoscope.records import Event
from rhoscope.repeats import repeats
from rhoscope.report.results import Results
from rhoscope.report.search import SearchResults
from rhoscope.runs import Run, SeriesAnswer
from rhoscope.spec import PLUGIN_FIELDS
from rhoscope.web.headers import hashed

HERE = Path(__file__).parent
BUDGET = 80_000
"""Values in a whole report, about; they share it."""
FEWEST, MOST = 100, 2000
DIGITS = 6
_TOLD = ("started", "setting", "lost", "finished", "order")


@dataclass(frozen=True)
class Material:
    """Everything reported on one run. `line`: its ancestors, the oldest first: id, name, until which step."""

    run: Run
    curves: SeriesAnswer
    events: Sequence[Event]
    line: Sequence[tuple[str, str, int]] = ()


@dataclass(frozen=True)
class Words:
    """The author's words: a title, empty for the names of runs, and a note."""

    title: str = ""
    note: str = ""


@dataclass(frozen=True)
class Row:
    """A line of a table: a name, and a text for each run; `differs` when they are not all the same."""

    name: str
    cells: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.cells)) > 1


def points_of(runs: Sequence[Run]) -> int:
    """How many values of each series go into a report of these runs."""
    many = sum(not series.sparse for run in runs for series in run.series)
    return max(FEWEST, min(MOST, BUDGET // max(1, many)))


def write(
    material: Sequence[Material],
    points: int,
    created: datetime | None = None,
    *,
    words: Words = Words(),
    results: Results | None = None,
    search: SearchResults | None = None,
) -> str:
    """The page, with at most about `points` values per series; the results of several runs come first.

    `search` holds the results of the search that the runs are of.
    """
    runs = [one.run for one in material]
    settings = _table([_configuration(one) for one in material])
    content = {
        "title": words.title or (runs[0].name if len(runs) == 1 else f"{len(runs)} runs"),
        "note": words.note,
        "results": results,
        "search": search,
        "runs": [_summary(one, place) for place, one in enumerate(material)],
        "several": len(runs) > 1,
        "repeats": [run.name for run in runs if run.id in repeats(runs)],
        "settings": settings,
        "differences": [row for row in settings if row.differs],
        "finals": _table([_final(run) for run in runs]),
        "total": max((len(s.steps) for one in material for s in one.curves.series), default=0),
        "thinned": any(s.total > len(s.steps) for one in material for s in one.curves.series),
        "points": points,
        "made": f"{created or datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "version": rhoscope.__version__,
        "light": palette.LIGHT,
        "dark": palette.DARK,
        "style": _text(HERE / "report.css"),
        "program": _script(HERE / "report.js"),
        "policy": Markup(policy()),  # noqa: S704 -- ours, without a double quote
        "data": _data(_drawn(material) | {"search": search.drawn() if search else None}),
    }
    rooms = FileSystemLoader(HERE)
    template = Environment(loader=rooms, undefined=StrictUndefined, autoescape=True).get_template(
        "report.html.j2"
    )
    return template.render(content)


def policy() -> str:
    """The page's content security policy: its own program runs and nothing else, nothing is loaded."""
    program = hashed(_script(HERE / "report.js"))
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src {program}; img-src data:"


def _drawn(material: Sequence[Material]) -> dict[str, Any]:
    """Charts with the lines of each view, curves by run and series, marks and ancestors by run."""
    runs = [one.run for one in material]
    views = ["", *charts.modalities(runs)]
    return {
        "views": views if len(views) > 2 else [""],
        "names": {run.id: run.name for run in runs},
        "charts": [_chart(one, runs, views) for one in charts.charts(runs)],
        "curves": {
            one.run.id: {s.name: _curve(s.steps, s.values) for s in one.curves.series} for one in material
        },
        "marks": {one.run.id: [asdict(mark) for mark in _marks(one)] for one in material},
        "ancestors": {
            one.run.id: [{"run": run, "until": until} for run, _, until in reversed(one.line)]
            for one in material
        },
    }


def _chart(one: charts.Chart, runs: Sequence[Run], views: Sequence[str]) -> dict[str, Any]:
    lead = one.lead
    return {
        "name": one.name,
        "title": one.title,
        "unit": "" if lead.unit == "1" else lead.unit,
        "log": lead.scale == "log",
        "reference": lead.reference,
        "late": one.late,
        "about": [
            {"title": p.series.title, "formula": p.series.formula, "help": p.series.help} for p in one.parts
        ],
        "views": {view: [asdict(line) for line in charts.lines(one, runs, view)] for view in views},
    }


def _curve(steps: Sequence[int], values: Sequence[float]) -> dict[str, list[Any]]:
    """Six digits of each value; what is not finite is in `odd`, by step."""
    finite = [math.isfinite(value) for value in values]
    return {
        "steps": list(steps),
        "values": [float(f"{v:.{DIGITS}g}") if ok else None for v, ok in zip(values, finite, strict=True)],
        "odd": [step for step, ok in zip(steps, finite, strict=True) if not ok],
    }


def _marks(one: Material) -> list[charts.Mark]:
    forks = [charts.Mark(until, "forked") for _, _, until in one.line]
    return sorted([*forks, *charts.marks(one.events)], key=lambda mark: mark.step)


def _configuration(one: Material) -> dict[str, str]:
    """A run's plug-ins and settings, by name; one changed during training reads `initial → current`."""
    run, began = one.run, dict[str, str]()
    for event in one.events:
        if event.kind == "setting" and event.run == run.id:
            began.setdefault(str(event.data.get("setting")), charts.plain(event.data.get("old")))
    settings = {name: charts.plain(value) for name, value in run.settings.items()}
    for name, old in began.items():
        if settings.get(name, old) != old:
            settings[name] = f"{old} → {settings[name]}"
    plugins = {name: str(getattr(run.spec, name)) for name in PLUGIN_FIELDS}
    encoders = {f"encoders.{modality}": name for modality, name in run.spec.encoders.items()}
    steered = {name: words for name, words in run.course.items() if name in plugins}
    return plugins | encoders | settings | steered


def _final(run: Run) -> dict[str, str]:
    best = {f"best {name}": f"{value:.6g}" for name, value in run.best.items() if name != "step"}
    if "step" in run.best:
        best["best at step"] = f"{run.best['step']:,.0f}"
    return best | {name: f"{value:.6g}" for name, value in run.last.items()}


def _table(columns: Sequence[dict[str, str]]) -> list[Row]:
    names = dict.fromkeys(name for column in columns for name in column)
    return [Row(name, tuple(column.get(name, "–") for column in columns)) for name in names]


def _summary(one: Material, place: int) -> dict[str, Any]:
    run = one.run
    return {
        "run": run,
        "color": f"var(--{palette.of_run(place)})",
        "created": _when(run.created),
        "took": _took(run),
        "steps": f"{run.step:,}" + (f" of {run.total_steps:,}" if run.total_steps else ""),
        "machine": " · ".join(part for part in (run.worker, run.device) if part) or "–",
        "line": [{"id": i, "name": name, "until": f"{until:,}"} for i, name, until in one.line],
        "events": [
            {"time": _when(event.time), "step": f"{event.step:,}", "text": _sentence(event)}
            for event in one.events
            if event.kind in _TOLD
        ],
    }


def _sentence(event: Event) -> str:
    data = event.data
    if event.kind == "started":
        return f"Attempt {event.attempt} started on {data.get('worker') or 'a worker'}"
    if event.kind == "setting":
        who = f" by {data['who']}" if data.get("who") else ""
        old, new = charts.plain(data.get("old")), charts.plain(data.get("new"))
        return f"{data.get('setting')} {old} → {new}{who}"
    if event.kind == "order":
        return f"{data.get('order')} by {data.get('who')}"
    return str(data.get("reason") or f"Now {data.get('state', event.kind)}.")


def _took(run: Run) -> str:
    if not run.started or not run.finished:
        return "–"
    seconds = round(run.trained_s)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _when(time: float) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S}"


def _text(path: Path) -> Markup:
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704 -- bundled from dashboard/page/report


def _script(path: Path) -> Markup:
    """A program inside the page: nothing in it may end its element."""
    return Markup(_text(path).replace("</", "<\\/"))  # noqa: S704 -- as above


def _data(values: dict[str, Any]) -> Markup:
    """JSON inside the page: no text in it can be markup."""
    text = json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 -- every sign of markup was just replaced
