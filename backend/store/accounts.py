"""Users, sessions and personal tokens. Of every secret only a digest is kept."""

import time

from sqlalchemy import Connection, delete, func, insert, select, update

from backend.store.account_schema import sessions, tokens, users
from backend.store.runs import new_id
from rhoscope.accounts import ApiToken, Role, User
from rhoscope.errors import Conflict, NotFound

MOST_USERS = 1000
MOST_TOKENS = 100
"""Of one user."""
MOST_SESSIONS = 100
"""Of one user: the oldest end first."""
_PUBLIC = (users.c.name, users.c.role, users.c.created)
_TOKEN = tuple(tokens.c[name] for name in ApiToken.model_fields)


def all_of(db: Connection) -> list[User]:
    """Every user, by name."""
    return [
        User.model_validate(row) for row in db.execute(select(*_PUBLIC).order_by(users.c.name)).mappings()
    ]


def any_of(db: Connection) -> bool:
    """Whether there are users at all."""
    return db.scalar(select(users.c.name).limit(1)) is not None


def get(db: Connection, name: str) -> User:
    """Raises: NotFound."""
    row = db.execute(select(*_PUBLIC).where(users.c.name == name)).mappings().first()
    if row is None:
        raise NotFound(f"There is no user '{name}'.")
    return User.model_validate(row)


def add(db: Connection, name: str, role: Role, password: str) -> User:
    """Add a user; `password` is its hash. Raises: Conflict, when the name is taken, or for the 1001st."""
    if db.scalar(select(users.c.name).where(users.c.name == name)):
        raise Conflict(f"There is a user '{name}' already.")
    if (db.scalar(select(func.count()).select_from(users)) or 0) >= MOST_USERS:
        raise Conflict(f"There are {MOST_USERS} users, the maximum; remove one first.")
    db.execute(insert(users).values(name=name, role=role, password=password, created=time.time()))
    return get(db, name)


def edit(db: Connection, name: str, role: Role | None, password: str | None, keep: str = "") -> User:
    """Change a role or a password's hash. A new password ends the user's sessions except `keep`, a key.

    Raises:
        NotFound.
        Conflict: when no admin would be left.
    """
    get(db, name)
    if role is not None:
        db.execute(update(users).where(users.c.name == name).values(role=role))
        _check_admins(db)
    if password is not None:
        db.execute(update(users).where(users.c.name == name).values(password=password))
        db.execute(delete(sessions).where(sessions.c.user == name, sessions.c.key != keep))
    return get(db, name)


def remove(db: Connection, name: str) -> None:
    """Remove a user with all sessions and tokens. Raises: NotFound; Conflict, when no admin would be left."""
    get(db, name)
    db.execute(delete(users).where(users.c.name == name))
    _check_admins(db)


def _check_admins(db: Connection) -> None:
    """An admin stays as long as there are users, to add others. Raises: Conflict."""
    if any_of(db) and db.scalar(select(users.c.name).where(users.c.role == Role.ADMIN).limit(1)) is None:
        raise Conflict("There would be users, but no admin any more; make another user an admin first.")


def password(db: Connection, name: str) -> str | None:
    """The hash of a user's password; None when there is no such user."""
    return db.scalar(select(users.c.password).where(users.c.name == name))


def open_session(db: Connection, key: str, expires: float, user: str | None, shared: str = "") -> None:
    """Keep a session, forget those that ended, and a user's oldest beyond `MOST_SESSIONS`.

    `shared` is the digest of the token it began with.
    """
    db.execute(delete(sessions).where(sessions.c.expires < time.time()))
    whose = sessions.c.user.is_(None) if user is None else sessions.c.user == user
    own = select(sessions.c.key).where(whose)
    old = db.execute(own.order_by(sessions.c.expires.desc()).offset(MOST_SESSIONS - 1)).scalars().all()
    db.execute(delete(sessions).where(sessions.c.key.in_(old)))
    db.execute(insert(sessions).values(key=key, user=user, shared=shared, expires=expires))


def close_session(db: Connection, key: str) -> None:
    """Forget a session."""
    db.execute(delete(sessions).where(sessions.c.key == key))


def of_session(db: Connection, key: str, shared: str) -> tuple[str, Role] | None:
    """The user's name and role; an empty name for one who has the present shared token. None: not valid."""
    row = db.execute(
        select(sessions.c.user, sessions.c.shared, users.c.role)
        .select_from(sessions.outerjoin(users, sessions.c.user == users.c.name))
        .where(sessions.c.key == key, sessions.c.expires >= time.time())
    ).first()
    if row is None:
        return None
    if row.user is not None:
        return row.user, Role(row.role)
    return ("", Role.ADMIN) if shared and row.shared == shared else None


def add_token(db: Connection, user: str, name: str, key: str) -> ApiToken:
    """Keep a token by its digest. Raises: NotFound; Conflict, for a name twice or the 101st."""
    get(db, user)
    names = db.execute(select(tokens.c.name).where(tokens.c.user == user)).scalars().all()
    if name in names:
        raise Conflict(f"'{user}' has a token named '{name}' already.")
    if len(names) >= MOST_TOKENS:
        raise Conflict(f"'{user}' has {len(names)} tokens, the maximum; revoke one first.")
    token = new_id()
    db.execute(insert(tokens).values(id=token, user=user, name=name, key=key, created=time.time()))
    return get_token(db, token)


def get_token(db: Connection, token: str) -> ApiToken:
    """Raises: NotFound."""
    row = db.execute(select(*_TOKEN).where(tokens.c.id == token)).mappings().first()
    if row is None:
        raise NotFound(f"There is no token '{token}'.")
    return ApiToken.model_validate(row)


def tokens_of(db: Connection, user: str = "") -> list[ApiToken]:
    """Tokens of one user, or of all, oldest first."""
    query = select(*_TOKEN).order_by(tokens.c.created, tokens.c.id)
    query = query.where(tokens.c.user == user) if user else query
    return [ApiToken.model_validate(row) for row in db.execute(query).mappings()]


def revoke(db: Connection, token: str) -> None:
    """Forget a token."""
    db.execute(delete(tokens).where(tokens.c.id == token))


def of_token(db: Connection, key: str) -> tuple[str, Role, ApiToken] | None:
    """The name and role of the user whose token has this digest, and the token."""
    row = (
        db.execute(
            select(*_TOKEN, users.c.role)
            .select_from(tokens.join(users, tokens.c.user == users.c.name))
            .where(tokens.c.key == key)
        )
        .mappings()
        .first()
    )
    return (row["user"], Role(row["role"]), ApiToken.model_validate(row)) if row else None


def see(db: Connection, token: str) -> None:
    """Note that a token is used."""
    db.execute(update(tokens).where(tokens.c.id == token).values(seen=time.time()))
