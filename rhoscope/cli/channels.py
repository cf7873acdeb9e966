"""Channels from the terminal: where messages about runs go."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from rhoscope.channels import NewChannel
from rhoscope.cli.terminal import client, model_of, out

channel = typer.Typer(
    no_args_is_help=True, help="Channels: where messages about runs go, such as Slack or mail."
)


@channel.command("add")
def add_channel(
    name: str,
    address: Annotated[
        str, typer.Argument(help="As Apprise reads it: slack://TOKENS, mailtos://…, jsons://HOST/PATH.")
    ],
    on: Annotated[
        str, typer.Option(help="Comma-separated: alert, completed, failed, lost, stopped.")
    ] = "alert,failed,lost",
) -> None:
    """Add a channel. Messages begin with what happens next."""
    occasions = [word.strip() for word in on.split(",") if word.strip()]
    new = model_of(NewChannel, {"name": name, "address": address, "occasions": occasions})
    with client() as api:
        added = api.channels.add(new)
    out.print(f"{added.id}  {added.service}", highlight=False, markup=False)


@channel.command("list")
def list_channels() -> None:
    """List all channels, and why messages were not taken."""
    with client() as api:
        channels = api.channels.all()
    table = Table("id", "name", "service", "on", "state", box=None)
    for one in channels:
        state = one.problem or ("well" if one.enabled else "off")
        table.add_row(one.id, Text(one.name), one.service, ", ".join(one.occasions), Text(state))
    out.print(table)


@channel.command("test")
def test_channel(channel: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Send a message now."""
    with client() as api:
        api.channels.test(channel)


@channel.command("remove")
def remove_channel(channel: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Delete a channel."""
    with client() as api:
        api.channels.delete(channel)


GROUPS = {"channel": channel}
