"""Sending what a journal holds, in order, each record once, whenever the server takes it."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx
from httpx import codes
from pydantic import BaseModel, ValidationError

from rhoscope.answers import refusal
from rhoscope.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    RhoscopeError,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from rhoscope.guests import Commands, GuestSpec, Position
from rhoscope.media import Item
from rhoscope.records import Event
from rhoscope.tracker.attempt import MEDIA
from rhoscope.tracker.composition import Composition
from rhoscope.tracker.journal import Journal, frames
from rhoscope.web.outgoing import connection
from rhoscope.web.paths import path

TIMEOUT_S = 10.0
NOTHING = Position(attempt=0, sequence=0)
AT_ONCE = 256
"""Records that are composed ahead of being sent; the file holds all others."""


class Server:
    """Questions and orders of a guest to a server. Errors come back as those of `rhoscope.errors`."""

    def __init__(self, url: str, token: str = "") -> None:
        """Raises: InvalidInput, for what can be no token or no address."""
        self.url, self._token = url.rstrip("/"), token
        self._http = connection(self.url, token, timeout=TIMEOUT_S)

    def twin(self) -> "Server":
        """The same server over another connection."""
        return Server(self.url, self._token)

    def announce(self, spec: GuestSpec) -> bool:
        """Make the run known; whether it is new there, and has no records."""
        body = spec.model_dump_json().encode()
        return self._ask("POST", "runs", content=body, headers=_JSON).status_code == codes.CREATED

    def position(self, run: str) -> Position:
        """The last record that is there."""
        return _read(Position, self._ask("GET", "runs", run, "records"))

    def put(self, run: str, attempt: int, sequence: int, data: bytes) -> Position:
        """Send one record; the last one that is there then."""
        answer = self._ask(
            "PUT", "runs", run, "records", f"{attempt}-{sequence}", content=data, headers=_BYTES
        )
        return _read(Position, answer)

    def put_media(self, run: str, item: Item, data: bytes) -> None:
        """Send an item's bytes."""
        params = {"kind": item.kind}
        self._ask("PUT", "runs", run, "media", item.digest, content=data, headers=_BYTES, params=params)

    def commands(self, run: str, after: int, wait_s: float) -> Commands:
        """Orders behind this number, waiting for one; it tells the server that the program lives."""
        params = {"after": str(after), "wait": str(wait_s)}
        return _read(Commands, self._ask("GET", "runs", run, "commands", params=params, wait=wait_s))

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, *segments: str, wait: float = 0.0, **options: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path(*segments), timeout=TIMEOUT_S + wait, **options)
        except httpx.HTTPError as error:
            raise Unavailable(f"{self.url} does not answer ({type(error).__name__}).") from error
        if answer.is_error:
            raise refusal(answer)
        return answer


_Answer = TypeVar("_Answer", bound=BaseModel)


def _read(model: type[_Answer], answer: httpx.Response) -> _Answer:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        message = "It answers, but not as rhoscope does; is the address right, and no login in between?"
        raise Unavailable(message) from error


_JSON = {"Content-Type": "application/json"}
_BYTES = {"Content-Type": "application/octet-stream"}


