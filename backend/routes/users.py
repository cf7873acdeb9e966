"""Users and their roles, for admins."""

from fastapi import APIRouter, Depends, Response

from backend.access import passwords
from backend.application import Here
from backend.http.answers import json_answer, list_answer
from backend.http.gate import only_admins
from backend.http.problems import documented
from backend.store import accounts
from rhoscope.accounts import NewUser, Role, User, UserEdit
from rhoscope.errors import Conflict, InvalidInput

router = APIRouter(tags=["accounts"], dependencies=[Depends(only_admins)])


@router.get("/users", response_model=list[User], responses=documented(503))
def list_users(here: Here) -> Response:
    """List all users by name."""
    with here.store.reading() as db:
        return list_answer(accounts.all_of(db))


@router.post("/users", status_code=201, response_model=User, responses=documented(409, 413, 503))
def add_user(here: Here, new: NewUser) -> Response:
    """Add a user. With the first one, who must be an admin, everybody has to log in."""
    hashed = passwords.hashed(new.password)
    with here.store.writing() as db:
        role = new.role or (Role.OPERATOR if accounts.any_of(db) else Role.ADMIN)
        if role is not Role.ADMIN and not accounts.any_of(db):
            raise InvalidInput.field("role", "the first user must be an admin, to add others", role)
        user = accounts.add(db, new.name, role, hashed)
    here.identities.forget()
    return json_answer(user, 201)


@router.patch("/users/{name}", response_model=User, responses=documented(404, 409, 413, 503))
def edit_user(here: Here, name: str, changes: UserEdit) -> Response:
    """Change a user's role or password; a new password ends the user's sessions."""
    hashed = passwords.hashed(changes.password) if changes.password else None
    with here.store.writing() as db:
        user = accounts.edit(db, name, changes.role, hashed)
    here.identities.forget()
    return json_answer(user)


@router.delete("/users/{name}", status_code=204, responses=documented(404, 409, 503))
def remove_user(here: Here, name: str) -> Response:
    """Remove a user with all sessions and tokens."""
    with here.store.writing() as db:
        accounts.remove(db, name)
        if here.environment.exposed and not here.identities.shared and not accounts.any_of(db):
            raise Conflict("Other machines reach this server: the last user stays until there is a token.")
    here.identities.forget()
    return Response(status_code=204)
