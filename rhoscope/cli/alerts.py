"""Alerts from the terminal."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from rhoscope.alerts import AlertRule
from rhoscope.assignments import assignments
from rhoscope.cli.terminal import client, model_of, out


def alerts(
    set_: Annotated[
        list[str],
        typer.Option(
            "--set",
            help="Create an alert from fields: series='rho.*' condition=above threshold=3 mean_of=20 run=ID.",
        ),
    ] = [],  # noqa: B006 -- typer copies it
    remove: Annotated[str, typer.Option(help="Delete the alert with this ID.")] = "",
    fired: Annotated[bool, typer.Option("--fired", help="List the alerts that fired most recently.")] = False,
) -> None:
    """List alerts or those that fired; create and delete them."""
    with client() as api:
        if set_:
            new_rule = api.add_alert(model_of(AlertRule, assignments(set_)))
            out.print(f"{new_rule.id}  {new_rule.words}", highlight=False, markup=False)
            return
        if remove:
            api.delete_alert(remove)
            return
        table = (
            Table("run", "step", "alert", box=None) if fired else Table("id", "alert", "runs", "on", box=None)
        )
        for one in api.fired() if fired else []:
            table.add_row(Text(one.name), str(one.step), Text(one.words))
        for rule in [] if fired else api.alerts():
            where = rule.run or (f"tagged {rule.tag}" if rule.tag else "all")
            table.add_row(rule.id, Text(rule.words), Text(where), "yes" if rule.enabled else "no")
    out.print(table)


COMMANDS = (alerts,)
