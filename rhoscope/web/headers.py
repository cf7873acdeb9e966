"""Headers that tell a browser what a document of ours may do, and who may show it: nobody else."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping

from rhoscope.web.asgi import App, Receive, Scope, Send

_PLAIN = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For answers that are no documents: should a browser show one, nothing in it runs."""


def page(scripts: Iterable[str], *, more: str = "") -> str:
    """A policy for our pages: programs from this server, and inline only exactly these `scripts`.

    Mantine writes style elements while it runs, so styles may be inline.
    """
    programs = " ".join(["'self'", *sorted({hashed(script) for script in scripts})])
    parts = [
        "default-src 'none'",
        f"script-src {programs}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self'",
        "font-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    return "; ".join([*parts, *filter(None, [more])])


def hashed(script: str) -> str:
    """An inline program as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def inline(document: str) -> list[str]:
    """The inline programs of an HTML document that is ours.

    >>> inline('<script>a()</script><script src="b.js"></script>')
    ['a()']
    """
    elements = re.findall(r"<script([^>]*)>(.*?)</script>", document, re.DOTALL)
    return [text for attributes, text in elements if "src=" not in attributes and "json" not in attributes]


class Secured:
    """Adds what an answer lacks of these headers; `policies` are content security policies by path."""

    def __init__(self, app: App, policy: str = NOTHING, policies: Mapping[str, str] | None = None) -> None:
        self._app = app
        self._policy = policy
        self._policies = policies or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = self._policies.get(scope["path"], self._policy)
        added = {"content-security-policy": policy, **_PLAIN}

        async def secured(message: Scope) -> None:
            if message["type"] == "http.response.start":
                present = list(message.get("headers", []))
                names = {name.decode().lower() for name, _ in present}
                extra = [(n.encode(), v.encode()) for n, v in added.items() if n not in names]
                message = {**message, "headers": present + extra}
            await send(message)

        await self._app(scope, receive, secured)
