"""A long run's curves from afar: from outlines as fine as is drawn, of rows only where nothing else is.

What is read depends on what is drawn, not on how long the run is: the middle of a window comes from the
coarsest level that is fine enough, both ends of it from finer ones, and the last few rows at either end from
chunks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from backend.store import guests, levels, outlines, rows, runs
from backend.store.outlines import Part
from backend.store.rows import Curve

Overview = tuple[Curve, int]
"""The extremes of each bucket of values, and how many values there are."""
FINER = 2
"""Rows that are read anyhow are thinned to this many times as many buckets as are drawn."""
WORTH = 8
"""Rows of a bucket, below which thinning what is read saves nothing."""
CHUNKS_AT_ONCE = 16
STRETCHES = 16
"""Stretches of a series, at most, in which late values are looked for row by row."""


def read_shown(
    db: Connection,
    line: Sequence[tuple[str, int]],
    names: Sequence[str],
    points: int,
    window: tuple[int, int] = (0, rows.LAST),
) -> dict[str, Overview]:
    """Candidates for `points` values of each series: every value, or the extremes of half as many buckets.

    `window` are the first and the last step. A bucket gives two values; one where all of its rows are equal.
    """
    start, end = window
    last = min(end, max(runs.get(db, one).step for one, _ in line))
    grain = _grain(2 * (last - start) // points)
    shown: dict[str, Overview] = {}
    lacking = list(names)
    while lacking:
        read = read_line(db, line, lacking, window, grain)
        shown |= {
            name: (curve, count)
            for name, (curve, count) in read.items()
            if len(curve[0]) == count or _fine(count, grain, points)
        }
        lacking = [name for name in lacking if name not in shown]
        # steps may be many and values few, where not every step was recorded
        most = max((read[name][1] for name in lacking), default=0)
        grain = _grain(min(grain - 1, 2 * most // points))
    return {name: shown[name] for name in names}


def _fine(count: int, grain: int, points: int) -> bool:
    """Whether `count` values in buckets of `grain` rows are as many buckets as are drawn."""
    return 2 * count >= grain * points


def _grain(rows_drawn: int) -> int:
    """Rows of a bucket that is read, for buckets of `rows_drawn` rows on the screen."""
    level = levels.coarsest(rows_drawn)
    if level:
        return levels.bucket(level)
    return rows_drawn // FINER if rows_drawn >= FINER * WORTH else 1


def read_line(
    db: Connection,
    line: Sequence[tuple[str, int]],
    names: Sequence[str],
    window: tuple[int, int],
    grain: int,
) -> dict[str, Overview]:
    """As `rows.read_line`, with all spikes and the first NaN of every `grain` rows, but not every value."""
    start, end = window
    if len(line) == 1:
        return _read(db, line[0][0], names, window, grain)
    *ancestors, (youngest, _) = line
    fork = ancestors[-1][1]
    before = read_line(db, ancestors, names, (start, min(end, fork - 1)), grain)
    at = rows.read_line(db, line, names, fork, fork) if start <= fork <= end else {}
    after = _read(db, youngest, names, (max(start, fork + 1), end), grain)
    return {name: _joined([before[name], _whole(at.get(name, rows.NOTHING)), after[name]]) for name in names}


def _read(
    db: Connection, run: str, names: Sequence[str], window: tuple[int, int], grain: int
) -> dict[str, Overview]:
    start, end = window
    sparse = rows.read_sparse(db, run, names, start, end) if start <= end else {}
    late = sparse if sparse and guests.is_guest(db, run) else {}
    curves = {name: [_whole(curve)] for name, curve in sparse.items()}
    reader, level = _Reader(db, run, grain, late), levels.coarsest(grain)
    curves |= reader.over([name for name in names if name not in sparse], start, end, level)
    curves |= {name: reader.amid_late(name, start, end, level) for name in late}
    return {name: _joined(curves[name]) for name in names}


@dataclass(frozen=True)
class _Reader:
    """Reads one run in buckets of about `grain` rows; `late` are values of events that rows lack."""

    db: Connection
    run: str
    grain: int
    late: Mapping[str, Curve]

    def over(self, names: Sequence[str], start: int, end: int, level: int) -> dict[str, list[Overview]]:
        """Parts before the first outline of this level, the outlines, and parts after the last."""
        if start > end or not names:
            return {name: [] for name in names}
        if level == 0:
            return self._rows(names, start, end)
        parts = levels.inside(self.db, self.run, names, level, start, end)
        edges: dict[tuple[int, int], list[str]] = {}
        for name in names:
            inner = parts.get(name)
            edges.setdefault((inner[0][0], inner[-1][1]) if inner else (end + 1, end), []).append(name)
        curves: dict[str, list[Overview]] = {}
        for (first, last), together in edges.items():
            head = self.over(together, start, first - 1, level - 1)
            tail = self.over(together, last + 1, end, level - 1)
            for name in together:
                middle = [self._middle(parts[name], level)] if name in parts else []
                curves[name] = [*head[name], *middle, *tail[name]]
        return curves

    def amid_late(self, name: str, start: int, end: int, level: int) -> list[Overview]:
        """Late values are in no outline: where they are, rows are read."""
        if not outlines.present(self.db, self.run, name):
            return self._rows([name], start, end)[name]
        parts, at = [], start
        for first, last in _stretches(self.late[name][0]):
            parts += self.over([name], at, first - 1, level)[name]
            parts += self._rows([name], first, last)[name]
            at = last + 1
        return parts + self.over([name], at, end, level)[name]

    def _middle(self, parts: Sequence[Part], level: int) -> Overview:
        curve = np.concatenate([part[3] for part in parts]), np.concatenate([part[4] for part in parts])
        n = sum(part[2] for part in parts)
        return (curve, n) if levels.bucket(level) >= self.grain else self._thinned(curve, n)

    def _rows(self, names: Sequence[str], start: int, end: int) -> dict[str, list[Overview]]:
        """Rows, thinned as they are read."""
        curves: dict[str, list[Overview]] = {name: [] for name in names}
        late = {name: rows.within(self.late[name], start, end) for name in names if name in self.late}
        for name, curve in self._batches(names, start, end):
            every = curve
            if name in late:
                before, late[name] = _split(late[name], int(curve[0][-1]))
                every = rows.both(curve, before)
            curves[name].append(self._thinned(every, len(every[0])))
        for name, curve in late.items():
            curves[name].append(_whole(curve))
        return curves

    def _batches(self, names: Sequence[str], start: int, end: int) -> Iterator[tuple[str, Curve]]:
        """Rows of one series after the other, some chunks at a time; none is empty."""
        held: list[Curve] = []
        held_name = ""
        for name, curve in rows.pieces(self.db, self.run, names, start, end, CHUNKS_AT_ONCE):
            if held and (name != held_name or len(held) == CHUNKS_AT_ONCE):
                yield held_name, rows.join(held)
                held = []
            if len(curve[0]):
                held_name = name
                held.append(curve)
        if held:
            yield held_name, rows.join(held)

    def _thinned(self, curve: Curve, n: int) -> Overview:
        if self.grain == 1:
            return curve, n
        steps, values = curve
        kept = levels.positions(values, n, self.grain)
        return (steps[kept], values[kept]), n


def _stretches(steps: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Few stretches that cover ascending steps [n], the widest gaps between them left out."""
    widest = np.sort(np.argsort(np.diff(steps), kind="stable")[::-1][: STRETCHES - 1])
    firsts, lasts = steps[np.append(0, widest + 1)], steps[np.append(widest, len(steps) - 1)]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _split(curve: Curve, step: int) -> tuple[Curve, Curve]:
    """The values up to a step, and those behind it."""
    at = np.searchsorted(curve[0], step, side="right")
    return (curve[0][:at], curve[1][:at]), (curve[0][at:], curve[1][at:])


def _whole(curve: Curve) -> Overview:
    return curve, len(curve[0])


def _joined(parts: Sequence[Overview]) -> Overview:
    curves = [curve for curve, _ in parts if len(curve[0])]
    return rows.join(curves), sum(count for _, count in parts)
