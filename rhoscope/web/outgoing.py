"""How a request to an API leaves this machine."""

from typing import Any, TypedDict
from urllib.parse import urlsplit

import httpx

from rhoscope.errors import InvalidInput
from rhoscope.web.hosts import is_loopback
from rhoscope.web.masks import masked


class Outgoing(TypedDict):
    """Options of an httpx client."""

    trust_env: bool
    verify: bool


def outgoing(url: str) -> Outgoing:
    """Options for requests to this address.

    The proxy that a network prescribes (`HTTP_PROXY`) can't reach our own loopback, so it is passed by there.
    Certificates are read for https only, since reading them takes longer than a request.

    >>> outgoing("http://127.0.0.1:8000"), outgoing("https://rho.example.org")
    ({'trust_env': False, 'verify': False}, {'trust_env': True, 'verify': True})
    """
    parts = urlsplit(url)
    return {"trust_env": not is_loopback(parts.hostname or ""), "verify": parts.scheme != "http"}


def connection(url: str, token: str, **options: Any) -> httpx.Client:
    """A client of the API whose root is `url`; nothing is sent yet. `options` are those of httpx.

    Raises:
        InvalidInput: for what can be no address or no token.
    """
    if not (token.isascii() and token.isprintable()):
        raise InvalidInput("The token of the API holds characters that no token has; copy it again.")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError("an address of another kind")
        base = f"{url.rstrip('/')}/api/v1"
        return httpx.Client(base_url=base, headers=headers, **options, **outgoing(url))
    except (ValueError, httpx.InvalidURL):
        shown = f"{masked(url[:100])!r}"
        raise InvalidInput(f"{shown} is not the address of an API; expected http://HOST:PORT.") from None
