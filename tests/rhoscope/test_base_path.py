"""The path of a proxy is taken off requests and put before links."""

from typing import Any

import pytest
from awaited import awaited

from rhoscope.base_path import BasePath, within, without
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput


def seen(path: str, headers: dict[str, str], base: str = "") -> tuple[str, bytes, str]:
    """Path and raw path that the application gets, and a link that it writes."""
    got: list[tuple[str, bytes, str]] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        got.append((scope["path"], scope["raw_path"], within("/watch")))

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "raw_path": path.encode(), "headers": raw}
    awaited(BasePath(app, base)(scope, None, None))
    return got[0]


@pytest.mark.parametrize("path", ["/rho/watch", "/watch"])
def test_a_request_is_the_same_with_the_path_and_without(path: str) -> None:
    for headers, base in (
        ({"X-Forwarded-Prefix": "/rho/"}, ""),
        ({"X-Forwarded-Context": "/rho"}, ""),
        ({}, "/rho"),
    ):
        assert seen(path, headers, base) == ("/watch", b"/watch", "/rho/watch")


def test_the_proxy_in_front_goes_before_the_configuration() -> None:
    assert seen("/watch", {"X-Forwarded-Prefix": "/b, /c"}, "/a") == ("/watch", b"/watch", "/b/watch")
    assert within("/watch") == "/watch"
    assert (without("/rhodes", "/rho"), without("/rho", "/rho")) == ("/rhodes", "/")


@pytest.mark.parametrize("given", ["/rho", "rho", "/rho/", "/user/me/proxy/8050"])
def test_a_base_path_is_taken_with_and_without_slashes(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("RHOSCOPE_BASE_PATH", given)
    assert Environment.load().base_path == f"/{given.strip('/')}"


@pytest.mark.parametrize("given", ["/a b", "http://x/y", "/a//b", "/..", '/"'])
def test_what_is_no_path_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="RHOSCOPE_BASE_PATH"):
        Environment.load(base_path=given)
