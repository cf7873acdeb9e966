"""The page's charts as Plotly figures, for notebooks: `figures.chart(client, runs, "rho")`.

Each is made by two pure functions: what is to be drawn (`Info`, numbers and names), and the figure of it.
Plotly is optional: `pip install 'rhoscope[notebook]'`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from rhoscope import charts, palette
from rhoscope.charts import Chart, Line, Mark
from rhoscope.client import Client
from rhoscope.errors import InvalidInput
from rhoscope.groups import Band, Group, Groups
from rhoscope.optional_libraries import library
from rhoscope.records import Event
from rhoscope.runs import Run, SeriesAnswer
from rhoscope.series import Series

POINTS = 2000
HEIGHT, WIDTH_PX = 360, 1.5
_DOTS = {
    (): "solid",
    (6, 4): "6px,4px",
    (2, 3): "2px,3px",
    (8, 3, 2, 3): "8px,3px,2px,3px",
    (3, 3): "3px,3px",
}


@dataclass(frozen=True)
class Curve:
    """A line with its numbers; `low` and `high` are the edges of its band, where it has one.

    `kind`: a line, a line with a dot a value, or dots alone that fade toward the first.
    """

    label: str
    color: str
    x: Sequence[float]
    y: Sequence[float]
    dash: tuple[int, ...] = ()
    faint: bool = False
    kind: Literal["line", "dots", "trail"] = "line"
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True)
class Info:
    """Everything that a figure shows."""

    title: str
    x: str
    y: str
    curves: tuple[Curve, ...]
    log: bool = False
    log_x: bool = False
    reference: float | None = None
    marks: tuple[Mark, ...] = ()


def chart(
    client: Client,
    runs: str | Sequence[str],
    name: str,
    *,
    focus: str = "",
    points: int = POINTS,
    dark: bool = False,
) -> Any:
    """One chart of one or several runs, such as "rho"; `focus` is a modality, as on the page.

    Raises:
        NotFound: for a run there is not.
        InvalidInput: for a chart that none of the runs has.
    """
    selected = [client.run(run) for run in _ids(runs)]
    return figure(_info(client, selected, _by_name(charts.charts(selected), name), focus, points), dark=dark)


def every(
    client: Client, runs: str | Sequence[str], *, focus: str = "", points: int = POINTS, dark: bool = False
) -> dict[str, Any]:
    """All charts of some runs by name, in the page's order. Raises: NotFound."""
    selected = [client.run(run) for run in _ids(runs)]
    return {
        each.name: figure(_info(client, selected, each, focus, points), dark=dark)
        for each in charts.charts(selected)
    }


