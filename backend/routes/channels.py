"""Channels: where messages about runs go besides the page."""

from fastapi import APIRouter, Depends, Response

from backend.application import Here
from backend.channels import postman, services
from backend.http.answers import json_answer, list_answer
from backend.http.gate import only_admins
from backend.http.problems import documented
from backend.store import channels
from backend.store.channels import Kept
from rhoscope.channels import Channel, ChannelEdit, NewChannel
from rhoscope.errors import InvalidInput

router = APIRouter(tags=["alerts"], dependencies=[Depends(only_admins)])
TITLE = "rhoscope: a test"
BODY = "This channel works: alerts and ends of runs will appear here."


@router.get("/channels", response_model=list[Channel], responses=documented(503))
def list_channels(here: Here) -> Response:
    """List all channels, oldest first; secrets in their addresses are masked."""
    with here.store.reading() as db:
        return list_answer([_shown(one) for one in channels.kept(db)])


@router.post("/channels", status_code=201, response_model=Channel, responses=documented(409, 413, 503))
def add_channel(here: Here, new: NewChannel) -> Response:
    """Add a channel. Messages begin with what happens next; those that are not taken are sent again."""
    services.service_of(new.address)
    with here.store.writing() as db:
        added = channels.add(db, new)
    return json_answer(_shown(added), 201)


@router.patch("/channels/{channel}", response_model=Channel, responses=documented(404, 413, 503))
def edit_channel(here: Here, channel: str, changes: ChannelEdit) -> Response:
    """Change a channel, or turn it off. One that is turned on again begins with what happens next."""
    if changes.address is not None:
        services.service_of(changes.address)
    with here.store.writing() as db:
        edited = channels.edit(db, channel, changes.model_dump(exclude_none=True))
    return json_answer(_shown(edited))


@router.post("/channels/{channel}/test", status_code=204, responses=documented(404, 503))
def test_channel(here: Here, channel: str) -> Response:
    """Send a message to a channel now; 503 with the reason when its service does not take it."""
    with here.store.reading() as db:
        one = channels.get(db, channel)
    postman.send(here.store, one, TITLE, BODY)
    return Response(status_code=204)


@router.delete("/channels/{channel}", status_code=204, responses=documented(404, 503))
def delete_channel(here: Here, channel: str) -> Response:
    """Delete a channel."""
    with here.store.writing() as db:
        channels.remove(db, channel)
    return Response(status_code=204)


def _shown(one: Kept) -> Channel:
    """An address that a later version no longer reads is a problem of its own, not of the list."""
    try:
        service = services.service_of(one.address)
        title, address = services.title_of(service), services.shown(service)
    except InvalidInput:
        title, address = "unknown", services.masked(one.address)
    facts = {name: getattr(one, name) for name in Channel.model_fields.keys() - {"service", "address"}}
    return Channel(service=title, address=address, **facts)
