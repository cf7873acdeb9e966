"""The report of an experiment: a page (HTML, Markdown), a table (LaTeX, CSV) and every run (CSV)."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

import rhoscope
from rhoscope.experiments.charts import draw
from rhoscope.experiments.execution import Result
from rhoscope.experiments.plan import Experiment, Row
from rhoscope.states import RunState
from rhoscope.statistics import Difference, holm, mean_std, paired, power_line

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Measure:
    """A series' last value over the seeds of a row; `share` says that it is read as a percentage."""

    series: str
    mean: float
    std: float
    share: bool

    def __str__(self) -> str:
        if math.isnan(self.mean):
            return "–"
        factor, digits = (100, 1) if self.share else (1, 3)
        spread = "" if math.isnan(self.std) else f" ± {factor * self.std:.{digits}f}"
        return f"{factor * self.mean:.{digits}f}{spread}"


@dataclass(frozen=True)
class Line:
    """A row of the table as it came out."""

    row: Row
    measures: tuple[Measure, ...]
    difference: Difference | None
    pairs: int  # seeds that the row it is compared with has as well; 0 of a baseline
    seeds: int
    ended_badly: tuple[str, ...]

    @property
    def difference_text(self) -> str:
        """`+6.0 [3.9, 8.0]`, in the first measure's unit."""
        if self.difference is None:
            return "–"
        factor, digits = (100, 1) if self.measures[0].share else (1, 3)
        scaled = (factor * v for v in (self.difference.mean, self.difference.low, self.difference.high))
        mean, low, high = (f"{v:.{digits}f}" for v in scaled)
        return f"{'' if mean.startswith('-') else '+'}{mean} [{low}, {high}]".replace("-", "−")


def write(experiment: Experiment, results: Sequence[Result], folder: Path, command: str) -> list[Path]:
    """Write all files of the report; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    table = lines(experiment, results)
    charts = draw(experiment, results)
    context = {
        "experiment": experiment,
        "lines": table,
        "charts": charts,
        "command": command,
        "version": rhoscope.__version__,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "devices": sorted({result.run.device for result in results if result.run.device}),
        "incomplete": [line for line in table if line.ended_badly],
        "methods": sorted({line.difference.method for line in table if line.difference}),
        "compared": sum(line.difference is not None for line in table),
        "power": _power(experiment, table),
    }
    written = []
    for name, svg in charts.items():
        written.append(folder / f"{name}.svg")
        written[-1].write_text(svg)
    for name in ("report.md", "report.html", "table.tex"):
        written.append(folder / name)
        written[-1].write_text(_template(name).render(context))
    _write_csv(folder / "table.csv", _table_rows(table))
    _write_csv(folder / "runs.csv", _run_rows(experiment, results))
    return [*written, folder / "table.csv", folder / "runs.csv"]


def lines(experiment: Experiment, results: Sequence[Result]) -> list[Line]:
    """The table: each row's measures, and its paired difference to another row, corrected by Holm."""
    values = {row.label: _values(experiment, row, results) for row in experiment.rows}
    table = [_line(experiment, row, values, results) for row in experiment.rows]
    corrected = holm([line.difference for line in table])
    return [replace(line, difference=d) for line, d in zip(table, corrected, strict=True)]


def _power(experiment: Experiment, table: Sequence[Line]) -> str:
    rows = [line for line in table if experiment.compared_with(line.row) is not None]
    spreads = [line.difference.spread if line.difference else (line.pairs, 0.0) for line in rows]
    if table[0].measures[0].share:
        return power_line(spreads, "points", 100, 1)
    return power_line(spreads, "", 1, 0.01)


def _line(
    experiment: Experiment,
    row: Row,
    values: Mapping[str, Mapping[int, Mapping[str, float]]],
    results: Sequence[Result],
) -> Line:
    own = values[row.label]
    first = next(iter(experiment.measures))
    measures = tuple(
        Measure(name, *mean_std(np.array([v[name] for v in own.values() if name in v])), _is_share(name))
        for name in experiment.measures
    )
    other = experiment.compared_with(row)
    difference, both = None, list[int]()
    if other is not None:
        both = [s for s in own if first in own[s] and first in values[other].get(s, {})]
        pairs = [np.array([values_of_row[s][first] for s in both]) for values_of_row in (own, values[other])]
        difference = paired(pairs[0], pairs[1])
    ended = tuple(
        f"seed {r.cell.seed}: {r.run.state}. {r.run.reason}".strip()
        for r in results
        if r.cell.row.label == row.label and r.run.state is not RunState.COMPLETED
    )
    return Line(row, measures, difference, len(both), len(own), ended)


def _values(experiment: Experiment, row: Row, results: Sequence[Result]) -> dict[int, dict[str, float]]:
    """Last finite values by seed, of completed runs only."""
    return {
        r.cell.seed: {
            name: r.run.last[name]
            for name in experiment.measures
            if math.isfinite(r.run.last.get(name, math.nan))
        }
        for r in results
        if r.cell.row.label == row.label and r.run.state is RunState.COMPLETED
    }


def _is_share(series: str) -> bool:
    return "accuracy" in series


def _template(name: str) -> Any:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html.j2",), default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["tex"] = _tex
    return environment.get_template(f"{name}.j2")


def _tex(text: object) -> str:
    r"""Text as LaTeX sets it.

    >>> _tex("50 % & α ± 1")
    '50 \\% \\& $\\alpha$ $\\pm$ 1'
    """
    escaped = str(text).replace("\\", r"\textbackslash{}")
    for sign, written in {
        **{sign: f"\\{sign}" for sign in "%&#_$"},
        "α": r"$\alpha$",
        "ρ": r"$\rho$",
        "±": r"$\pm$",
        "−": "$-$",
        "–": "--",
    }.items():
        escaped = escaped.replace(sign, written)
    return escaped


def _table_rows(table: Sequence[Line]) -> list[dict[str, object]]:
    rows = []
    for line in table:
        row: dict[str, object] = {"row": line.row.label, "seeds": line.seeds}
        for measure in line.measures:
            row |= {measure.series: measure.mean, f"{measure.series} std": measure.std}
        d = line.difference
        row |= _difference_columns(d) if d else {}
        rows.append(row)
    return rows


def _difference_columns(d: Difference) -> dict[str, object]:
    return {
        "difference": d.mean,
        "low": d.low,
        "high": d.high,
        "pairs": d.n,
        "method": d.method,
        "p": d.p,
        "p Holm": d.adjusted,
        "p sign flip": d.p_sign_flip,
        "detectable": d.detectable,
    }


def _run_rows(experiment: Experiment, results: Sequence[Result]) -> list[dict[str, object]]:
    return [
        {
            "row": r.cell.row.label,
            "seed": r.cell.seed,
            "run": r.run.id,
            "state": r.run.state,
            **{name: r.run.last.get(name, "") for name in experiment.measures},
        }
        for r in results
    ]


def _write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
