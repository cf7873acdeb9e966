"""Runs and curves as pyarrow tables and pandas frames; what is thinned is asked for, nothing is by default.

Both libraries are optional: `pip install 'rhoscope[notebook]'`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from rhoscope.optional_libraries import library
from rhoscope.runs import Run, SeriesAnswer
from rhoscope.spec import PLUGIN_FIELDS

_FACTS = ("name", "state", "step", "total_steps", "epoch", "attempt", "worker", "device", "sweep", "parent")
_TIMES = ("created", "started", "finished")


def table(data: bytes) -> Any:
    """The pyarrow.Table in an Arrow stream."""
    pyarrow = library("pyarrow")
    return library("pyarrow.ipc").open_stream(pyarrow.py_buffer(data)).read_all()


def wide(answer: SeriesAnswer) -> Any:
    """Thinned curves as a pyarrow.Table: `step`, and a column a series, null where it has no value."""
    pyarrow = library("pyarrow")
    steps = np.unique(
        np.concatenate([np.empty(0, np.int64), *(np.array(s.steps, np.int64) for s in answer.series)])
    )
    columns = {"step": pyarrow.array(steps, pyarrow.int64())}
    for series in answer.series:
        values, missing = np.zeros(len(steps)), np.ones(len(steps), bool)
        places = np.searchsorted(steps, series.steps)
        values[places], missing[places] = series.values, False
        columns[series.name] = pyarrow.array(values, pyarrow.float64(), mask=missing)
    return pyarrow.table(columns)


def frame(table: Any) -> Any:
    """A pyarrow.Table of curves as a pandas.DataFrame indexed by step; `time` becomes a time in UTC.

    In pandas a step without a value and a value that is NaN look alike; the table tells them apart.
    """
    pandas = library("pandas")
    curves = table.to_pandas().set_index("step")
    if "time" in curves:
        curves["time"] = pandas.to_datetime(curves["time"], unit="s", utc=True)
    return curves


def runs_frame(runs: Iterable[Run]) -> Any:
    """A row a run, indexed by id: what it is, its settings by name, `last.` and `best.` numbers."""
    pandas = library("pandas")
    listed = list(runs)
    rows = pandas.DataFrame([_row(run) for run in listed], index=_index(pandas, listed))
    for name in set(_TIMES) & set(rows.columns):
        rows[name] = pandas.to_datetime(rows[name].astype(float), unit="s", utc=True)
    return rows


def _index(pandas: Any, runs: Sequence[Run]) -> Any:
    return pandas.Index([run.id for run in runs], name="run", dtype=object)


def _row(run: Run) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(run, name) for name in (*_FACTS, *_TIMES)}
    row["tags"] = ", ".join(run.tags)
    row |= {name: getattr(run.spec, name) for name in PLUGIN_FIELDS}
    row |= {f"encoders.{modality}": name for modality, name in run.spec.encoders.items()}
    row |= {name: value for name, value in run.settings.items() if name not in row}  # `device` is both
    row |= {f"last.{name}": value for name, value in run.last.items()}
    return row | {f"best.{name}": value for name, value in run.best.items()}
