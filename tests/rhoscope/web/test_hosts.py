"""A server answers only under its own names: else a foreign page whose name points here is one of ours."""

import socket
from typing import Any

import pytest
from asgi import answers

from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput
from rhoscope.web.hosts import Hosts, KnownHost, is_loopback

OWN = [
    "localhost",
    "localhost:8050",
    "LOCALHOST",
    "a.localhost:1",
    "127.0.0.1:8000",
    "127.9.9.9",
    "[::1]:8050",
]
OWN += ["[::ffff:127.0.0.1]", "localhost.", socket.gethostname(), f"{socket.gethostname()}.local:8050"]
FOREIGN = ["evil.example", "localhost.evil.example", "evil.example:8050", "127.0.0.1.evil.example", "0.0.0.0"]
FOREIGN += ["192.0.2.7", "[2001:db8::1]", "", " ", "localhost@evil.example", "evil.example@localhost", "a b"]
FOREIGN += [
    "localhost:80:80",
    "notlocalhost",
    "2130706433",
    "localhost/",
    "http://localhost",
    "[::1",
    "\udfff",
]


@pytest.mark.parametrize("host", OWN)
def test_loopback_and_the_machines_own_name_are_ours(host: str) -> None:
    assert Hosts().admit(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_every_other_host_is_foreign(host: str) -> None:
    assert not Hosts().admit(host)


def test_an_address_is_ours_where_the_connection_arrived_at_it() -> None:
    assert Hosts().admit("192.0.2.7:8050", "192.0.2.7")
    assert not Hosts().admit("192.0.2.8:8050", "192.0.2.7")
    assert Hosts().admit("[2001:db8::1]:8050", "2001:DB8:0::1")


def test_names_are_allowed_alone_below_another_or_all() -> None:
    hosts = Environment(allowed_hosts="rho.lab, *.cluster.example,[2001:db8::5]").hosts
    ours = ["rho.lab:443", "a.cluster.example", "a.b.cluster.example", "[2001:db8::5]:1", "localhost"]
    foreign = ["x.rho.lab", "cluster.example", "evilcluster.example"]
    assert [host for host in ours if not hosts.admit(host)] == []
    assert [host for host in foreign if hosts.admit(host)] == []
    assert Environment(allowed_hosts="*").hosts.admit("evil.example")


def test_the_name_a_server_listens_on_and_the_apis_known_address_are_its_own() -> None:
    here = Environment(host="gpu7", api_url="http://backend:8000")
    assert here.hosts.admit("gpu7:8050")
    assert here.hosts.admit("backend:8000")


@pytest.mark.parametrize("value", ["http://lab", "lab:8050", "a b", "lab,,x", "lab/x", "*lab"])
def test_what_is_no_name_is_refused_by_its_variable(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("RHOSCOPE_ALLOWED_HOSTS", value)
    with pytest.raises(InvalidInput, match="RHOSCOPE_ALLOWED_HOSTS"):
        Environment.load()


@pytest.mark.parametrize(
    ("host", "only_here"),
    [
        *[(host, True) for host in ("localhost", "127.0.0.1", "::1")],
        *[(host, False) for host in ("", "0.0.0.0", "::", "lab", "10.0.0.1")],
    ],
)
def test_what_only_this_machine_reaches(host: str, *, only_here: bool) -> None:
    assert is_loopback(host) is only_here
    assert Environment(host=host).exposed is not only_here


def messages(kind: str, *headers: tuple[str, str]) -> list[Any]:
    fields = [(name.encode(), value.encode()) for name, value in headers]
    return answers(lambda app: KnownHost(app, Hosts()), kind, fields)


@pytest.mark.parametrize(
    "headers",
    [
        [("host", "evil.example")],
        [],
        [("host", "localhost"), ("host", "evil.example")],
        [("host", "localhost"), ("host", "localhost")],
        [("host", "localhost"), ("x-forwarded-host", "evil.example")],
        [("host", "localhost"), ("x-forwarded-host", "localhost, evil.example")],
    ],
)
def test_another_host_reaches_neither_a_route_nor_the_live_socket(headers: list[tuple[str, str]]) -> None:
    start, body = messages("http", *headers)
    assert start["status"] == 403
    assert b"RHOSCOPE_ALLOWED_HOSTS" in body["body"]
    (closed,) = messages("websocket", *headers)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4403)


def test_our_own_host_reaches_both() -> None:
    own = [("host", "localhost:8050"), ("x-forwarded-host", "127.0.0.1")]
    assert messages("http", *own) == messages("websocket", *own) == [{"type": "in"}]
