"""Answers that are files made while they are read: a bounded number at a time, however slow the reader."""

from collections.abc import Iterator, Mapping
from itertools import chain

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from backend.http.problems import answer
from rhoscope.errors import TooMany
from rhoscope.local.connections import STALLED_S

MOST = 8
"""Files on their way at a time. Each keeps one piece in memory, and takes a thread for every piece."""


class Downloads:
    """The files that are on their way."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.open = 0

    def full(self) -> TooMany:
        """The refusal of one more."""
        return TooMany(
            f"{self.most} exports are on their way, the most at a time; one that nobody reads ends after "
            f"{STALLED_S:.0f} s. Ask again then."
        )


class Download(StreamingResponse):
    """One file. It has its place from its first byte to its last, or to the end of its reader."""

    def __init__(
        self, downloads: Downloads, file: Iterator[bytes], media_type: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(file, headers=headers, media_type=media_type)
        self._downloads = downloads
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, or a problem where there is no place. Its beginning is made first, since it may fail."""
        if self._downloads.open >= self._downloads.most:
            refusal = self._downloads.full().problem(scope["path"])
            await answer(refusal, {"Retry-After": f"{STALLED_S:.0f}"})(scope, receive, send)
            return
        self._downloads.open += 1
        try:
            first = await run_in_threadpool(next, self._file, b"")
            self.body_iterator = iterate_in_threadpool(chain([first], self._file))
            await super().__call__(scope, receive, send)
        finally:
            self._downloads.open -= 1
