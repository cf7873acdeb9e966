"""A body has one length: two programs that go by two of them see two requests where one was sent.

A proxy that counts bytes and a server that counts pieces, or the other way around, take the end of one
request for the begin of the next, which then is anybody's (request smuggling, RFC 9112, 6.3).
"""

from rhoscope.errors import BadRequest
from rhoscope.web.asgi import App, Receive, Scope, Send, headers, refuse


class OneLength:
    """Refuses requests that state a length and come in pieces, and ends their connection."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (any(headers(scope, "content-length")) and _in_pieces(scope)):
            await self._app(scope, receive, send)
            return
        await refuse(scope, send, BadRequest("Send Content-Length or Transfer-Encoding, not both."))


def _in_pieces(scope: Scope) -> bool:
    return any(headers(scope, "transfer-encoding"))
