"""The report of what predicts the gain of balancing: a page (Markdown) and tables (CSV)."""

import csv
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from rhoscope.experiments.execution import Result
from rhoscope.experiments.plan import Experiment
from rhoscope.experiments.prediction import (
    DRAWS,
    FIRST,
    MEANINGS,
    Case,
    Figure,
    Finding,
    by_strategy,
    early,
    predict,
)
from rhoscope.experiments.report import lines
from rhoscope.states import RunState

FEW_SETTINGS = 20


def cases(experiment: Experiment, results: Sequence[Result]) -> list[Case]:
    """A case for each row with three common seeds whose reference's runs showed something early."""
    crossing = experiment.cross
    if crossing is None:
        return []
    shown = _early(experiment, results)
    entries = []
    for line in lines(experiment, results):
        other = experiment.compared_with(line.row)
        if line.difference is None or not shown.get(other or ""):
            continue
        chosen = line.row.run
        dataset = str(chosen.get("dataset", experiment.base.get("dataset", "av-digits")))
        setting, choice = crossing.setting(chosen), crossing.choice(chosen)
        gain = line.difference.mean
        entries.append(Case(dataset, setting, choice, shown[str(other)], gain, line.difference.n))
    return entries


def _early(experiment: Experiment, results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """The quantities of each reference, means over its completed seeds, by label."""
    every: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        if experiment.compared_with(result.cell.row) is None and result.run.state is RunState.COMPLETED:
            for name, value in early(result.curves, result.run.modalities).items():
                every[result.cell.row.label][name].append(value)
    return {row: {name: float(np.mean(v)) for name, v in shown.items()} for row, shown in every.items()}


def write(entries: Sequence[Case], folder: Path, draws: int = DRAWS) -> list[Path]:
    """Write prediction.md, prediction.csv and cells.csv; their paths.

    Raises:
        InvalidInput: when there are fewer than two data sets.
    """
    findings, apart = predict(entries, draws), by_strategy(entries, draws)
    folder.mkdir(parents=True, exist_ok=True)
    page, table, cells = (folder / name for name in ("prediction.md", "prediction.csv", "cells.csv"))
    page.write_text(text(entries, findings, apart))
    rows = [_row("all", finding) for finding in findings]
    _csv(table, rows + [_row(name, one) for name, each in apart.items() for one in each])
    _csv(cells, [_cell(case) for case in entries])
    return [page, table, cells]


def text(entries: Sequence[Case], findings: Sequence[Finding], apart: Mapping[str, Sequence[Finding]]) -> str:
    """The page: what was asked, the table, what it says in words, and the same of each strategy."""
    sets = sorted({case.dataset for case in entries})
    settings = {(case.dataset, case.setting) for case in entries}
    rows = [
        f"| {f.quantity} | {MEANINGS[f.quantity]} | {_bold(f.correlation, f.certain)} | {_words(f.auc)} | "
        f"{f.p_holm:.3f} | {_each(f)} |"
        for f in findings
    ]
    few = (
        f" With {len(settings)} settings, fewer than {FEW_SETTINGS}, intervals are too narrow."
        if len(settings) < FEW_SETTINGS
        else ""
    )
    return "\n".join(
        [
            "# What predicts the gain of balancing",
            "",
            f"**Question.** Which quantity of the first {FIRST:.0%} of a joint run predicts what a strategy "
            "gains over it?",
            "",
            f"{len(entries)} cells (data set, fusion, optimizer, strategy) of {len(settings)} settings on "
            f"{len(sets)} data sets ({', '.join(sets)}). Each data set is predicted by a fit on the others. "
            "Rank correlation (Spearman) between prediction and gain, and AUC of gains above 0, are means "
            "over the data sets left out. 95 % intervals from drawing settings with replacement, for single "
            "quantities; an AUC takes two cells of each kind on a data set; p from "
            f"exchanging them, after Holm's correction for {len(findings)} quantities. "
            f"**Bold**: p below 5 %.{few}",
            "",
            "| quantity | is | rank correlation | AUC | p | each data set |",
            "| --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            _verdict(findings),
            "",
            *_gains(entries),
            *_apart(apart),
        ]
    )


def _gains(entries: Sequence[Case]) -> list[str]:
    """Cells that gained, and the mean gain, of each strategy on each data set."""
    lines = ["## What was gained", "", "| data set | strategy | cells | gain above 0 | mean gain (points) |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    for dataset, strategy in sorted({(case.dataset, case.strategy) for case in entries}):
        gains = [case.gain for case in entries if (case.dataset, case.strategy) == (dataset, strategy)]
        above = sum(gain > 0 for gain in gains)
        mean = f"{100 * float(np.mean(gains)):+.1f}".replace("-", "−")
        lines.append(f"| {dataset} | {strategy} | {len(gains)} | {above} | {mean} |")
    return [*lines, ""]


def _apart(apart: Mapping[str, Sequence[Finding]]) -> list[str]:
    """The strategies one by one."""
    count = sum(map(len, apart.values()))
    lines = [
        "## Strategy by strategy",
        "",
        f"The same on the cells of one strategy alone, with Holm's correction for all {count} rows. What "
        "predicts may do no more than recognize a setting, such as the optimizer, which is known without any "
        "curve.",
        "",
        "| strategy | quantity | cells | rank correlation | AUC | p | each data set |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {strategy} | {f.quantity} | {f.cells} | {_bold(f.correlation, f.certain)} | "
        f"{_words(f.auc)} | {f.p_holm:.3f} | {_each(f)} |"
        for strategy, findings in apart.items()
        for f in findings
    ]
    return [*lines, ""] if count else []


def _each(finding: Finding) -> str:
    return "; ".join(f"{name} {_number(v)}" for name, v in finding.correlation.each.items())


def _verdict(findings: Sequence[Finding]) -> str:
    certain = [f.quantity for f in findings if f.certain]
    failed = [f.quantity for f in findings if not f.certain]
    if not certain:
        return "**Nothing here predicts the gain** on a data set it was not fitted on."
    rest = f" Nothing is known of: {', '.join(failed)}." if failed else ""
    return f"**Predicts the gain** on a data set it was not fitted on: {', '.join(certain)}.{rest}"


def _bold(figure: Figure, certain: bool) -> str:
    return f"**{_words(figure)}**" if certain else _words(figure)


def _words(figure: Figure) -> str:
    return f"{_number(figure.mean)} [{_number(figure.low)}, {_number(figure.high)}]"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}".replace("-", "−")


def _row(strategy: str, finding: Finding) -> dict[str, object]:
    row: dict[str, object] = {"strategy": strategy, "quantity": finding.quantity, "cells": finding.cells}
    for name, figure in (("correlation", finding.correlation), ("auc", finding.auc)):
        row |= {name: figure.mean, f"{name} low": figure.low, f"{name} high": figure.high}
        row |= {f"{name} {dataset}": value for dataset, value in figure.each.items()}
    return row | {"p": finding.p, "p Holm": finding.p_holm}


def _cell(case: Case) -> dict[str, object]:
    about = {"dataset": case.dataset, "setting": case.setting, "strategy": case.strategy}
    return {**about, **case.quantities, "gain": case.gain, "pairs": case.pairs}


def _csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
