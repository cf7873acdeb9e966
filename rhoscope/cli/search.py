"""Searches over settings from the terminal."""

import time
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from rhoscope.assignments import assignments
from rhoscope.cli.runs import POLL_S, Set, SpecFile, seeds_of
from rhoscope.cli.terminal import client, model_of, out, read_mapping, spec_of
from rhoscope.errors import InvalidInput
from rhoscope.runs import SweepSpec
from rhoscope.search import SearchState, Trials

MOST_SHOWN = 20


def search(
    spec: SpecFile = None,
    set_: Set = [],  # noqa: B006 -- typer copies it
    space: Annotated[
        list[str],
        typer.Option("--space", help="setting=low..high, low..high:log, or v1,v2; may be repeated."),
    ] = [],  # noqa: B006 -- typer copies it
    trials_: Annotated[int | None, typer.Option("--trials", help="Number of trials; default: 20.")] = None,
    seeds: Annotated[str, typer.Option(help="Seeds of each trial: 0,1,2 or 0-4")] = "",
    options: Annotated[
        list[str],
        typer.Option(
            "--with",
            help="sampler=cma-es, pruner=median, parallel=4, budget_minutes=60, series=val.loss, "
            "direction=minimize, or another option of a search; may be repeated.",
        ),
    ] = [],  # noqa: B006 -- typer copies it
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end, then print the trials.")] = False,
) -> None:
    """Let a sampler choose the runs of a sweep, trial by trial, and print the sweep's ID."""
    content = read_mapping(spec)
    given = assignments(options) | ({} if trials_ is None else {"trials": str(trials_)})
    block = _block(content.pop("search", {}), space, given)
    whole: dict[str, Any] = {"name": content.pop("name", ""), "search": block}
    listed = seeds or content.pop("seeds", [])
    base = content.pop("base", None)
    if not isinstance(base, dict | None):
        raise InvalidInput.field("base", "expected a mapping of settings, such as alpha: 0.3", base)
    whole["base"] = spec_of((content if base is None else base) | assignments(set_))
    whole["seeds"] = seeds_of(listed) if isinstance(listed, str) else listed
    with client() as api:
        made = api.sweep(model_of(SweepSpec, whole))
        out.print(f"sweep {made.id}", highlight=False)
        if not wait:
            out.print(f"rhoscope trials {made.id} shows how far it is.", style="dim")
            return
        while (now := api.trials(made.id)).status.state == SearchState.RUNNING:
            time.sleep(POLL_S)
    _show(now)


def trials(
    sweep: str,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the search and its runs first.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Let a stopped search go on first.")] = False,
) -> None:
    """Show the trials of a search, the best first, and which settings decide."""
    with client() as api:
        if stop:
            api.stop_sweep(sweep)
        if resume:
            api.resume_search(sweep)
        now, weights = api.trials(sweep), api.importance(sweep)
    _show(now)
    for one in weights.settings:
        out.print(f"{one.name}: {one.share:.0%} [{one.low:.0%}, {one.high:.0%}]", highlight=False)
    out.print(weights.note, style="dim")


def _block(file: Any, space: list[str], given: dict[str, str]) -> dict[str, Any]:
    """The search of a file, with axes and options of the command on top."""
    if not isinstance(file, dict) or not isinstance(file.get("space", {}), dict):
        raise InvalidInput.field("search", "expected a mapping with a space, such as space: {alpha: 0.1..2}")
    for text in space:
        setting, equals, axis = text.partition("=")
        if not equals or not setting or not axis:
            raise InvalidInput(f"--space '{text}' is not of the form setting=low..high or setting=v1,v2.")
    axes = {**file.get("space", {}), **assignments(space)}
    if not axes:
        raise InvalidInput("A search needs a setting to vary, as in --space alpha=0.1..2.")
    return {**file, **given, "space": axes}


def _show(now: Trials) -> None:
    names = list(now.search.space)
    table = Table("trial", *names, now.search.series, "state", box=None)
    sign = -1 if now.maximizes else 1
    order = sorted(now.trials, key=lambda one: (one.value is None, sign * (one.value or 0.0), one.number))
    for one in order[:MOST_SHOWN]:
        value = f"{one.value:.4g}" if one.value is not None else ""
        words = [str(one.number), *(str(one.values.get(name, "")) for name in names), value, one.state]
        table.add_row(*map(Text, words))
    out.print(table)
    if len(order) > MOST_SHOWN:
        out.print(f"{len(order) - MOST_SHOWN} more.", style="dim")
    status = now.status
    said = f"{status.state}: {status.ended} of {status.planned} trials have ended. {status.reason}"
    out.print(said.strip(), highlight=False)


COMMANDS = (search, trials)