def phase(
    client: Client, run: str, series: str = "score", *, points: int = POINTS, dark: bool = False
) -> Any:
    """A series of one modality against that of another, a dot a step: who leads, and whether that changes.

    More than `points` steps are thinned evenly.

    Raises:
        NotFound: for a run there is not.
        InvalidInput: unless two modalities have the series.
    """
    source = client.run(run)
    declarations = {each.name: each for each in source.series}
    pair = [m for m in source.modalities if f"{series}.{m}" in declarations][:2]
    if len(pair) < 2:
        message = f"'{series}' is not recorded for two modalities; recorded series: {', '.join(declarations)}"
        raise InvalidInput(f"series: {message}")
    names = [f"{series}.{m}" for m in pair]
    # thinned curves keep each one's own extremes, at steps that the other leaves out
    every = client.arrow(run, names)
    left, right = (every.column(name) for name in names)
    both = np.flatnonzero(left.is_valid().to_numpy() & right.is_valid().to_numpy())
    shown = both[:: max(1, -(-len(both) // points))]
    x, y = (column.take(shown).to_pylist() for column in (left, right))
    return figure(phase_info(source, declarations[names[0]], pair, x, y), dark=dark)


def bands(
    client: Client,
    name: str,
    runs: Sequence[str] | None = None,
    *,
    sweep: str = "",
    by: str = "",
    dark: bool = False,
) -> Any:
    """A series of runs grouped by settings: means, and bands of a standard deviation. Raises: as `groups`."""
    groups = client.groups(list(runs) if runs else None, sweep, by, name, points=300)
    series = next((one for one in groups.declared if one.name == name), None)
    if series is None:
        known = _enumeration(one.name for one in groups.declared)
        raise InvalidInput(f"name: there is no series '{name}'; available series: {known}.")
    return figure(band_info(groups, series), dark=dark)


def chart_info(
    one: Chart,
    runs: Sequence[Run],
    answers: dict[str, SeriesAnswer],
    events: dict[str, list[Event]],
    focus: str,
) -> Info:
    """The content of a chart; `answers` and `events` by run."""
    several = len(runs) > 1
    names = {run.id: run.name for run in runs}
    curves = [
        _curve(line, names, answers[line.run], several=several) for line in charts.lines(one, runs, focus)
    ]
    marks = dict.fromkeys(mark for run in runs for mark in charts.marks(events[run.id]))
    unit = "" if one.lead.unit == "1" else one.lead.unit
    return Info(
        title=one.lead.title,
        x="step",
        y=unit,
        curves=tuple(curve for curve in curves if curve.x),
        log=one.lead.scale == "log",
        reference=one.lead.reference,
        marks=tuple(marks),
    )


def phase_info(run: Run, series: Series, pair: Sequence[str], x: Sequence[float], y: Sequence[float]) -> Info:
    """The content of a phase plot: values of both modalities at steps that have both."""
    curve = Curve(run.name, palette.of_modality(-1), x, y, kind="trail")
    log = series.scale == "log"
    title = f"{series.title}: {pair[1]} against {pair[0]}"
    return Info(title, pair[0], pair[1], (curve,), log=log, log_x=log)


def band_info(groups: Groups, series: Series) -> Info:
    """The content of a chart of groups."""
    log = series.scale == "log"
    curves = tuple(
        _band_traces(_group_name(group), palette.of_run(place), band, log=log)
        for place, group in enumerate(groups.groups)
        for band in group.bands
        if band.name == series.name
    )
    unit = "" if series.unit == "1" else series.unit
    title = f"{series.title}, mean ± standard deviation"
    return Info(title, "step", unit, curves, log=log, reference=series.reference)


def figure(info: Info, *, dark: bool = False) -> Any:
    """The Plotly figure of it."""
    objects = library("plotly.graph_objects")
    colors = palette.DARK if dark else palette.LIGHT
    drawing = objects.Figure([trace for curve in info.curves for trace in _traces(objects, curve, colors)])
    drawing.update_layout(_layout(info, colors))
    if info.reference is not None:
        drawing.add_hline(
            info.reference, line={"color": colors["chart-reference"], "width": 1, "dash": "4px,4px"}
        )
    for mark in info.marks:
        font = {"color": colors["chart-mark"], "size": 10}
        line = {"color": colors["chart-mark"], "width": 1, "dash": "2px,3px"}
        drawing.add_vline(mark.step, line=line, annotation={"text": mark.text, "font": font})
    return drawing


def _traces(objects: Any, curve: Curve, colors: dict[str, str]) -> list[Any]:
    color, x, y = colors[curve.color], list(curve.x), list(curve.y)
    if curve.kind == "trail":
        ages = {"color": list(range(len(x))), "colorscale": [[0, colors["line"]], [1, color]], "size": 4}
        return [objects.Scatter(x=x, y=y, name=curve.label, mode="markers", marker=ages)]
    line = {"color": color, "width": WIDTH_PX, "dash": _DOTS[curve.dash]}
    mode = "lines+markers" if curve.kind == "dots" else "lines"
    shown = {"name": curve.label, "mode": mode, "line": line, "opacity": 0.65 if curve.faint else 1.0}
    main = objects.Scatter(x=x, y=y, marker={"color": color, "size": 5}, **shown)
    if not curve.low:
        return [main]
    around = {"x": [*x, *x[::-1]], "y": [*curve.high, *curve.low[::-1]], "fill": "toself"}
    quiet = {"mode": "none", "hoverinfo": "skip", "showlegend": False, "name": f"{curve.label}, band"}
    return [objects.Scatter(fillcolor=color, opacity=0.14, **around, **quiet), main]


def _layout(info: Info, colors: dict[str, str]) -> dict[str, Any]:
    axis = {"gridcolor": colors["chart-grid"], "zeroline": False, "exponentformat": "power"}
    return {
        "title": info.title,
        "xaxis": {**axis, "title": info.x, "type": "log" if info.log_x else "linear"},
        "yaxis": {**axis, "title": info.y, "type": "log" if info.log else "linear"},
        "paper_bgcolor": colors["surface"],
        "plot_bgcolor": colors["surface"],
        "font": {"color": colors["ink"], "size": 12},
        "hovermode": "closest" if info.x != "step" else "x unified",
        "height": HEIGHT,
        "margin": {"l": 60, "r": 20, "t": 50, "b": 45},
    }


def _info(client: Client, runs: Sequence[Run], one: Chart, focus: str, points: int) -> Info:
    answers, events = {}, {}
    for run in runs:
        names = [line.name for line in charts.lines(one, runs, focus) if line.run == run.id]
        empty = SeriesAnswer(run=run.id, series=[])
        answers[run.id] = client.series(run.id, names, points=points) if names else empty
        events[run.id] = client.events(run.id)
    return chart_info(one, runs, answers, events, focus)


def _curve(line: Line, names: dict[str, str], answer: SeriesAnswer, *, several: bool) -> Curve:
    data = next((one for one in answer.series if one.name == line.name), None)
    label = f"{names[line.run]} · {line.label}" if several else line.label
    x, y = (data.steps, data.values) if data else ([], [])
    return Curve(label, line.color, x, y, line.dash, line.faint, "dots" if line.sparse else "line")


def _band_traces(label: str, color: str, band: Band, *, log: bool) -> Curve:
    """On a logarithmic axis a lower edge below zero would not be drawn: it ends at a tenth of the mean."""
    pairs = list(zip(band.mean, band.deviation, strict=True))
    low = [max(mean - apart, mean / 10, 1e-12) if log else mean - apart for mean, apart in pairs]
    high = [mean + apart for mean, apart in pairs]
    return Curve(label, color, band.steps, band.mean, low=low, high=high)


def _by_name(known: Sequence[Chart], name: str) -> Chart:
    for each in known:
        if each.name == name:
            return each
    raise InvalidInput(
        f"name: there is no chart '{name}'; available charts: {_enumeration(each.name for each in known)}."
    )


def _group_name(group: Group) -> str:
    return ", ".join(f"{name}={charts.plain(value)}" for name, value in group.values.items()) or "all"


def _enumeration(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _ids(runs: str | Sequence[str]) -> list[str]:
    return [runs] if isinstance(runs, str) else list(runs)
