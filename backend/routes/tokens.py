"""Personal tokens: named, shown once, revoked by their user or an admin."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from backend.access.identities import Identity
from backend.application import Here
from backend.http.answers import json_answer, list_answer
from backend.http.gate import Who
from backend.http.problems import documented
from backend.store import accounts
from rhoscope.accounts import ApiToken, MadeToken, NewToken, Role
from rhoscope.errors import Forbidden, InvalidInput

router = APIRouter(tags=["accounts"])


@router.get("/tokens", response_model=list[ApiToken], responses=documented(503))
def list_tokens(
    here: Here,
    who: Who,
    user: Annotated[str, Query(max_length=64, description="only this user's; empty: all one may see")] = "",
) -> Response:
    """List personal tokens: one's own, or everybody's for an admin."""
    if not who.role.includes(Role.ADMIN):
        user = _own(who, user)
    with here.store.reading() as db:
        return list_answer(accounts.tokens_of(db, user))


@router.post("/tokens", status_code=201, response_model=MadeToken, responses=documented(404, 409, 413, 503))
def make_token(here: Here, who: Who, new: NewToken) -> Response:
    """Make a personal token. Its secret is in this answer and never shown again."""
    user = _own(who, new.user)
    if not user:
        raise InvalidInput.field("user", "expected the name of a user; add one first", new.user)
    token, secret = here.identities.make_token(user, new.name)
    return json_answer(MadeToken(**token.model_dump(), token=secret), 201)


@router.delete("/tokens/{token}", status_code=204, responses=documented(404, 503))
def revoke_token(here: Here, who: Who, token: str) -> Response:
    """Revoke a personal token: it no longer lets anybody in."""
    with here.store.writing() as db:
        _own(who, accounts.get_token(db, token).user)
        accounts.revoke(db, token)
    here.identities.forget()
    return Response(status_code=204)


def _own(who: Identity, user: str) -> str:
    """The user that is meant. Raises: Forbidden, for another than oneself unless one is an admin."""
    own = who.name if who.is_user else ""
    if user and user != own and not who.role.includes(Role.ADMIN):
        raise Forbidden(f"{who.name} may see and change only tokens of their own.")
    return user or own
