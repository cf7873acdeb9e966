"""Saved views through the REST API."""

from collections.abc import Callable
from typing import Any

from rhoscope.views import View


class Views:
    """`client.views`: addresses of pages under a name."""

    def __init__(self, ask: Callable[..., Any], order: Callable[..., Any]) -> None:
        """`ask` sends one request: method, path, then its other parts by name; `order` one with an id."""
        self._ask = ask
        self._order = order

    def all(self) -> list[View]:
        """All views by name."""
        return [View.model_validate(one) for one in self._ask("GET", "views")]

    def save(self, name: str, address: str, idempotency_key: str = "") -> View:
        """Save a page, such as `/compare?runs=A,B&by=alpha`. Raises: InvalidInput, Conflict (taken name)."""
        body = {"name": name, "address": address}
        return View.model_validate(self._order("POST", "views", key=idempotency_key, json=body))

    def edit(self, view: str, **changes: Any) -> View:
        """Change `name` or `address`. Raises: NotFound, InvalidInput; Conflict, for a taken name."""
        return View.model_validate(self._order("PATCH", "views", view, json=changes))

    def delete(self, view: str) -> None:
        """Delete a view; the runs that it shows stay. Raises: NotFound."""
        self._order("DELETE", "views", view)
