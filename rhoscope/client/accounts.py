"""Users, sessions and tokens through the REST API."""

from collections.abc import Callable
from typing import Any

from rhoscope.accounts import ApiToken, MadeToken, Session, User


class Accounts:
    """`client.accounts`: who asks, who may, and with what."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        """`ask` sends one request: method, path, then the request's other parts by name."""
        self._ask = ask

    def session(self) -> Session:
        """The one who asks, and whether one has to log in."""
        return Session.model_validate(self._ask("GET", "session"))

    def users(self) -> list[User]:
        """All users. Raises: Forbidden, unless an admin asks."""
        return [User.model_validate(user) for user in self._ask("GET", "users")]

    def add_user(self, name: str, password: str, role: str | None = None) -> User:
        """Add a user; without a role the first one is an admin, others are operators.

        Raises: InvalidInput, Conflict, Forbidden.
        """
        body = {"name": name, "password": password, "role": role}
        return User.model_validate(self._ask("POST", "users", json=body))

    def edit_user(self, name: str, **changes: str) -> User:
        """Change `role` or `password`. Raises: NotFound, InvalidInput, Conflict, Forbidden."""
        return User.model_validate(self._ask("PATCH", "users", name, json=changes))

    def remove_user(self, name: str) -> None:
        """Remove a user with all sessions and tokens. Raises: NotFound, Conflict, Forbidden."""
        self._ask("DELETE", "users", name)

    def tokens(self, user: str = "") -> list[ApiToken]:
        """Personal tokens: one's own; an admin sees everybody's."""
        return [ApiToken.model_validate(t) for t in self._ask("GET", "tokens", params={"user": user})]

    def add_token(self, name: str, user: str = "") -> MadeToken:
        """Make a personal token; its secret is never shown again. Raises: NotFound, Conflict, Forbidden."""
        return MadeToken.model_validate(self._ask("POST", "tokens", json={"name": name, "user": user}))

    def revoke_token(self, token: str) -> None:
        """Revoke a personal token by its id. Raises: NotFound, Forbidden."""
        self._ask("DELETE", "tokens", token)
