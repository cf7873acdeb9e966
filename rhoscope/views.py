"""Saved views: addresses of pages under a name. What a page shows, and how, is all in its address."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rhoscope.texts import visible

LONGEST_ADDRESS = 8000
"""Characters: room for 200 runs, filters, series, and an arrangement."""
PAGES = ("", "watch", "compare", "sweeps", "workers")
"""Paths of the pages that can be saved; "" is the list of runs with the launch form."""
_ADDRESS = re.compile(rf'/(?:{"|".join(filter(None, PAGES))})?(?:\?[!"$-~]*)?')
_SERVER = re.compile(r"^https?://[^/?#]*")
_SHOWN = 60


def _named(name: str) -> str:
    trimmed = " ".join(name.split())
    if not trimmed:
        raise ValueError("a view needs a name")
    if visible(trimmed) != trimmed:
        raise ValueError(f"'{visible(trimmed[:_SHOWN])}' holds characters that can't be seen; leave them out")
    return trimmed


def _addressed(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise ValueError(
            f"'{visible(address[:_SHOWN])}' is not the address of a page; expected its path and parameters "
            "on this server, such as /compare?runs=A,B&by=alpha"
        )
    return address


def address_of(url: str, base: str = "") -> str:
    """A page's path and parameters out of what a browser shows, without the server and a proxy's path `base`.

    >>> address_of("http://127.0.0.1:8050/rho/compare?runs=a,b#charts", "/rho")
    '/compare?runs=a,b'
    >>> address_of("/sweeps"), address_of("http://127.0.0.1:8050")
    ('/sweeps', '/')
    """
    local = _SERVER.sub("", url.partition("#")[0])
    path, mark, query = local.partition("?")
    path = path.removeprefix(base) if f"{path}/".startswith(f"{base}/") else path
    return f"{path or '/'}{mark}{query}"


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_named)]
Address = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_ADDRESS,
        description="path and parameters of a page, such as `/compare?runs=A,B&by=alpha&align=epoch`; "
        "without the server's name, and without the path of a proxy before it",
    ),
    AfterValidator(_addressed),
]


class NewView(BaseModel):
    """A view to be saved."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    address: Address


class ViewEdit(BaseModel):
    """Changes to a view; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    address: Address | None = None


class View(BaseModel):
    """A view that is kept."""

    id: str
    name: str = Field(description="of this view alone")
    address: str
    author: str = Field(description="name of who saved it; empty where nobody has to log in")
    created: float = Field(description="Unix seconds")
