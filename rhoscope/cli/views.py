"""Saved views from the terminal."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from rhoscope.cli.terminal import client, out
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.errors import NotFound
from rhoscope.views import View, address_of

DASHBOARD = "http://127.0.0.1:8050"
views = typer.Typer(help="Saved views: what pages show, and how, under names.")
_View = Annotated[str, typer.Argument(metavar="VIEW", help="Its name or ID.")]
_Address = Annotated[
    str,
    typer.Argument(help="A page's address, as the browser shows it or from its path on: /compare?sweep=ID."),
]


@views.callback(invoke_without_command=True)
def list_if_alone(context: typer.Context) -> None:
    """Saved views: what pages show, and how, under names. Lists them where no command follows."""
    if context.invoked_subcommand is None:
        list_views()


@views.command("list")
def list_views() -> None:
    """List all views."""
    with client() as api:
        saved = api.views.all()
    table = Table("id", "name", "address", "author", box=None)
    for one in saved:
        table.add_row(one.id, Text(one.name), Text(one.address, overflow="fold"), Text(one.author))
    out.print(table)


@views.command("add")
def add_view(name: str, address: _Address) -> None:
    """Save a page under a name that no other view has."""
    with client() as api:
        added = api.views.save(name, address_of(address, Environment.load().base_path))
    out.print(f"{added.id}  {added.name}", highlight=False, markup=False)


@views.command("rename")
def rename_view(view: _View, name: Annotated[str, typer.Argument(help="Its new name.")]) -> None:
    """Give a view another name."""
    with client() as api:
        api.views.edit(_found(api, view).id, name=name)


@views.command("delete")
def delete_view(view: _View) -> None:
    """Delete a view; the runs that it shows stay."""
    with client() as api:
        api.views.delete(_found(api, view).id)


@views.command("open")
def open_view(
    view: _View,
    dashboard: Annotated[
        str, typer.Option(help="Where the dashboard is, with the path of a proxy before it.")
    ] = DASHBOARD,
) -> None:
    """Print the whole address of a view, for a browser or a message."""
    with client() as api:
        address = _found(api, view).address
    out.print(f"{dashboard.rstrip('/')}{address}", highlight=False, markup=False, soft_wrap=True)


def _found(api: Client, view: str) -> View:
    """Raises: NotFound, for neither a name nor an ID of a view."""
    name = " ".join(view.split())
    saved = api.views.all()
    for one in saved:
        if name in (one.name, one.id):
            return one
    raise NotFound(f"There is no view '{name}'; `rhoscope views` lists them.")


GROUPS = {"views": views}
