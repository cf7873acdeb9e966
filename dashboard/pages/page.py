"""A page: an address, a title, a layout, and its callbacks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import Dash

from rhoscope.client import Client


@dataclass(frozen=True)
class Context:
    """Dependencies of callbacks: the API. Its calls block; run them in a thread."""

    client: Client


@dataclass(frozen=True)
class Page:
    """`layout` is called for each visit, in the event loop: it must not block. `register` adds callbacks.

    With `linked`, the header of every page links to it.
    """

    path: str
    title: str
    layout: Callable[[], Any]
    register: Callable[[Dash, Context], None]
    linked: bool = True
