"""Pictures, sounds, texts, and tables that guests log."""

import asyncio
import hashlib
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from backend.application import Here
from backend.http.answers import json_answer
from backend.http.problems import documented
from backend.orders.guests import of_guest
from backend.store import media, runs
from backend.store.media import Content
from rhoscope.errors import InvalidInput
from rhoscope.media import TABLE, TYPES, Gallery, type_of

router = APIRouter(tags=["guests"])
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the content")]
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=31536000, immutable",
}
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": _BYTES}}}
_SHOWN = {"description": "the item itself", "content": dict.fromkeys(TYPES, _BYTES) | {TABLE: {"schema": {}}}}


@router.get("/runs/{run}/media", response_model=Gallery, responses=documented(404))
def list_media(here: Here, run: str) -> Response:
    """List a run's pictures, sounds, texts, and tables by step; a later attempt replaces earlier ones."""
    with here.store.reading() as db:
        runs.get(db, run)
        return json_answer(Gallery(items=media.listed(db, run)))


@router.get(
    "/runs/{run}/media/{digest}",
    responses={200: _SHOWN, **documented(404)},
    response_class=Response,
)
def get_media(here: Here, run: str, digest: Digest) -> Response:
    """Return one item. It can hold no program: types are few, and checked when an item comes."""
    with here.store.reading() as db:
        content = media.get(db, run, digest)
    shown = content.type.startswith(("image/", "audio/"))
    disposition = {"Content-Disposition": "inline" if shown else "attachment"}
    return Response(content.data, headers=_HEADERS | disposition, media_type=content.type)


@router.put(
    "/runs/{run}/media/{digest}", status_code=204, responses=documented(404, 409, 413), openapi_extra=_BODY
)
async def put_media(
    here: Here,
    run: str,
    digest: Digest,
    request: Request,
    kind: Annotated[Literal["image", "sound", "text", "table"], Query(description="what it is")],
) -> Response:
    """Keep one item of a guest run under its digest. Sending it again is harmless."""
    data = await request.body()
    await asyncio.to_thread(_keep, here, run, digest, Content(type_of(data, kind), data))
    return Response(status_code=204)


def _keep(here: Here, run: str, digest: str, content: Content) -> None:
    if hashlib.sha256(content.data).hexdigest() != digest:
        raise InvalidInput.field("digest", "expected the SHA-256 of the body", digest)
    with here.store.writing() as db:
        of_guest(db, run)
        media.add(db, run, digest, content)
