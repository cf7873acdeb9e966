"""The verdict on a run, in the terminal."""

from typing import Annotated

import typer
from rich.text import Text

from rhoscope.cli.terminal import client, out
from rhoscope.verdict import Judgment

STUDY = "balancing-pays"
TRIAL = "Try the candidates on this run: rhoscope remedies RUN."


def verdict(
    run: str,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what was looked at and not found, and what can't be said.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
) -> None:
    """Say what a run's curves show: what is wrong, on which evidence, and what to do."""
    with client() as api:
        judgments = api.verdict(run)
    shown = judgments if everything else [one for one in judgments if one.speaks]
    for one in shown:
        if as_json:
            out.print(one.model_dump_json(), highlight=False, soft_wrap=True)
        else:
            _say(one)
    if as_json:
        return
    if not shown:
        reason = next(one.sentence for one in judgments if one.name == "no-finding")
        out.print(reason, soft_wrap=True, highlight=False)
    unsaid = [one.sentence for one in judgments if one.name == STUDY and one not in shown]
    out.print(" ".join([*unsaid, TRIAL.replace("RUN", run)]), style="dim", soft_wrap=True, highlight=False)


def _say(one: Judgment) -> None:
    mark = "!" if one.speaks and one.name != "no-finding" else "·"
    title = Text.assemble(f"{mark} ", (one.title, "bold"), f"  {one.sentence}")
    out.print(title, soft_wrap=True, highlight=False)
    for part in one.evidence if one.speaks else []:
        out.print(f"    {part.series}, steps {part.start} to {part.end}", style="dim", highlight=False)
    if one.speaks and one.remedy:
        out.print(f"    → {one.remedy}", soft_wrap=True, highlight=False)


COMMANDS = (verdict,)
