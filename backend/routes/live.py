"""The live channel: first what the client has missed, then everything new, byte for byte.

`/api/v1/live?runs=a,b&names=loss,rho.audio&after=a:123,b:-1`. Binary messages are blocks
(`rhoscope.records`); text messages are JSON: `run`, `event`, `gap` (steps to be read through REST), `ping`,
`error` (a problem; the connection closes with 4000 + its status). `runs=*` gives runs and events of all runs.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from numpy.typing import NDArray

from backend.application import Application, application_of
from backend.recording.fanout import Message, Subscriber, run_message
from backend.recording.pending import stored_message
from backend.store import AWAY, events, portions, rows, runs
from backend.store.rows import Curve
from rhoscope.errors import Damaged, InvalidInput, RhoscopeError, Unavailable
from rhoscope.records import Block
from rhoscope.texts import LONGEST_QUERY, fault

router = APIRouter()
PING_S = 2.0
CATCH_UP_ROWS = 20_000
ROWS = 4096
"""Rows of one block on the way to a client that catches up."""
MOST_RUNS = 100
EVERYTHING = "*"
LONGEST_STEP = 18
_LAGGING = 4008
_NO_BYTES = 1003


@dataclass(frozen=True)
class LiveQuery:
    """The query of a live connection; `after` is the last step that the client has, by run."""

    runs: tuple[str, ...]
    names: tuple[str, ...] | None
    after: dict[str, int]

    @classmethod
    def read(cls, ids: str, names: str, after: str) -> "LiveQuery":
        """Raises: InvalidInput, when a parameter does not fit."""
        selection = tuple(dict.fromkeys(filter(None, ids.split(","))))
        if not 0 < len(selection) <= MOST_RUNS:
            message = f"expected 1 to {MOST_RUNS} comma-separated runs, or {EVERYTHING} for all"
            raise InvalidInput.field("runs", message, ids[:200])
        pairs = [text.rpartition(":") for text in filter(None, after.split(","))]
        given = {"runs": ids, "names": names, "after": after}
        for field, text in given.items():
            if words := fault(text, LONGEST_QUERY):
                raise InvalidInput.field(field, words)
        try:
            cursors = {run: _step(step) for run, _, step in pairs}
        except ValueError as error:
            message = "expected comma-separated run:step pairs, as in after=a:123,b:-1; a step is below 2^31"
            raise InvalidInput.field("after", message, after[:200]) from error
        return cls(selection, tuple(filter(None, names.split(","))) or None, cursors)


@router.websocket("/live")
async def live(socket: WebSocket, runs: str = "", names: str = "", after: str = "") -> None:
    """Serve one connection until either side ends it."""
    await socket.accept()
    here = application_of(socket)
    try:
        query = LiveQuery.read(runs, names, after)
        everything = query.runs == (EVERYTHING,)
        with here.fanout.subscribe(everything=everything, names=query.names) as subscriber:
            if not everything:
                await _catch_up(here, socket, subscriber, query)
            await _follow(socket, subscriber)
    except RhoscopeError as error:
        problem = error.problem(socket.url.path)
        with suppress(WebSocketDisconnect, RuntimeError):
            await socket.send_text(json.dumps({"type": "error", "problem": problem.model_dump(mode="json")}))
            await socket.close(4000 + problem.status, problem.title)
    except (WebSocketDisconnect, asyncio.CancelledError):
        return


def _step(text: str) -> int:
    """Raises: ValueError, for what is no step."""
    step = int(text[:LONGEST_STEP])
    if not -1 <= step <= rows.LAST or len(text) > LONGEST_STEP:
        raise ValueError("out of range")
    return step


async def _catch_up(here: Application, socket: WebSocket, subscriber: Subscriber, query: LiveQuery) -> None:
    """Raises: NotFound; Unavailable, when the store is away."""
    for run in query.runs:
        subscriber.watch(run)
    for run in query.runs:
        try:
            lacking = await asyncio.to_thread(_lacking, here, subscriber, query, run)
        except AWAY as error:
            raise Unavailable("The store does not answer; connect again.") from error
        except Damaged:  # the other runs are still to be seen
            continue
        for message in lacking:
            if subscriber.lagging:  # more was recorded meanwhile than is kept for one reader
                return
            await _send(socket, message)


def _lacking(here: Application, subscriber: Subscriber, query: LiveQuery, run: str) -> list[Message]:
    """The stored messages that the client lacks; from here on `subscriber` gathers the rest."""
    after = query.after.get(run, -1)
    with here.store.reading() as db:
        present = runs.get(db, run)
        start = portions.newest(db, run, after + 1, CATCH_UP_ROWS)
        dense = [s.name for s in present.series if not s.sparse]
        series = [name for name in dense if query.names is None or name in query.names]
        curves = rows.read(db, run, [*series, rows.CLOCK], start)
        happened = events.of_run(db, run, ["started"])
        happened += [e for e in events.of_run(db, run, start=max(0, after)) if e.kind != "started"]
        if after >= 0:  # who begins reads them, thinned, through REST
            happened += events.of_run(db, run, [events.TABLE], start=after)
        subscriber.watch(run).begin(runs.position(db, run), events.newest_id(db, run))
    messages: list[Message] = [run_message(present), *map(stored_message, happened)]
    if start > after + 1:
        messages.append(json.dumps({"type": "gap", "run": run, "start": after + 1, "end": start - 1}))
    clock = curves.pop(rows.CLOCK)
    return messages + [block.encode() for block in _blocks(run, present.attempt, curves, clock)]


async def _follow(socket: WebSocket, subscriber: Subscriber) -> None:
    """Send what comes; a reader notices when the client goes, also while nothing comes."""
    gone = asyncio.create_task(_until_gone(socket))
    gone.add_done_callback(lambda _gone: subscriber.ready.set())
    try:
        await socket.send_text(_ping())
        while not gone.done():
            if subscriber.lagging:
                await socket.close(_LAGGING, "too slow; connect again with after=")
                return
            if await subscriber.wait(PING_S):
                for message in subscriber.take():
                    await _send(socket, message)
            else:
                await socket.send_text(_ping())
        if gone.done() and gone.result():
            await socket.close(_NO_BYTES, "this connection takes no binary messages")
    finally:
        gone.cancel()


def _ping() -> str:
    return json.dumps({"type": "ping", "time": time.time()})


async def _until_gone(socket: WebSocket) -> bool:
    """Whether it was a binary message that ended it; texts of the other side are passed over."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return False
        if message.get("bytes") is not None:
            return True


