"""The names under which a server may be addressed.

A site can let its own name point to this machine (DNS rebinding): its page then is of the same origin as
ours and reads and changes what it likes. Its requests carry its name as `Host`, by which they are refused.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from rhoscope.errors import Forbidden, InvalidInput
from rhoscope.web.asgi import App, Receive, Scope, Send, headers, refuse

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{0,5})?")
ENTRY = r"\*|(\*\.)?[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:.]+\]?"
"""One entry of RHOSCOPE_ALLOWED_HOSTS: a name, an address, `*.name` for all names below it, `*` for all."""


class Hosts:
    """Loopback, this machine's own name and addresses, and the `allowed` names; ports do not count.

    >>> hosts = Hosts(["*.lab.example"])
    >>> [hosts.admit(host) for host in ("localhost:8050", "gpu.lab.example", "evil.example")]
    [True, True, False]
    """

    def __init__(self, allowed: Iterable[str] = (), *, listening: str = "", urls: Iterable[str] = ()) -> None:
        """`listening`: the host that the server listens on; `urls`: addresses under which it is known."""
        own = socket.gethostname().lower()
        known = {"localhost", own, f"{own}.local", _bare(listening)}
        known |= {(urlsplit(url).hostname or "").lower() for url in urls}
        given = {_bare(name) for name in allowed}
        self._every = "*" in given
        self._below = (*tuple(name[1:] for name in given if name.startswith("*.")), ".localhost")
        self._names = (known | given) - {"", "*"}

    def admit(self, host: str, local: str = "") -> bool:
        """Whether a `Host` header names us; `local` is the address at which the connection arrived."""
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = _bare(match["name"])
        if self._every or name in self._names or name.endswith(self._below):
            return True
        address = _address(name)
        return address is not None and (address.is_loopback or address == _address(local))


class KnownHost:
    """Refuses requests and WebSockets that name another host than ours, or several."""

    def __init__(self, app: App, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or not (stranger := self._stranger(scope)):
            await self._app(scope, receive, send)
            return
        hint = "If it is this server's name, add it to RHOSCOPE_ALLOWED_HOSTS."
        await refuse(scope, send, Forbidden(f"This server is not known as {stranger[:200]!r}. {hint}"))

    def _stranger(self, scope: Scope) -> str:
        """The first host that is not ours; a space when none is named."""
        local = (scope.get("server") or ("",))[0]
        named = list(headers(scope, "host"))
        named += [one.strip() for many in headers(scope, "x-forwarded-host") for one in many.split(",")]
        if not named or len(list(headers(scope, "host"))) != 1:
            return " "
        return next((host or " " for host in named if not self._hosts.admit(host, local)), "")


def unguarded(host: str) -> InvalidInput:
    """Why a server does not listen on `host`."""
    return InvalidInput(
        f"Other machines could reach {host}, and nobody would have to log in. Set RHOSCOPE_API_TOKEN, or "
        "first add a user with `rhoscope user add` while the server listens on 127.0.0.1; or keep it there."
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens on `host`.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0"), is_loopback("")
    (True, False, False)
    """
    name = _bare(host)
    address = _address(name)
    return address.is_loopback if address else name == "localhost" or name.endswith(".localhost")


def _bare(name: str) -> str:
    return name.strip().lower().strip("[]").removesuffix(".")


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
