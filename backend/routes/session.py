"""The session: logging in and out, and one's own password."""

from fastapi import APIRouter, Request, Response

from backend.access import passwords
from backend.access.identities import SESSION_S, Identity
from backend.application import Application, Here
from backend.http.answers import json_answer
from backend.http.gate import Who, identity_of
from backend.http.problems import documented
from backend.store import accounts
from rhoscope.accounts import SESSION_COOKIE, Login, PasswordChange, Session
from rhoscope.errors import Conflict, Forbidden, InvalidInput

router = APIRouter(tags=["accounts"])


@router.get("/session", response_model=Session, responses=documented(503))
def get_session(here: Here, request: Request) -> Response:
    """Say who asks, and what one can log in with. Answered to everybody."""
    return json_answer(_session(here, identity_of(request)))


@router.post("/session", response_model=Session, responses=documented(409, 413, 503))
def log_in(here: Here, request: Request, login: Login) -> Response:
    """Log in with a name and a password, or with the shared token; the session is a cookie."""
    if not here.identities.required():
        raise Conflict("Nobody has to log in here: there are neither users nor a shared token.")
    if bool(login.token) == bool(login.name):
        raise InvalidInput.field("name", "expected a name and a password, or the shared token")
    secret = (
        here.identities.log_in_with(login.token)
        if login.token
        else here.identities.log_in(login.name, login.password)
    )
    answer = json_answer(_session(here, here.identities.of_session(secret)))
    _set_cookie(request, answer, secret, round(SESSION_S))
    return answer


@router.delete("/session", status_code=204, responses=documented(503))
def log_out(here: Here, request: Request) -> Response:
    """Log out: this browser's session ends."""
    who = identity_of(request)
    if who and who.session:
        here.identities.log_out(who.session)
    answer = Response(status_code=204)
    _set_cookie(request, answer, "", 0)
    return answer


@router.post("/session/password", response_model=Session, responses=documented(413, 503))
def change_password(here: Here, who: Who, change: PasswordChange) -> Response:
    """Change one's own password. All one's other sessions end."""
    if not who.is_user:
        raise Forbidden("Only a user has a password; the shared token has none.")
    here.identities.names.check(who.name)
    with here.store.reading() as db:
        stored = accounts.password(db, who.name)
    if not passwords.fits(stored, change.old):
        here.identities.names.wrong(who.name)
        raise InvalidInput.field("old", "this is not the present password")
    with here.store.writing() as db:
        accounts.edit(db, who.name, None, passwords.hashed(change.new), keep=who.session)
    here.identities.forget()
    return json_answer(_session(here, who))


def _session(here: Application, who: Identity | None) -> Session:
    ways = ["password"] * here.identities.users() + ["token"] * here.identities.shared
    required = bool(ways) or who is None
    return Session(name=who.name if who else "", role=who.role if who else None, required=required, ways=ways)


def _set_cookie(request: Request, answer: Response, value: str, age_s: int) -> None:
    """For this host alone, never for programs of the page, never from another site; secret behind https."""
    forwarded = request.headers.get("x-forwarded-proto", "")
    secure = "https" in {request.url.scheme, *(one.strip() for one in forwarded.split(","))}
    answer.set_cookie(SESSION_COOKIE, value, age_s, secure=secure, httponly=True, samesite="strict")
