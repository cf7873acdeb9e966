"""How the two programs are served: connections that cost nothing when the other side stops in the middle.

A request that does not arrive whole, and an answer that is not read, end after a while; uvicorn waits for
ever. What can't be read as HTTP at all is answered with a problem like everything else.
"""

import asyncio
import json
from typing import Any

import h11
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets import http11

from rhoscope.errors import PROBLEM_TYPE

REQUEST_S = 60.0
"""In which a request has to arrive, from its first byte to its last."""
STALLED_S = 30.0
"""How long a reader may take nothing while there is something for it."""
LONGEST_HEAD = 65_536
"""Bytes of a request's line and headers."""
LARGEST_MESSAGE = 65_536
"""Bytes of one message that a browser may send over a live connection."""
http11.MAX_LINE_LENGTH = LONGEST_HEAD  # a live connection's address may be as long as any other
OPTIONS: dict[str, Any] = {"h11_max_incomplete_event_size": LONGEST_HEAD, "ws_max_size": LARGEST_MESSAGE}
"""What uvicorn's configuration takes, beside the two protocols."""


class Timer:
    """Aborts a connection unless it is stopped in time."""

    def __init__(self) -> None:
        self._handle: asyncio.TimerHandle | None = None

    def start(self, transport: asyncio.Transport, seconds: float) -> None:
        """Begin to count, where nobody counts yet."""
        if self._handle is None:
            self._handle = asyncio.get_running_loop().call_later(seconds, transport.abort)

    def stop(self) -> None:
        """Do not abort."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class Requests(H11Protocol):
    """HTTP: a request arrives within `REQUEST_S`, an answer is taken within `STALLED_S`."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._arriving, self._leaving = Timer(), Timer()
        super().connection_made(transport)
        self._arriving.start(transport, REQUEST_S)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._arriving.stop()
        self._leaving.stop()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        upgraded = self.transport.get_protocol() is not self
        waits = self.conn.their_state is h11.SEND_BODY or bool(self.conn.trailing_data[0])
        if waits and not upgraded and not self.transport.is_closing():
            self._arriving.start(self.transport, REQUEST_S)
        else:
            self._arriving.stop()

    @override
    def pause_writing(self) -> None:
        self._leaving.start(self.transport, STALLED_S)
        super().pause_writing()

    @override
    def resume_writing(self) -> None:
        self._leaving.stop()
        super().resume_writing()

    @override
    def send_400_response(self, msg: str) -> None:
        """As uvicorn does, with a problem instead of a word."""
        detail = f"This can't be read as an HTTP request, or its head is longer than {LONGEST_HEAD:,} bytes."
        problem = {"type": "about:blank", "title": "Bad request", "status": 400, "detail": detail}
        headers = [("content-type", PROBLEM_TYPE), ("connection", "close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=json.dumps(problem).encode()),
            h11.EndOfMessage(),
        ):
            if data := self.conn.send(event):
                self.transport.write(data)
        self.transport.close()


class Sockets(WebSocketsSansIOProtocol):
    """WebSockets: what is sent is taken within `STALLED_S`."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._leaving = Timer()
        super().connection_made(transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._leaving.stop()
        super().connection_lost(exc)

    @override
    def pause_writing(self) -> None:
        self._leaving.start(self.transport, STALLED_S)
        super().pause_writing()

    @override
    def resume_writing(self) -> None:
        self._leaving.stop()
        super().resume_writing()