class Delivery:
    """One attempt's journal on its way to a server. `warn` gets a sentence about each new trouble.

    With the `journal` of an attempt that only begins, what the disk does not take is sent as well, and an
    attempt of which the server has records already, those of another folder, gets the number after them.
    """

    def __init__(
        self,
        server: Server,
        spec: GuestSpec,
        attempt: int,
        path: Path,
        warn: Callable[..., None],
        journal: Journal | None = None,
    ) -> None:
        self._server, self._spec, self._attempt, self._path = server, spec, attempt, path
        self._warn = warn
        self._journal = journal
        self._fresh = journal is not None
        self._known, self._new = False, True
        self.ended = False
        self._restart(0)

    def _restart(self, sent: int) -> None:
        """Read the file again from its beginning; the server has the first `sent` records."""
        self._composition = Composition(self._spec.id, self._attempt)
        self._place, self._sequence, self._sent = 0, 0, sent
        self._waiting: deque[tuple[int, bytes]] = deque()

    @property
    def last_step(self) -> int:
        """The last step that was read from the file."""
        return self._composition.last_step

    def send(self, *, whole: bool = False) -> int:
        """Send what the file holds now, with `whole` also rows that no cut follows; how many were sent.

        Raises:
            RhoscopeError: when the server can't be reached or does not take them; nothing is lost.
        """
        if not self._known:
            self._introduce()
        count = 0
        while not self.ended and self._fill(whole=whole):
            count += self._drain()
        return count

    def _introduce(self) -> None:
        """Learn from where on the server lacks records; of a run that is new to it, all of them."""
        self._new = self._server.announce(self._spec) and self._new
        there = NOTHING if self._new else self._server.position(self._spec.id)
        if self._fresh and there.attempt >= self._attempt:
            self._renumber(there.attempt + 1)
        self._fresh = self._fresh and self._new
        if there.attempt > self._attempt:
            self._end()
            return
        self._restart(there.sequence if there.attempt == self._attempt else 0)
        self._known = True

    def unsent(self) -> bool:
        """Whether the server lacks something that was complete when `send` was last called."""
        return not self.ended and (not self._known or bool(self._waiting))

    def _end(self) -> None:
        """Another process has taken over."""
        self.ended = True
        if self._journal:
            who = f"another process reports as run {self._spec.id} now"
            self._warn(f"{who}; this one's numbers stay in {self._path}")

    def _renumber(self, attempt: int) -> None:
        """Be another attempt, in the name of the file too, for whoever sends it later."""
        self._attempt = attempt
        if self._journal:
            with suppress(OSError):
                self._journal.renamed(self._path.with_name(f"attempt-{attempt}.rj"))
            self._path = self._journal.path

    def _fill(self, *, whole: bool) -> bool:
        for frame in self._journal.frames(self._place) if self._journal else frames(self._path, self._place):
            self._place = frame.end
            for record in self._composition.feed(frame):
                self._queue(record)
            if len(self._waiting) >= AT_ONCE:
                return True
        if whole:
            for record in self._composition.cut():
                self._queue(record)
        return bool(self._waiting)

    def _queue(self, record: bytes) -> None:
        self._sequence += 1
        if self._sequence > self._sent:
            self._waiting.append((self._sequence, record))

    def _drain(self) -> int:
        count = 0
        while self._waiting:
            sequence, record = self._waiting[0]
            try:
                there = self._put(sequence, record)
            except Conflict:  # the server lost what it had taken: from there on again
                self._known = self._new = False
                return count + self.send()
            if self._new and (there.attempt, there.sequence) != (self._attempt, sequence):
                self._known = self._new = False  # it has records of a run of that name after all
                return count + self.send()
            self._fresh = self._new = False
            if there.attempt > self._attempt:
                self._end()
                return count
            self._waiting.popleft()
            self._sent = sequence
            count += 1
        return count

    def _bring(self, event: Event) -> None:
        """The bytes of an item go before it. Raises: InvalidInput, when they are not there or not taken."""
        item = Item.model_validate(event.data)
        try:
            data = (self._path.parent / MEDIA / item.digest).read_bytes()
        except OSError as error:
            raise InvalidInput(f"the file of '{item.name}' can't be read: {error}") from error
        try:
            self._server.put_media(self._spec.id, item, data)
        except Conflict as error:
            raise InvalidInput(error.detail) from error
        except NotFound:
            return  # the run is gone, or the server older: the answer to the event itself says so

    def _put(self, sequence: int, record: bytes) -> Position:
        try:
            if record.startswith(b"{") and b'"kind":"media"' in record[:200]:
                self._bring(Event.decode(record))
            return self._server.put(self._spec.id, self._attempt, sequence, record)
        except (InvalidInput, TooLarge) as error:
            line = f"Record {sequence} was refused: {error.detail}"[:1000]
            fields = {
                "run": self._spec.id,
                "attempt": self._attempt,
                "kind": "log",
                "step": max(0, self.last_step),
            }
            note = Event.model_validate({**fields, "time": time.time(), "data": {"line": line}})
            there = self._server.put(self._spec.id, self._attempt, sequence, note.encode())
            words = f"the server refuses record {sequence}, perhaps since it is of an older version"
            self._warn(f"{words} ({error.detail}); it stays in {self._path}", f"refused {self._path}")
            return there


def explained(error: RhoscopeError, url: str) -> str:
    """A server's trouble in one sentence for a user's terminal."""
    if isinstance(error, Unauthorized):
        return f"{url} refuses the token: set RHOSCOPE_API_TOKEN to a valid one"
    if isinstance(error, NotFound):
        return f"{url} does not know this run any more, or is too old to take runs of other programs"
    if isinstance(error, InvalidInput):
        return f"{url} does not take this run, perhaps since it is of an older version: {error.detail}"
    return error.detail.rstrip(".")
