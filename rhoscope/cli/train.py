"""One run in this terminal, with no server at all."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from rhoscope.cli.servers import check_package
from rhoscope.cli.terminal import err, out, read_spec
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.spec import RunSpec

SHOWN = ("loss", "accuracy")
"""Series beside the progress bar; every rho joins them."""

COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeRemainingColumn(),
    TextColumn("[dim]{task.fields[numbers]}[/]"),
)


def train(
    spec: Annotated[
        Path | None, typer.Argument(help="YAML or JSON specification; defaults without it.")
    ] = None,
    set_: Annotated[list[str], typer.Option("--set", help="setting=value, may be repeated.")] = [],  # noqa: B006
) -> None:
    """Train one run here: a progress bar and a final table. Ctrl-C stops it."""
    check_package("trainer")
    wanted = read_spec(spec, set_)
    err.print(f"[dim]{wanted.title()}[/]")
    last: dict[str, Any] = {}
    with Progress(*COLUMNS, console=err, transient=True) as progress:
        bar = progress.add_task("loading", total=None, numbers="")
        for said in _training(wanted):
            match said["kind"]:
                case "started":
                    progress.update(bar, description="training", total=said["data"]["total_steps"])
                case "progress":
                    numbers = _numbers(said["data"]["values"])
                    progress.update(bar, completed=said["step"], numbers=numbers)
                case "table":
                    last = said["data"]
                case "refused":
                    raise _refusal(said["data"])
                case "log":
                    progress.console.print(said["data"]["line"], markup=False)
                case "finished":
                    outcome = said
    _report(outcome, last)


def _training(spec: RunSpec) -> Iterator[dict[str, Any]]:
    """What the training process says, line by line; an interrupt is passed on to it."""
    command = [sys.executable, "-m", "trainer.run", "--local", "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        before = signal.signal(signal.SIGINT, lambda *_: process.send_signal(signal.SIGINT))
        try:
            if process.stdin is None or process.stdout is None:
                return
            with suppress(BrokenPipeError):
                process.stdin.write(spec.model_dump_json())
                process.stdin.close()
            finished = False
            for line in process.stdout:
                said = json.loads(line)
                finished |= said["kind"] in {"finished", "refused"}
                yield said
            if not finished:
                reason = f"The training process ended with code {process.wait()}."
                yield {"kind": "finished", "step": 0, "data": {"state": "failed", "reason": reason}}
        finally:
            signal.signal(signal.SIGINT, before)
            if process.poll() is None:
                process.terminate()


def _numbers(values: dict[str, float]) -> str:
    shown = [name for name in values if name in SHOWN or name.startswith("rho.")]
    return "  ".join(f"{name} {float(values[name]):.3g}" for name in shown)


def _refusal(problem: dict[str, Any]) -> InvalidInput:
    return InvalidInput(problem["detail"], [FieldError.model_validate(e) for e in problem.get("errors", [])])


def _report(outcome: dict[str, Any], last: dict[str, Any]) -> None:
    if last:
        table = Table("series", "last value", box=None)
        for name, value in sorted(last["values"].items()):
            table.add_row(name, f"{float(value):.4g}")
        out.print(table)
        best = last.get("best") or {}
        if "val.accuracy" in best:
            out.print(f"best validation accuracy {best['val.accuracy']:.1%} at step {best['step']}")
    state, reason = outcome["data"]["state"], outcome["data"].get("reason", "")
    out.print(f"{state} at step {outcome['step']}. {reason}".strip(), highlight=False)
    if state == "failed":
        raise typer.Exit(1)


COMMANDS = (train,)
