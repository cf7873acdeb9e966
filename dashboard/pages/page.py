"""A page: its address, its title, and, where it needs Dash, what Dash shows and answers there."""

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
class Form:
    """Dash's part of a page.

    `layout` is called for each visit, in the event loop: it must not block. `register` adds callbacks.
    """

    layout: Callable[[], Any]
    register: Callable[[Dash, Context], None]


@dataclass(frozen=True)
class Page:
    """`dashboard/page/pages` draws it, under the same path. With `linked`, the header leads there."""

    path: str
    title: str
    form: Form | None = None
    linked: bool = True
