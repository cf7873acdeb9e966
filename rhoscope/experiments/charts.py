"""Curves averaged over seeds with bands, as SVG."""

import io
from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from rhoscope import palette
from rhoscope.experiments.averages import band
from rhoscope.experiments.execution import Result
from rhoscope.experiments.plan import Experiment
from rhoscope.series import Series

COLORS = tuple(palette.LIGHT[palette.of_run(place)] for place in range(palette.RUNS))
"""Those of runs; further rows repeat them, dashed."""


def draw(experiment: Experiment, results: Sequence[Result]) -> dict[str, str]:
    """One SVG by file name for each of the experiment's curves that some run has."""
    declarations = {series.name: series for result in results for series in result.run.series}
    curves = {}
    for name in experiment.curves:
        having = [result for result in results if name in result.curves]
        if having:
            curves[name.replace(".", "-")] = _chart(experiment, having, declarations[name])
    return curves


def _chart(experiment: Experiment, results: Sequence[Result], series: Series) -> str:
    with rc_context({"font.size": 9, "svg.hashsalt": "rhoscope"}):
        figure = Figure(figsize=(8.4, 3.6), layout="constrained")
        axes = figure.subplots()
        for place, row in enumerate(experiment.rows):
            curves = [r.curves[series.name] for r in results if r.cell.row.label == row.label]
            if curves:
                _line(axes, np.array(curves), place, row.label, log=series.scale == "log")
        _frame(axes, series)
        figure.legend(loc="outside right upper", frameon=False)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return text.getvalue()


def _line(axes: Axes, curves: np.ndarray, place: int, label: str, *, log: bool) -> None:
    """`curves` [S, B]."""
    middle, low, high = band(curves, log=log)
    x = (np.arange(curves.shape[1]) + 0.5) / curves.shape[1] * 100
    color = COLORS[place % len(COLORS)]
    axes.plot(x, middle, color=color, lw=1.3, ls="-" if place < len(COLORS) else "--", label=label)
    axes.fill_between(x, low, high, color=color, alpha=0.13, lw=0)


def _frame(axes: Axes, series: Series) -> None:
    modality = series.name.removeprefix(f"{series.name.split('.')[0]}.")
    axes.set_title(f"{series.title}, {modality}", loc="left", fontweight="bold")
    axes.set_xlabel("share of the training steps (%)")
    axes.set_yscale(series.scale)
    if series.scale == "log":
        for axis_format in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
            axis_format(LogFormatter(labelOnlyBase=False, minor_thresholds=(1.5, 0.5)))
    if series.reference is not None:
        axes.axhline(series.reference, color=palette.LIGHT["chart-reference"], lw=0.8, ls=":")
    axes.grid(axis="y", color=palette.LIGHT["chart-grid"], lw=0.6)
    axes.set_xlim(0, 100)
    axes.spines[["top", "right"]].set_visible(False)
