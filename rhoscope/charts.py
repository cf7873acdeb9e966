"""Charts of runs and the lines in each: pure functions of the runs' declarations.

One run: color is the modality. Several runs: color is the run, dashes are the modality. The page draws the
same by `dashboard/page/charts/lines.js`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rhoscope import palette
from rhoscope.records import Event
from rhoscope.runs import Run
from rhoscope.series import Series

FIRST = ("rho", "k", "grad_norm", "noise", "loss", "accuracy", "accuracy.each")
"""In the order a reader wants them; what a strategy declares beside these follows."""
LATER = ("score", "noise_std", "effective_step", "gap", "lr", "throughput")
"""Useful, but not at first sight."""
SPLIT = {"accuracy": "Accuracy of each modality"}
"""Charts that are two, of one run: of all modalities together, and of each."""
EACH = ".each"
ALONE = ("rho", "k", "accuracy.each")
"""Charts that say nothing of a modality alone, or only what another one says."""
DASHES: tuple[tuple[int, ...], ...] = ((), (6, 4), (2, 3), (8, 3, 2, 3))
COMPANION = (3, 3)


@dataclass(frozen=True)
class Part:
    """Series of a chart that share their name before the modality; `joint`: one stands for all of them."""

    stem: str
    series: Series
    modalities: tuple[str, ...]
    joint: bool


@dataclass(frozen=True)
class Chart:
    """One chart; title, unit, scale and reference are those of its leading series."""

    name: str
    lead: Series
    parts: tuple[Part, ...]

    @property
    def title(self) -> str:
        """The leading series' title, or that of the half of a chart."""
        return SPLIT[self.name.removesuffix(EACH)] if self.name.endswith(EACH) else self.lead.title

    @property
    def late(self) -> bool:
        return self.name in LATER

    @property
    def joint(self) -> bool:
        return any(part.joint for part in self.parts)


@dataclass(frozen=True)
class Line:
    """One line: which series of which run, and how it looks. `color` is a name of `rhoscope.palette`."""

    run: str
    name: str
    label: str
    modality: str
    color: str
    dash: tuple[int, ...]
    faint: bool
    sparse: bool
    every: int  # steps from one value to the next, as the run's settings have it


@dataclass(frozen=True)
class Mark:
    """Something that happened at a step."""

    step: int
    text: str


def split(name: str, modalities: Sequence[str]) -> tuple[str, str]:
    """A series' name before its modality, and the modality or "".

    >>> split("rho.audio", ["audio", "visual"]), split("loss", ["audio"])
    (('rho', 'audio'), ('loss', ''))
    """
    modality = next((m for m in modalities if name.endswith(f".{m}")), "")
    return (name.removesuffix(f".{modality}"), modality) if modality else (name, "")


def modalities(runs: Sequence[Run]) -> list[str]:
    """All of these runs, in the order they are declared."""
    return list(dict.fromkeys(m for run in runs for m in run.modalities))


def charts(runs: Sequence[Run]) -> list[Chart]:
    """The charts of some runs, in a reader's order; those that say the same all along are left out."""
    single = len(runs) == 1
    by_chart: dict[str, dict[str, Part]] = {}
    for run in runs:
        for series in run.series:
            stem, modality = split(series.name, run.modalities)
            whole = series.chart or stem
            name = whole + EACH if single and modality and whole in SPLIT else whole
            parts = by_chart.setdefault(name, {})
            parts[stem] = _joined(parts.get(stem), stem, series, modality)
    spoken = {name: parts for name, parts in by_chart.items() if not all(_silent(name, run) for run in runs)}
    return sorted((_chart(name, parts) for name, parts in spoken.items()), key=lambda c: _place(c.name))


def _silent(name: str, run: Run) -> bool:
    """Whether a chart is the same all along: k of a run that never modulates, rho of a modality alone."""
    if len(run.modalities) < 2:
        return name in ALONE
    return name == "k" and run.spec.strategy == "joint" and not run.course.get("strategy")


def _joined(part: Part | None, stem: str, series: Series, modality: str) -> Part:
    if part is None:
        return Part(stem, series, (modality,) if modality else (), not modality)
    if not modality:
        return Part(stem, series, part.modalities, joint=True)
    return Part(stem, part.series, tuple(dict.fromkeys((*part.modalities, modality))), part.joint)


