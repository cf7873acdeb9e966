"""How the user of `rhoscope up` gets in where others must not: a token in a file that only they can read."""

import secrets
from html import escape
from pathlib import Path

from rhoscope.environment import Environment
from rhoscope.local import neighbors


def reason(environment: Environment) -> str:
    """Why `up` makes a token, in a few words; empty when it does not."""
    if environment.api_token or environment.exposed or environment.login == "none":
        return ""
    return "RHOSCOPE_LOGIN is required" if environment.login == "required" else neighbors.others()


def token(environment: Environment) -> str:
    """The token in the data directory, which is made once. Raises: OSError."""
    path = environment.token_file
    if not path.exists():
        path.touch(mode=0o600)
    path.chmod(0o600)
    known = path.read_text().strip()
    if not known:
        known = secrets.token_urlsafe(32)
        path.write_text(f"{known}\n")
    return known


def link(environment: Environment, url: str) -> str:
    """The address that a browser opens: the page, or a file that brings it there with the token.

    A program's arguments can be read by everybody on the machine; this file can't. Raises: OSError.
    """
    if not environment.api_token:
        return url
    path: Path = environment.data_dir.absolute() / "open.html"
    path.touch(mode=0o600)
    path.chmod(0o600)
    there = escape(f"{url}/login#token={environment.api_token}")
    refresh = f'<meta http-equiv="refresh" content="0; url={there}">'
    path.write_text(f'<!DOCTYPE html><meta charset="utf-8"><title>rhoscope</title>{refresh}\n')
    return path.as_uri()
