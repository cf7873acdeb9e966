"""Who gets in, and what they can do: strangers, viewers, operators, admins, by session and by token."""

import re
import socket
from collections import deque
from collections.abc import Iterator
from http.cookies import SimpleCookie

import httpx
import pytest
from served import serving
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from backend.http import gate
from backend.routes import live as live_route
from rhoscope.accounts import SESSION_COOKIE
from rhoscope.catalog import Catalog
from rhoscope.environment import Environment

PASSWORD = "correct horse"
ROLES = {"ann": "admin", "olga": "operator", "vera": "viewer"}


@pytest.fixture(scope="module")
def guarded(home: Environment, catalog: Catalog) -> Iterator[str]:
    """The API's address; its users are those of ROLES. They were added while nobody had to log in."""
    with serving(home, catalog) as served:
        for name, role in ROLES.items():
            login = {"name": "ann", "password": PASSWORD}
            with httpx.Client(base_url=f"{served.url}/api/v1", timeout=20) as client:
                client.post("/session", json=login)
                new = {"name": name, "password": PASSWORD, "role": role}
                assert client.post("/users", json=new).status_code == 201
        yield f"{served.url}/api/v1"


@pytest.fixture(scope="module")
def as_(guarded: str) -> Iterator[dict[str, httpx.Client]]:
    """Everybody's browser, and a stranger's."""
    clients = {name: httpx.Client(base_url=guarded, timeout=20) for name in [*ROLES, "stranger"]}
    for name in ROLES:
        assert clients[name].post("/session", json={"name": name, "password": PASSWORD}).is_success
    yield clients
    for client in clients.values():
        client.close()


READS = ["/runs", "/catalog", "/workers", "/queue", "/alerts", "/runs/index"]
ORDERS = [
    ("POST", "/runs"),
    ("POST", "/sweeps"),
    ("POST", "/runs/none/stop"),
    ("POST", "/runs/none/fork"),
    ("PATCH", "/runs/none"),
    ("PATCH", "/runs/none/settings"),
    ("DELETE", "/runs/none"),
    ("POST", "/runs/bulk"),
    ("POST", "/alerts"),
    ("PATCH", "/workers/none"),
    ("POST", "/runs/check"),
]


@pytest.mark.parametrize("path", READS)
def test_every_user_reads_and_a_stranger_does_not(as_: dict[str, httpx.Client], path: str) -> None:
    answers = {name: client.get(path) for name, client in as_.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "ann": 200, "olga": 200, "vera": 200, "stranger": 401,
    }  # fmt: skip
    assert answers["stranger"].headers["content-type"] == "application/problem+json"
    assert answers["stranger"].headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), ORDERS)
def test_only_operators_and_admins_give_orders(as_: dict[str, httpx.Client], method: str, path: str) -> None:
    status = {name: client.request(method, path, json={}).status_code for name, client in as_.items()}
    assert (status["stranger"], status["vera"]) == (401, 403)
    assert not {status["ann"], status["olga"]} & {401, 403, 500}
    assert as_["vera"].request(method, path, json={}).json()["detail"] == (
        "vera is a viewer and may look, but change nothing."
    )


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/users"), ("POST", "/users"), ("PATCH", "/users/x"), ("DELETE", "/users/x")]
)
def test_only_an_admin_manages_users(as_: dict[str, httpx.Client], method: str, path: str) -> None:
    status = {name: client.request(method, path, json={}).status_code for name, client in as_.items()}
    assert (status["stranger"], status["vera"], status["olga"]) == (401, 403, 403)
    assert status["ann"] in (200, 404, 422)