def _chart(name: str, parts: dict[str, Part]) -> Chart:
    ordered = sorted(parts.values(), key=lambda p: 2 if p.series.sparse else int(p.stem != name))
    return Chart(name, parts.get(name, ordered[0]).series, tuple(ordered))


def _place(name: str) -> int:
    if name in FIRST:
        return FIRST.index(name)
    return 1000 if name in LATER else 100


def lines(chart: Chart, runs: Sequence[Run], focus: str = "") -> list[Line]:
    """The lines of a chart over some runs; `focus` is a modality, or empty for an overview."""
    several, hues = len(runs) > 1, palette.hues(modalities(runs))
    kinds = _selection(chart, focus, several=several)
    shown = list(dict.fromkeys(modality for _, modality, _ in kinds))
    drawn = []
    for place, run in enumerate(runs):
        names = {series.name for series in run.series}
        for part, modality, before in kinds:
            name = f"{part.stem}.{modality}" if modality else part.stem
            if name not in names:
                continue
            color = palette.of_run(place) if several else palette.of_modality(hues.get(modality, -1))
            dash = DASHES[shown.index(modality) % len(DASHES)] if several else ()
            style = (color, COMPANION if before else dash, before, part.series.sparse, _every(part, run))
            drawn.append(Line(run.id, name, _words(part, modality, chart), modality, *style))
    return drawn


def _every(part: Part, run: Run) -> int:
    """Steps between two values: all settings that the series names are due, and the row is recorded."""
    names = [*part.series.every.split(","), "log_every"] if part.series.every else []
    steps = [run.settings.get(name) for name in names]
    return math.lcm(*(one for one in steps if isinstance(one, int) and one > 0))


def _selection(chart: Chart, focus: str, *, several: bool) -> list[tuple[Part, str, bool]]:
    """(part, modality, whether it is what the last part was before); of several runs, what is readable."""
    dense = [part for part in chart.parts if not part.series.sparse]
    overview = several and not focus
    selection = []
    for part in chart.parts:
        is_dense = not part.series.sparse
        if overview and len(dense) > 1 and is_dense and part is not dense[-1] and not chart.joint:
            continue
        before = is_dense and len(dense) > 1 and part.stem == chart.name and not chart.joint
        every = [*([""] if part.joint else []), *part.modalities]
        kept = [m for m in every if _readable(m, focus, joint=chart.joint, overview=overview)]
        selection += [(part, modality, before) for modality in kept]
    return selection


def _readable(modality: str, focus: str, *, joint: bool, overview: bool) -> bool:
    if focus:
        return modality == focus or (not joint and not modality)
    return not overview or not joint or not modality


def _words(part: Part, modality: str, chart: Chart) -> str:
    first = part.stem.split(".")[0]
    kind = first if part.series.sparse and "." in part.stem else ""
    if not any(p.modalities for p in chart.parts):
        return kind or ("train" if len(chart.parts) > 1 else chart.name)
    return " ".join(word for word in (modality or "fused", part.series.role or kind) if word)


def marks(events: Sequence[Event]) -> list[Mark]:
    """Changes in a run, each once and in order: settings, and attempts after a loss."""
    marks: dict[Mark, None] = {}
    attempt, lost = 0, False
    for event in events:
        lost = lost or event.kind == "lost"
        if event.kind == "setting":
            old, new = plain(event.data.get("old")), plain(event.data.get("new"))
            marks[Mark(event.step, f"{event.data.get('setting')} {old} → {new}")] = None
        elif event.kind == "started" and event.attempt > attempt:
            attempt, step = event.attempt, int(event.data.get("start_step", event.step))
            marks = {mark: None for mark in marks if mark.step < step}
            if lost:
                marks[Mark(step, "resumed")] = None
            lost = False
    return sorted(marks, key=lambda mark: mark.step)


def plain(value: object) -> str:
    """A setting's value in words.

    >>> plain(0.30000000000000004), plain(None), plain(True)
    ('0.3', 'empty', 'true')
    """
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)
