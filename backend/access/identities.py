"""Whose request it is: by a token, by a session's cookie, or nobody's where nobody has to log in."""

import hashlib
import hmac
import re
import secrets
import threading
import time
from dataclasses import dataclass

from backend.access import passwords
from backend.access.guesses import Guesses
from backend.store import Store, accounts
from rhoscope.accounts import NAME, TOKEN_PREFIX, ApiToken, Role
from rhoscope.errors import Unauthorized

SESSION_S = 14 * 86_400.0
KEPT_S = 15.0
"""So long an answer of the store is believed; changes made through this process count at once."""
SEEN_S = 3600.0
_MOST_KEPT = 4096
SHARED = "shared token"
"""Name of who has it; no user can be called so."""
WRONG_PER_NAME, WRONG_PER_PLACE = 5, 30


@dataclass(frozen=True)
class Identity:
    """A person or program that asks.

    `name` is empty for nobody in particular; `session` is the key of a browser's session.
    """

    name: str
    role: Role
    session: str = ""

    @property
    def is_user(self) -> bool:
        """Whether it is a user in the store."""
        return self.name not in ("", SHARED)


NOBODY = Identity("", Role.ADMIN)
"""Everybody, where nobody has to log in: they may do everything."""


class Unread(Exception):
    """Something is not known without the store, which may take long: ask again, from a thread."""


class Identities:
    """Tokens and sessions of one back end; `shared` is RHOSCOPE_API_TOKEN, or empty."""

    def __init__(self, store: Store, shared: str) -> None:
        self._store = store
        self._shared = digest(shared) if shared else ""
        self._kept: dict[str, tuple[float, Identity | None]] = {}
        self._users: tuple[float, bool] | None = None
        self._changes = 0
        self._lock = threading.Lock()
        self.names = Guesses(WRONG_PER_NAME)
        self.places = Guesses(WRONG_PER_PLACE)

    def forget(self) -> None:
        """Believe nothing that was read before: users, sessions or tokens changed."""
        with self._lock:
            self._changes += 1
            self._kept.clear()
            self._users = None

    @property
    def shared(self) -> bool:
        """Whether there is a shared token."""
        return bool(self._shared)

    def users(self, *, read: bool = True) -> bool:
        """Whether there are users. Raises: OperationalError; Unread, unless the store may be read."""
        kept, changes = self._users, self._changes
        if kept is None or kept[0] < time.monotonic():
            if not read:
                raise Unread
            with self._store.reading() as db:
                kept = (time.monotonic() + KEPT_S, accounts.any_of(db))
            with self._lock:
                if changes == self._changes:
                    self._users = kept
        return kept[1]

    def required(self, *, read: bool = True) -> bool:
        """Whether one has to say who one is. Raises: OperationalError, Unread."""
        return self.shared or self.users(read=read)

    def of_token(self, token: str, *, read: bool = True) -> Identity | None:
        """The owner of a token, shared or personal. Raises: OperationalError, Unread."""
        key = digest(token)
        if self._shared and hmac.compare_digest(key, self._shared):
            return Identity(SHARED, Role.ADMIN)
        return self._of(f"token {key}", read=read) if token.startswith(TOKEN_PREFIX) else None

    def of_session(self, secret: str, *, read: bool = True) -> Identity | None:
        """Whose browser has this session. Raises: OperationalError, Unread."""
        return self._of(f"session {digest(secret)}", read=read)

    def _of(self, kind_and_key: str, *, read: bool) -> Identity | None:
        kept, changes = self._kept.get(kind_and_key), self._changes
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        if not read:
            raise Unread
        kind, _, key = kind_and_key.partition(" ")
        identity = self._session(key) if kind == "session" else self._token(key)
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            if identity and changes == self._changes:
                self._kept[kind_and_key] = (time.monotonic() + KEPT_S, identity)
        return identity

    def _session(self, key: str) -> Identity | None:
        with self._store.reading() as db:
            whose = accounts.of_session(db, key, self._shared)
        return Identity(whose[0] or SHARED, whose[1], key) if whose else None

    def _token(self, key: str) -> Identity | None:
        with self._store.reading() as db:
            whose = accounts.of_token(db, key)
        if whose is None:
            return None
        name, role, token = whose
        if time.time() - (token.seen or 0.0) > SEEN_S:
            with self._store.writing() as db:
                accounts.see(db, token.id)
        return Identity(name, role)

    def log_in(self, name: str, password: str) -> str:
        """A new session's secret. Raises: Unauthorized; TooMany, after too many wrong ones."""
        name = name.strip().lower()
        self.names.check(name)
        stored = None
        if re.fullmatch(NAME, name):  # else it is nobody's, and perhaps no text that a database takes
            with self._store.reading() as db:
                stored = accounts.password(db, name)
        if not passwords.fits(stored, password):
            self.names.wrong(name)
            raise Unauthorized("The name or the password is wrong.")
        return self._open(name)

    def log_in_with(self, token: str) -> str:
        """A new session's secret for the shared token. Raises: Unauthorized, TooMany."""
        self.names.check("")
        if not self._shared or not hmac.compare_digest(digest(token), self._shared):
            self.names.wrong("")
            raise Unauthorized("The token is wrong; it is the server's RHOSCOPE_API_TOKEN.")
        return self._open(None)

    def _open(self, user: str | None) -> str:
        secret = secrets.token_urlsafe(32)
        expires = time.time() + SESSION_S
        with self._store.writing() as db:
            accounts.open_session(db, digest(secret), expires, user, "" if user else self._shared)
        return secret

    def log_out(self, key: str) -> None:
        """End a session."""
        with self._store.writing() as db:
            accounts.close_session(db, key)
        self.forget()

    def make_token(self, user: str, name: str) -> tuple[ApiToken, str]:
        """A personal token and its secret. Raises: NotFound, Conflict."""
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        with self._store.writing() as db:
            return accounts.add_token(db, user, name, digest(secret)), secret


def digest(secret: str) -> str:
    """The part that is kept of a long random secret; 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