def test_every_route_that_there_is_asks_for_the_role(as_: dict[str, httpx.Client], guarded: str) -> None:
    """Whatever the API's own description names, also what comes later: nobody has to think of it here."""
    paths = as_["ann"].get(guarded.removesuffix("/api/v1") + "/openapi.json").json()["paths"]
    api = {path: methods for path, methods in paths.items() if path.startswith("/api/v1/")}
    routes = [(path, method.upper()) for path, methods in api.items() for method in methods]
    assert len(routes) > 75
    for path, method in routes:
        address = re.sub(r"{\w+}", "1", path).removeprefix("/api/v1")
        if address == "/session":
            continue  # who logs in is a stranger before
        status = {name: client.request(method, address).status_code for name, client in as_.items()}
        changes, own = method != "GET", address.startswith(("/tokens", "/session/"))
        admins = address.startswith(("/users", "/channels"))
        assert status["stranger"] == 401, (method, path)
        assert (status["vera"] == 403) == (admins or (changes and not own)), (method, path, status)
        assert (status["olga"] == 403) == admins, (method, path, status)
        assert status["ann"] not in (401, 403, 500), (method, path, status)


def test_what_is_no_route_and_what_describes_the_api_is_for_users_only(guarded: str) -> None:
    root = guarded.removesuffix("/api/v1")
    for path in ("/metrics", "/docs", "/openapi.json", "/nowhere", "/api/v1/none", "/api/v1/session/", "/"):
        assert httpx.get(f"{root}{path}").status_code == 401, path
    for path in ("/healthz", "/readyz", "/api/v1/readyz", "/api/v1/session"):
        assert httpx.get(f"{root}{path}").status_code == 200, path


def test_the_cookie_is_for_this_site_alone_and_secret_behind_https(guarded: str) -> None:
    login = {"name": "ann", "password": PASSWORD}
    for headers, secure in (({}, False), ({"X-Forwarded-Proto": "https"}, True)):
        answer = httpx.post(f"{guarded}/session", json=login, headers=headers)
        cookie = SimpleCookie(answer.headers["set-cookie"])[SESSION_COOKIE]
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "strict"
        assert bool(cookie["secure"]) is secure
        assert cookie["path"] == "/"
        assert cookie["domain"] == ""


def test_a_session_says_who_it_is_and_ends_with_logout(guarded: str) -> None:
    with httpx.Client(base_url=guarded) as client:
        assert client.get("/session").json() == {
            "name": "", "role": None, "required": True, "ways": ["password"],
        }  # fmt: skip
        client.post("/session", json={"name": "olga", "password": PASSWORD})
        session = client.get("/session").json()
        assert (session["name"], session["role"]) == ("olga", "operator")
        kept = dict(client.cookies)
        assert client.delete("/session").status_code == 204
        assert not client.cookies
        assert httpx.get(f"{guarded}/runs", cookies=kept).status_code == 401


def test_a_session_does_not_act_for_a_page_of_another_port(as_: dict[str, httpx.Client]) -> None:
    """To the browser it is the same site, whose cookies it sends along."""
    port = as_["ann"].base_url.port
    for origin, status in ((f"http://127.0.0.1:{port}", 404), ("http://127.0.0.1:9", 401)):
        assert as_["ann"].post("/runs/none/stop", headers={"Origin": origin}).status_code == status


def test_a_personal_token_is_named_shown_once_and_revoked(as_: dict[str, httpx.Client], guarded: str) -> None:
    made = as_["vera"].post("/tokens", json={"name": "laptop"}).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert httpx.get(f"{guarded}/runs", headers=headers).status_code == 200
    assert httpx.post(f"{guarded}/runs/none/stop", headers=headers).status_code == 403
    (listed,) = as_["vera"].get("/tokens").json()
    assert (listed["name"], listed["user"], "token" in listed) == ("laptop", "vera", False)
    assert listed["seen"] is not None
    assert as_["vera"].post("/tokens", json={"name": "laptop"}).status_code == 409
    assert as_["olga"].delete(f"/tokens/{made['id']}").status_code == 403
    assert as_["olga"].get("/tokens", params={"user": "vera"}).status_code == 403
    assert as_["olga"].post("/tokens", json={"name": "theirs", "user": "vera"}).status_code == 403
    assert [one["name"] for one in as_["ann"].get("/tokens", params={"user": "vera"}).json()] == ["laptop"]
    assert as_["vera"].delete(f"/tokens/{made['id']}").status_code == 204
    assert httpx.get(f"{guarded}/runs", headers=headers).status_code == 401


