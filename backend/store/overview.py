"""A long run's curves from far away: from the chunks' outlines, and outlined here where there are none."""

from collections.abc import Container, Sequence

import numpy as np
from sqlalchemy import Connection

from backend.store import outlines, rows, runs
from backend.store.outlines import Part
from backend.store.rows import Curve

Overview = tuple[Curve, int]
"""The extremes of every `outlines.BUCKET_ROWS` values or less, and how many values there are."""


def read_shown(
    db: Connection,
    line: Sequence[tuple[str, int]],
    names: Sequence[str],
    points: int,
    window: tuple[int, int] = (0, rows.LAST),
) -> dict[str, Overview]:
    """Candidates for `points` values of each series: every value, or more than `points` from outlines.

    `window` are the first and the last step. A bucket gives two values.
    """
    start, end = window
    enough = outlines.BUCKET_ROWS // 2 * points
    last = min(end, max(runs.get(db, one).step for one, _ in line))
    far = read_line(db, line, names, start, end) if last - start >= enough else {}
    # steps may be many and values few, where not every step was recorded
    near = [name for name in names if name not in far or len(far[name][0][0]) < far[name][1] < enough]
    every = rows.read_line(db, line, near, start, end) if near else {}
    return far | {name: (curve, len(curve[0])) for name, curve in every.items()}


def read_line(
    db: Connection,
    line: Sequence[tuple[str, int]],
    names: Sequence[str],
    start: int = 0,
    end: int = rows.LAST,
) -> dict[str, Overview]:
    """As `rows.read_line`, with all spikes and the first NaN of every stretch, but not every value."""
    if len(line) == 1:
        return _read(db, line[0][0], names, start, end)
    *ancestors, (youngest, _) = line
    fork = ancestors[-1][1]
    before = read_line(db, ancestors, names, start, min(end, fork - 1))
    at = _outlined(rows.read_line(db, line, names, fork, fork)) if start <= fork <= end else {}
    after = _read(db, youngest, names, max(start, fork + 1), end)
    return {name: _joined(before[name], at.get(name), after[name]) for name in names}


def _read(db: Connection, run: str, names: Sequence[str], start: int, end: int) -> dict[str, Overview]:
    """The rows before the first outline, the outlines, and the rows after the last."""
    if start > end:
        return dict.fromkeys(names, (rows.NOTHING, 0))
    parts = outlines.inside(db, run, names, start, end)
    edges: dict[tuple[int, int], list[str]] = {}
    for name in names:
        inner = parts.get(name)
        edges.setdefault((inner[0][0], inner[-1][1]) if inner else (end + 1, end), []).append(name)
    curves: dict[str, Overview] = {}
    for (first, last), together in edges.items():
        head = _outlined(rows.read(db, run, together, start, first - 1), parts) if start < first else {}
        tail = _outlined(rows.read(db, run, together, last + 1, end), parts) if last < end else {}
        for name in together:
            middle = _middle(parts.get(name, []))
            curves[name] = _joined(head.get(name), middle, tail.get(name))
    return curves


def _middle(parts: Sequence[Part]) -> Overview:
    if not parts:
        return rows.NOTHING, 0
    curve = np.concatenate([part[3] for part in parts]), np.concatenate([part[4] for part in parts])
    return curve, sum(part[2] for part in parts)


def _outlined(curves: dict[str, Curve], dense: Container[str] = ()) -> dict[str, Overview]:
    """As dense as outlines are, so that no stretch gets more of the points than another; sparse ones stay."""
    outlined = {}
    for name, (steps, values) in curves.items():
        sparse = values.dtype == np.float64 and name not in dense
        positions = slice(None) if sparse else outlines.positions(values)
        outlined[name] = (steps[positions], values[positions]), len(steps)
    return outlined


def _joined(*parts: Overview | None) -> Overview:
    present = [part for part in parts if part is not None]
    curves = [curve for curve, _ in present if len(curve[0])]
    return rows.join(curves), sum(count for _, count in present)
