"""How a request to an API leaves this machine."""

from typing import TypedDict
from urllib.parse import urlsplit

from rhoscope.web.hosts import is_loopback


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