def test_a_new_password_ends_all_other_sessions(as_: dict[str, httpx.Client], guarded: str) -> None:
    new = {"name": "paul", "password": PASSWORD, "role": "viewer"}
    assert as_["ann"].post("/users", json=new).status_code == 201
    with httpx.Client(base_url=guarded) as here, httpx.Client(base_url=guarded) as there:
        for client in (here, there):
            client.post("/session", json={"name": "paul", "password": PASSWORD})
        wrong = {"old": "wrong horse", "new": "battery staple"}
        assert here.post("/session/password", json=wrong).status_code == 422
        assert here.post("/session/password", json=wrong | {"old": PASSWORD}).status_code == 200
        assert (here.get("/runs").status_code, there.get("/runs").status_code) == (200, 401)
        assert as_["ann"].patch("/users/paul", json={"role": "operator"}).json()["role"] == "operator"
        assert here.post("/runs/none/stop").status_code == 404
        assert as_["ann"].delete("/users/paul").status_code == 204
        assert here.get("/runs").status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Ann", "password": PASSWORD},
        {"name": "a b", "password": PASSWORD},
        {"name": "", "password": PASSWORD},
        {"name": "x" * 65, "password": PASSWORD},
        {"name": "zoe\n", "password": PASSWORD},
        {"name": "zoe", "password": "short"},
        {"name": "zoe", "password": PASSWORD, "role": "god"},
        {"name": "zoe", "password": PASSWORD, "more": 1},
    ],
)
def test_a_user_that_does_not_fit_is_refused(as_: dict[str, httpx.Client], body: dict[str, object]) -> None:
    assert as_["ann"].post("/users", json=body).status_code == 422


def test_a_stranger_has_no_live_socket_and_a_user_loses_it_with_the_session(
    guarded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "AGAIN_S", 0.1)
    monkeypatch.setattr(live_route, "PING_S", 0.1)
    url = f"{guarded.replace('http', 'ws')}/live?runs=*"
    with pytest.raises(InvalidStatus, match="403"), connect(url, proxy=None):
        pass
    with httpx.Client(base_url=guarded) as client:
        client.post("/session", json={"name": "vera", "password": PASSWORD})
        cookie = {"Cookie": f"{SESSION_COOKIE}={client.cookies[SESSION_COOKIE]}"}
        with connect(url, additional_headers=cookie, proxy=None) as live:
            assert "ping" in str(live.recv(10))
            client.delete("/session")
            with pytest.raises(ConnectionClosed) as closed:
                deque(iter(lambda: live.recv(20), None))
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_guessing_ends(guarded: str, home: Environment, catalog: Catalog) -> None:
    guess = {"name": "somebody", "password": "wrong horse"}
    status = [httpx.post(f"{guarded}/session", json=guess).status_code for _ in range(7)]
    assert status == [401] * 5 + [429] * 2
    last = httpx.post(f"{guarded}/session", json=guess)
    assert last.headers["retry-after"] == "60"
    assert "wait" in last.json()["detail"]
    with httpx.Client() as client:
        token = {"Authorization": "Bearer guess"}
        status = [client.get(f"{guarded}/runs", headers=token).status_code for _ in range(32)]
    assert set(status[:20]) == {401}
    assert status[-1] == 429
    with httpx.Client(base_url=guarded) as client:  # who has a token or a session does not wait for others
        client.post("/session", json={"name": "vera", "password": PASSWORD})
        made = client.post("/tokens", json={"name": "patient"}).json()["token"]
    assert httpx.get(f"{guarded}/runs", headers={"Authorization": f"Bearer {made}"}).status_code == 200


def test_another_host_is_refused_before_anything_else(guarded: str) -> None:
    answer = httpx.get(f"{guarded}/session", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert "RHOSCOPE_ALLOWED_HOSTS" in answer.json()["detail"]
    where = (str(httpx.URL(guarded).host), httpx.URL(guarded).port)
    with socket.create_connection(where) as here, pytest.raises(InvalidStatus, match="403"):
        connect("ws://evil.example/api/v1/live?runs=*", sock=here)


def test_every_answer_carries_the_headers_that_keep_browsers_safe(guarded: str) -> None:
    for path in ("/session", "/runs", "/none"):
        headers = httpx.get(f"{guarded}{path}").headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
