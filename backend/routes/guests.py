"""Records and orders of guest runs, and the facts of any run."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from backend.application import Here
from backend.http.answers import json_answer
from backend.http.gate import Who
from backend.http.problems import documented
from backend.orders import guests
from backend.store import events, runs
from rhoscope.accounts import Role
from rhoscope.facts import Facts
from rhoscope.guests import Commands, Position
from rhoscope.states import FINAL

router = APIRouter(tags=["guests"])
LOOK_S = 0.2
AGAIN_S = 2.0
LONGEST_WAIT_S = 20.0
_BODY = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}
}


@router.put(
    "/runs/{run}/records/{attempt}-{sequence}",
    response_model=Position,
    responses=documented(404, 409, 413, 503),
    openapi_extra=_BODY,
)
async def put_record(
    here: Here,
    run: str,
    attempt: Annotated[int, Path(ge=1, lt=2**31)],
    sequence: Annotated[int, Path(ge=1, lt=2**63)],
    request: Request,
) -> Response:
    """Store one block or event of a guest run. Sending it again is harmless; none may be left out.

    The answer is the last record that is there.
    """
    data = await request.body()
    return json_answer(await asyncio.to_thread(guests.put, here, run, (attempt, sequence), data))


@router.get("/runs/{run}/records", response_model=Position, responses=documented(404, 409, 503))
def get_position(here: Here, run: str) -> Response:
    """Return the last record of a guest run that is there, after which its program goes on sending."""
    return json_answer(guests.position(here, run))


@router.get("/runs/{run}/commands", response_model=Commands, responses=documented(404, 409, 503))
async def list_commands(
    here: Here,
    who: Who,
    run: str,
    after: Annotated[int, Query(ge=0, lt=2**63, description="number of the last order that was fetched")] = 0,
    wait: Annotated[float, Query(ge=0, le=60, description="seconds to wait for an order")] = 0,
) -> Response:
    """Return the orders that wait for a guest run; asking is also its heartbeat."""
    commands = await asyncio.to_thread(guests.waiting, here, run, after)
    if who.role.includes(Role.OPERATOR):
        await asyncio.to_thread(guests.heard, here, run)
    ends = time.monotonic() + min(wait, LONGEST_WAIT_S, here.environment.lease_s)
    read, version = time.monotonic(), here.store.version
    alive = (
        commands.state not in FINAL
    )  # one that ends meanwhile gets no more orders: its program may be gone
    while not commands.commands and time.monotonic() < ends and not (alive and commands.state in FINAL):
        await asyncio.sleep(LOOK_S)
        now = time.monotonic()
        if here.store.version != version or now - read > AGAIN_S:
            read, version = now, here.store.version
            commands = await asyncio.to_thread(guests.waiting, here, run, after)
    return json_answer(commands)


@router.get("/runs/{run}/facts", response_model=Facts, responses=documented(404))
def get_facts(here: Here, run: str) -> Response:
    """Return where and with what a run's newest attempt runs, as far as it said so."""
    with here.store.reading() as db:
        runs.get(db, run)
        begun = [event.data for event in events.of_run(db, run, ["started"])]
    newest: dict[str, Any] = next(
        (data["facts"] for data in reversed(begun) if isinstance(data.get("facts"), dict)), {}
    )
    return json_answer(Facts.read(newest))
