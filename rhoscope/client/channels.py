"""Channels through the REST API."""

from collections.abc import Callable
from typing import Any

from rhoscope.channels import Channel, NewChannel


class Channels:
    """`client.channels`: where messages about runs go."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        """`ask` sends one request: method, path, then the request's other parts by name."""
        self._ask = ask

    def all(self) -> list[Channel]:
        """All channels, oldest first. Raises: Forbidden, unless an admin asks."""
        return [Channel.model_validate(one) for one in self._ask("GET", "channels")]

    def add(self, channel: NewChannel) -> Channel:
        """Add a channel; messages begin with what happens next. Raises: InvalidInput, Conflict, Forbidden."""
        return Channel.model_validate(self._ask("POST", "channels", json=channel.model_dump()))

    def edit(self, channel: str, **changes: Any) -> Channel:
        """Change `name`, `address`, `occasions`, or `enabled`. Raises: NotFound, InvalidInput, Forbidden."""
        return Channel.model_validate(self._ask("PATCH", "channels", channel, json=changes))

    def test(self, channel: str) -> None:
        """Send a message now. Raises: NotFound, Forbidden; Unavailable, when the service does not take it."""
        self._ask("POST", "channels", channel, "test")

    def delete(self, channel: str) -> None:
        """Delete a channel. Raises: NotFound, Forbidden."""
        self._ask("DELETE", "channels", channel)
