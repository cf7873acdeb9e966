"""The results of several runs: a row for each group, and how they were made, from the facts alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from rhoscope import charts
from rhoscope.groups import Difference, Group, Groups, Spread
from rhoscope.runs import Run

METRICS = {"best": "Best validation accuracy (%)", "test.accuracy": "Test accuracy (%)"}
LEVEL = 0.05
_LISTED = 12
"""Seeds that are named one by one."""


@dataclass(frozen=True)
class Line:
    """A group's row: its name, number of runs, a text per column; `base`: others are compared to it."""

    name: str
    runs: int
    cells: tuple[str, ...]
    base: bool


@dataclass(frozen=True)
class Results:
    """A table of groups, and the paragraph that says how it was made."""

    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    methods: str


def results(runs: Sequence[Run], groups: Groups, baseline: str) -> Results:
    """The results of runs in groups, compared with the group that the run `baseline` is in."""
    known = {run.id: run for run in runs}
    metrics = [name for name in METRICS if any(name in group.final for group in groups.groups)]
    heads = [head for name in metrics for head in (METRICS[name], "Difference (points) [95 % interval]")]
    names = [group_name(groups.by, group, known) for group in groups.groups]
    lines = tuple(
        Line(
            name,
            len(group.runs) - len(group.repeats),
            tuple(cell for metric in metrics for cell in _cells(group, metric, base=baseline in group.runs)),
            baseline in group.runs,
        )
        for name, group in zip(names, groups.groups, strict=True)
    )
    base = next((line.name for line in lines if line.base), "")
    return Results(tuple(heads), lines, methods(runs, groups, names, base))


def group_name(by: Sequence[str], group: Group, known: dict[str, Run]) -> str:
    """The values that make a group; of runs that stand alone, the run's own name."""
    if list(by) == ["run"]:
        return known[group.runs[0]].name
    words = [f"{name.replace('_', ' ')} {charts.plain(group.values.get(name))}" for name in by]
    return ", ".join(words) or "all runs"


def _cells(group: Group, metric: str, *, base: bool) -> tuple[str, str]:
    spread = group.final.get(metric)
    return (
        _spread(spread) if spread else "–",
        "baseline" if base else _difference(group.differences.get(metric)),
    )


def _spread(spread: Spread) -> str:
    """Per cent, as in a table.

    >>> _spread(Spread(mean=0.612, deviation=0.008, values={"a": 0.6, "b": 0.62}))
    '61.2 ± 0.8'
    """
    mean = f"{100 * spread.mean:.1f}"
    return mean if len(spread.values) < 2 else f"{mean} ± {100 * spread.deviation:.1f}"


def _difference(apart: Difference | None) -> str:
    if apart is None or apart.mean is None:
        return "–"
    text = f"{100 * apart.mean:+.1f}"
    if apart.low is not None and apart.high is not None:
        text += f" [{100 * apart.low:+.1f}, {100 * apart.high:+.1f}]"
    return text.replace("-", "−") + (f", p = {apart.p_holm:.2g}" if apart.p_holm is not None else "")


def methods(runs: Sequence[Run], groups: Groups, names: Sequence[str], base: str) -> str:
    """How the results were made, in sentences, of what all runs share."""
    return " ".join([*_training(runs), *_comparison(runs, groups, names, base)])


def _training(runs: Sequence[Run]) -> list[str]:
    data = _shared([run.spec.dataset for run in runs])
    fusion = _shared([run.spec.fusion for run in runs])
    modalities = _shared([" and ".join(run.modalities) for run in runs])
    what = [
        f"Networks were trained on {data}" if data else "Networks were trained on several data sets",
        f" ({modalities})" if modalities else "",
        f" with {fusion} fusion" if fusion else " with several fusions",
    ]
    settings = [text for text in (_setting(runs, name) for name in _SETTINGS) if text]
    seeds = sorted({int(run.settings["seed"]) for run in runs if isinstance(run.settings.get("seed"), int)})
    listed = ", ".join(map(str, seeds)) if len(seeds) <= _LISTED else f"{seeds[0]} to {seeds[-1]}"
    return [
        "".join(what) + ".",
        *([f"All share {', '.join(settings)}."] if settings else []),
        *([f"Seeds: {listed}; a seed sets weights, the order of the data and noise."] if seeds else []),
    ]


_SETTINGS = {
    "optimizer": "the optimizer",
    "lr": "learning rate",
    "schedule": "schedule",
    "momentum": "momentum",
    "weight_decay": "weight decay",
    "batch_size": "batch size",
    "epochs": "epochs",
    "protocol": "protocol",
}


def _setting(runs: Sequence[Run], name: str) -> str:
    values = [run.settings[name] for run in runs if name in run.settings]
    value = _shared([charts.plain(one) for one in values]) if len(values) == len(runs) else ""
    return f"{_SETTINGS[name]} {value}" if value else ""


def _comparison(runs: Sequence[Run], groups: Groups, names: Sequence[str], base: str) -> list[str]:
    sentences = [f"Compared are {len(names)} groups of {len(runs)} runs: {'; '.join(names)}."]
    sentences += ["Accuracies are the mean ± sample standard deviation over the runs of a group."]
    sentences += ["Validation accuracy is that of the best epoch; tests use the weights of that epoch, once."]
    apart = [d for group in groups.groups for d in group.differences.values() if d.mean is not None]
    if apart and base:
        used = " or ".join(sorted({d.method for d in apart if d.method})) or "none, for fewer than 3 pairs"
        sentences += [
            f"Differences are to {base}, between runs of equal seed; 95 % intervals: {used}; p-values are "
            "corrected for the number of groups by Holm's method."
        ]
    unfinished = sum(run.state != "completed" for run in runs)
    return [*sentences, *([f"{unfinished} of the runs did not complete."] if unfinished else [])]


def _shared(values: Sequence[str]) -> str:
    """The value that all have, or ""."""
    return values[0] if values and len(set(values)) == 1 else ""
