"""One run in this terminal, with no server at all."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from types import FrameType, TracebackType
from typing import Annotated, Any, Self

import psutil
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from rhoscope import literals
from rhoscope.cli.servers import check_package
from rhoscope.cli.terminal import err, out, read_spec
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.spec import RunSpec

SHOWN = ("loss", "accuracy")
"""Series beside the progress bar; every rho joins them."""

COLUMNS = (
    TextColumn("{task.description}", markup=False),
    BarColumn(),
    MofNCompleteColumn(),
    TimeRemainingColumn(),
    TextColumn("{task.fields[numbers]}", style="dim", markup=False),
)


def train(
    spec: Annotated[
        Path | None, typer.Argument(help="Specification as a YAML or JSON file; default settings if omitted.")
    ] = None,
    set_: Annotated[list[str], typer.Option("--set", help="setting=value; may be repeated.")] = [],  # noqa: B006
) -> None:
    """Train one run in this terminal; Ctrl-C stops it, a second Ctrl-C ends it at once."""
    check_package("trainer")
    run_spec = _ours(read_spec(spec, set_))
    err.print(run_spec.title(), style="dim")
    last: dict[str, Any] = {}
    with Interrupts() as interrupts, Progress(*COLUMNS, console=err, transient=True) as progress:
        bar = progress.add_task("loading", total=None, numbers="")
        for said in _training(run_spec, interrupts):
            match said["kind"]:
                case "started":
                    progress.update(bar, description="training", total=said["data"]["total_steps"])
                case "progress":
                    last = said["data"]
                    progress.update(bar, completed=said["step"], numbers=_numbers(last["values"]))
                case "summary":
                    last = said["data"]
                case "refused":
                    raise _refusal(said["data"])
                case "log":
                    progress.console.print(said["data"]["line"], markup=False)
                case "finished":
                    outcome = said
    _report(outcome, last)


def _ours(spec: RunSpec) -> RunSpec:
    """Raises: InvalidInput, for a run of a user's program."""
    if spec.program:
        message = f"its worker runs '{spec.program}'; use rhoscope launch, or start the program yourself"
        raise InvalidInput.field("program", message, spec.program)
    return spec


def _training(spec: RunSpec, interrupts: "Interrupts") -> Iterator[dict[str, Any]]:
    """The messages of the training process, one per line; the last is `finished` or `refused`.

    It begins with interrupts blocked, and takes them once it can stop in good order.
    """
    command = [sys.executable, "-m", "trainer.run", "--local", "-"]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        processes = literals.read(spec.settings.get("processes", 1), {"type": "integer"})
        interrupts.attach(process, processes if isinstance(processes, int) else 1)
        try:
            if process.stdin is None or process.stdout is None:
                return
            with suppress(BrokenPipeError):
                process.stdin.write(spec.model_dump_json())
                process.stdin.close()
            ended = False
            for said in map(_line, process.stdout):
                ended |= said["kind"] in {"finished", "refused"}
                interrupts.pass_on()
                yield said
            if not ended:
                state, reason = interrupts.end(process.wait())
                yield {"kind": "finished", "step": 0, "data": {"state": state, "reason": reason}}
        finally:
            if process.poll() is None:
                process.terminate()


class Interrupts:
    """Ctrl-C, passed on to the processes that train: the first stops the run, the second ends them.

    One that comes before there is a process waits for it.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._several = False
        self._count = 0
        self._passed = 0
        self._words: SimpleQueue[str] = SimpleQueue()
        self._speaker = threading.Thread(target=self._speak, name="interrupts", daemon=True)

    def __enter__(self) -> Self:
        self._speaker.start()
        self._before = signal.signal(signal.SIGINT, self._take)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)
        self._words.put("")
        self._speaker.join()

    def _speak(self) -> None:
        """Print in a thread: a handler may have interrupted a write, and a stream takes no second one."""
        for words in iter(self._words.get, ""):
            err.print(words, style="dim")

    def attach(self, process: subprocess.Popen[str], processes: int) -> None:
        """Whom interrupts are for: the process, or where several share the run, those it starts."""
        self._process, self._several = process, processes > 1
        self.pass_on()

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._count == 1:
            self._words.put("Stopping at the next step; Ctrl-C again ends it at once.")
        self.pass_on()

    def pass_on(self) -> None:
        """Pass on what nobody has got yet; torchrun itself would end its processes without an outcome."""
        if self._process is None or self._passed == self._count:
            return
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            if self._count > 1:
                os.killpg(self._process.pid, signal.SIGKILL)
            first = psutil.Process(self._process.pid)
            for trains in first.children() if self._several else [first]:
                trains.send_signal(signal.SIGINT)
                self._passed = self._count

    def end(self, code: int) -> tuple[str, str]:
        """State and reason of a run whose processes ended with this code and without an outcome."""
        if self._count:
            return "stopped", "Ended by Ctrl-C."
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return "failed", f"The training process {how}."


def _line(text: str) -> dict[str, Any]:
    """A line of the training process; what a plug-in prints is shown as a log line."""
    with suppress(ValueError):
        said = json.loads(text)
        if isinstance(said, dict) and "kind" in said:
            return said
    return {"kind": "log", "data": {"line": text.rstrip("\n")}}


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
    out.print(f"{state} at step {outcome['step']}. {reason}".strip(), highlight=False, markup=False)
    if state == "failed":
        raise typer.Exit(1)


COMMANDS = (train,)
