"""Single validation examples of a run, in the terminal."""

import csv
import json
import sys
from typing import Annotated, Any

import typer
from rich.table import Table

from rhoscope.cli.looking import printable
from rhoscope.cli.terminal import client, out
from rhoscope.errors import InvalidInput, NotFound
from rhoscope.samples import SamplesAnswer
from rhoscope.texts import visible


def samples(
    run: str,
    step: Annotated[
        int | None, typer.Option(min=0, help="This validation, or the last before; else the newest.")
    ] = None,
    between: Annotated[str, typer.Option(help="Two modalities, as audio,visual; else the first two.")] = "",
    format: Annotated[str, typer.Option(help="table, csv, or json: one object per line.")] = "table",
) -> None:
    """Show how well each modality alone, and all together, know single validation examples of a run."""
    if format not in ("table", "csv", "json"):
        raise InvalidInput.field("format", "expected one of table, csv, json", format)
    with client() as api:
        answer = api.samples(run, step, _pair(between))
    rows = _rows(answer)
    if not rows:
        raise NotFound(f"Run '{run}' has no examples yet; they come with each validation.")
    if format == "json":
        for row in rows:
            out.print(json.dumps(row), highlight=False, markup=False, soft_wrap=True)
        return
    heads = ["example", "class", *rows[0]["alone"], "together", "gap"]
    cells = [
        [row["example"], row["class"], *row["alone"].values(), row["together"], row["gap"]] for row in rows
    ]
    if format == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows(
            [visible(cell) if isinstance(cell, str) else cell for cell in row] for row in [heads, *cells]
        )
    else:
        _show(heads, cells, answer)


def _pair(between: str) -> tuple[str, str] | None:
    if not between:
        return None
    first, _, second = between.partition(",")
    if not first.strip() or not second.strip() or "," in second:
        raise InvalidInput.field("between", "expected two modalities, separated by a comma", between)
    return first.strip(), second.strip()


def _rows(answer: SamplesAnswer) -> list[dict[str, Any]]:
    """A row per example, those that lean most to the second modality first."""
    examples = answer.samples
    if examples is None:
        return []
    rows = []
    for place, name in enumerate(examples.names):
        alone = {m: column[place] for m, column in examples.alone.items()}
        a, b = (alone.get(m) for m in answer.between) if answer.between else (None, None)
        gap = None if a is None or b is None else round(a - b, 5)
        row = {"example": name, "class": examples.labels[place], "alone": alone}
        rows.append(row | {"together": examples.together[place], "gap": gap})
    return sorted(rows, key=lambda row: (row["gap"] is None, row["gap"] or 0.0, row["example"]))


def _show(heads: list[str], cells: list[list[Any]], answer: SamplesAnswer) -> None:
    table = Table(box=None)
    for place, name in enumerate(heads):
        table.add_column(printable(name), justify="left" if place < 2 else "right")
    for row in cells:
        table.add_row(*(printable(_text(value)) for value in row))
    out.print(table)
    between = f"; gap: {' less '.join(answer.between)}" if answer.between else ""
    words = f"Probability of the right class at step {answer.step}{between}."
    out.print(visible(words), style="dim", highlight=False, markup=False)


def _text(value: str | float | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.3f}"


COMMANDS = (samples,)