async def _send(socket: WebSocket, message: Message) -> None:
    if isinstance(message, bytes):
        await socket.send_bytes(message)
    else:
        await socket.send_text(message)


def _blocks(run: str, attempt: int, curves: dict[str, Curve], clock: Curve) -> Iterator[Block]:
    """Curves as blocks; a new one wherever another set of series begins, or every `ROWS` rows."""
    present = {name: curve for name, curve in curves.items() if len(curve[0])}
    if not present:
        return
    steps = np.unique(np.concatenate([curve[0] for curve in present.values()]))
    has = np.stack([np.isin(steps, curve[0], assume_unique=True) for curve in present.values()])
    changes = np.flatnonzero((has[:, 1:] != has[:, :-1]).any(axis=0)) + 1
    borders = np.unique(np.concatenate([[0, len(steps)], changes, np.arange(0, len(steps), ROWS)]))
    times = np.interp(steps, *clock) if len(clock[0]) else np.zeros(len(steps))
    for a, b in itertools.pairwise(borders):
        names = [name for name, here in zip(present, has[:, a], strict=True) if here]
        values = np.stack([_between(present[name], steps[a], steps[b - 1]) for name in names])
        bounds = (float(times[a]), float(times[b - 1]))
        yield Block.make(run, attempt, names, steps[a:b], values, bounds)


def _between(curve: Curve, first: int, last: int) -> NDArray[np.float32]:
    a, b = np.searchsorted(curve[0], first), np.searchsorted(curve[0], last, side="right")
    return curve[1][a:b]
