"""Remedies for a run, tried from the terminal."""

import time
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from rhoscope.cli.runs import POLL_S, seeds_of
from rhoscope.cli.terminal import client, model_of, out
from rhoscope.errors import InvalidInput
from rhoscope.remedies import Candidate, Place, Ranking, Suggestion, Trial


def remedies(
    run: str,
    candidate: Annotated[
        list[str],
        typer.Option(
            help="strategy, setting=value or both, separated by commas: ogm-ge,alpha=0.8; may be repeated. "
            "Default: what the verdict suggests."
        ),
    ] = [],  # noqa: B006 -- typer copies it
    step: Annotated[
        int | None,
        typer.Option(min=0, help="Start from the last checkpoint at or before this step; default: anew."),
    ] = None,
    horizon: Annotated[int | None, typer.Option(min=1, help="Epochs of those that stay longest.")] = None,
    seeds: Annotated[str, typer.Option(help="0,1,2 or 0-4; default: the run's and the next two.")] = "",
    dry: Annotated[bool, typer.Option("--dry-run", help="Show what would be tried; queue nothing.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end, then print the ranking.")] = False,
) -> None:
    """Try what would help a run: train candidates side by side, let the better half go on, and rank them."""
    given: dict[str, Any] = {"candidates": [candidate_of(text) for text in candidate]} if candidate else {}
    given |= {name: value for name, value in (("step", step), ("horizon", horizon)) if value is not None}
    given |= {"seeds": seeds_of(seeds)} if seeds else {}
    trial = model_of(Trial, given)
    with client() as api:
        if dry:
            _suggest(api.suggestion(run))
            return
        made = api.remedies(run, trial)
        out.print(f"sweep {made.id}", highlight=False)
        if not wait:
            out.print(f"rhoscope ranking {made.id} shows how the candidates stand.", style="dim")
            return
        while not (now := api.ranking(made.id)).over:
            time.sleep(POLL_S)
    _show(now)


def ranking(sweep: str) -> None:
    """Show how the candidates of a sweep of remedies stand against the control."""
    with client() as api:
        _show(api.ranking(sweep))


def candidate_of(text: str) -> dict[str, Any]:
    """A candidate out of `ogm-ge,alpha=0.8`.

    Raises:
        InvalidInput: for a text with two strategies.

    >>> candidate_of("ogm-ge,alpha=0.8")
    {'strategy': 'ogm-ge', 'settings': {'alpha': '0.8'}}
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    strategies = [part for part in parts if "=" not in part]
    if len(strategies) > 1 or not parts:
        raise InvalidInput(f"--candidate '{text}' is not of the form strategy,setting=value,...")
    pairs = [part.partition("=") for part in parts if "=" in part]
    settings = {name.strip(): value.strip() for name, _, value in pairs}
    return {"strategy": strategies[0] if strategies else "", "settings": settings}


def _suggest(suggestion: Suggestion) -> None:
    for one in [Candidate(name=f"{suggestion.control} (control)"), *suggestion.candidates]:
        out.print(one.title(), highlight=False)
    cost = f", about {suggestion.minutes:g} minutes of training" if suggestion.minutes is not None else ""
    rungs = ", ".join(str(rung) for rung in suggestion.rungs)
    seeds = ", ".join(str(seed) for seed in suggestion.seeds)
    out.print(
        f"{suggestion.trainings} runs{cost}; seeds {seeds}; compared after epochs {rungs}.", highlight=False
    )


def _show(standing: Ranking) -> None:
    table = Table(
        "candidate", "until step", "val accuracy", "over the control", "p (Holm)", "minutes", box=None
    )
    for place in standing.places:
        table.add_row(*map(Text, _row(place)))
    out.print(table)
    if standing.winner:
        best = next(place for place in standing.places if place.name == standing.winner)
        out.print(
            f"{standing.winner} is best after {standing.minutes:.1f} minutes of training.", highlight=False
        )
        if best.waiting:
            out.print(f"Go on with it: rhoscope resume {best.waiting[0]}", highlight=False)
    elif not standing.over:
        out.print("The race is still on.", style="dim")


def _row(place: Place) -> tuple[str, ...]:
    accuracy = f"{place.accuracy:.1%}" if place.accuracy is not None else ""
    gain, p = "", ""
    if (over := place.advantage) and over.mean is not None:
        gain = f"{100 * over.mean:+.1f}"
        if over.low is not None and over.high is not None:
            gain += f" [{100 * over.low:+.1f}, {100 * over.high:+.1f}]"
        p = f"{over.p_holm:.3f}" if over.p_holm is not None else ""
    rung = str(place.rung) if place.rung is not None else ""
    return place.name, rung, accuracy, gain, p, f"{place.minutes:.1f}"


COMMANDS = (remedies, ranking)
