"""Users and tokens from the terminal."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from rhoscope.accounts import Role
from rhoscope.cli.terminal import client, out
from rhoscope.errors import InvalidInput, NotFound

user = typer.Typer(no_args_is_help=True, help="Users: who may log in, and what they may do.")
token = typer.Typer(no_args_is_help=True, help="Personal tokens for programs.")
Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@user.command("add")
def add_user(
    name: str,
    role: Annotated[
        Role | None, typer.Option(help="Default: admin for the first user, operator for others.")
    ] = None,
    password_stdin: Stdin = False,
) -> None:
    """Add a user. From the first one on, everybody has to log in."""
    with client() as api:
        added = api.accounts.add_user(name, _password(password_stdin), role)
    out.print(f"{added.name}  {added.role}", highlight=False, markup=False)


@user.command("list")
def list_users() -> None:
    """List all users with their roles."""
    with client() as api:
        users = api.accounts.users()
    table = Table("name", "role", "added", box=None)
    for one in users:
        table.add_row(Text(one.name), one.role, _day(one.created))
    out.print(table)


@user.command("remove")
def remove_user(name: str) -> None:
    """Remove a user with all sessions and tokens."""
    with client() as api:
        api.accounts.remove_user(name)


@user.command("password")
def set_password(name: str, password_stdin: Stdin = False) -> None:
    """Give a user a new password; their sessions end."""
    with client() as api:
        api.accounts.edit_user(name, password=_password(password_stdin))


@user.command("role")
def set_role(name: str, role: Role) -> None:
    """Give a user another role: viewer, operator, or admin."""
    with client() as api:
        api.accounts.edit_user(name, role=role.value)


@token.command("add")
def add_token(
    name: Annotated[str, typer.Argument(help="What it is for, such as laptop.")],
    owner: Annotated[str, typer.Option("--user", help="Whose it is; default: your own.")] = "",
) -> None:
    """Make a personal token; it is printed once. Use it as RHOSCOPE_API_TOKEN."""
    with client() as api:
        out.print(api.accounts.add_token(name, owner).token, highlight=False, markup=False, soft_wrap=True)


@token.command("list")
def list_tokens(owner: Annotated[str, typer.Option("--user", help="Only this user's.")] = "") -> None:
    """List personal tokens: your own, or everybody's for an admin."""
    with client() as api:
        tokens = api.accounts.tokens(owner)
    table = Table("id", "user", "name", "made", "last used", box=None)
    for one in tokens:
        seen = _day(one.seen) if one.seen else "never"
        table.add_row(one.id, Text(one.user), Text(one.name), _day(one.created), seen)
    out.print(table)


@token.command("revoke")
def revoke_token(
    name: Annotated[str, typer.Argument(help="ID or name of the token.")],
    owner: Annotated[str, typer.Option("--user", help="Whose it is, where several have the name.")] = "",
) -> None:
    """Revoke a personal token: it no longer lets anybody in."""
    with client() as api:
        meant = [one.id for one in api.accounts.tokens(owner) if name in (one.id, one.name)]
        if not meant:
            raise NotFound(f"There is no token '{name}'; `rhoscope token list` lists them.")
        if len(meant) > 1:
            raise InvalidInput(
                f"{len(meant)} tokens are named '{name}'; name its ID, or its user with --user."
            )
        api.accounts.revoke_token(meant[0])


def _password(from_stdin: bool) -> str:
    """Never as an argument: everybody on the machine can read those."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InvalidInput("There is no terminal to ask for the password; pipe it in with --password-stdin.")
    entered: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return entered


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


GROUPS = {"user": user, "token": token}
