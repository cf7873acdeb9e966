"""An id is one segment of an address and a part of a file's name, whatever somebody gives as one."""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rhoscope import cli
from rhoscope.client import Client
from rhoscope.errors import InvalidInput
from rhoscope.tracker.delivery import Server
from rhoscope.web import paths

WRONG = [
    "",
    " ",
    ".",
    "..",
    "../../etc/passwd",
    "..\\..\\x",
    "/",
    "a/b",
    "/etc/passwd",
    "a?b",
    "a#b",
    "?",
    "%2e%2e",
    "%2e",
    "a%2fb",
    "a\0b",
    "a\r\nX-Evil: 1",
    "\x1b[2J",
    "\udfff",
    "a\ud800b",
    "x" * 201,
    "x" * 100_000,
]
NAMED = {"run", "sweep", "view", "alert", "token", "channel", "name"}
"""Parameters of the client that name one thing."""
CREATING = {"save", "add", "add_user", "add_token"}
"""Methods that are given the name of what is not there yet."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Addresses that were asked for, by whatever sends."""
    result: list[bytes] = []

    def send(_self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        result.append(request.url.raw_path)
        return httpx.Response(404, json={"detail": "There is none."}, request=request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", send)
    return result


def questions() -> Iterator[tuple[str, int]]:
    """Methods of the client whose first argument names something that is there, and how many they need."""
    with Client() as client:
        for prefix in ("", "accounts.", "channels.", "views."):
            owner = getattr(client, prefix.strip(".")) if prefix else client
            for name, method in inspect.getmembers(owner, inspect.ismethod):
                given = list(inspect.signature(method).parameters.values())
                needed = [p for p in given if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
                if name[0] != "_" and needed and needed[0].name in NAMED and name not in CREATING:
                    yield f"{prefix}{name}", len(needed)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_segment_is_refused_with_a_sentence(wrong: str) -> None:
    with pytest.raises(InvalidInput, match=r"is not an id: .*; expected one as lists show it") as refused:
        paths.path("runs", wrong)
    assert len(refused.value.detail) < 300
    assert refused.value.detail.isprintable()


@pytest.mark.parametrize("wrong", [None, 7, b"a", ["a"]])
def test_what_is_no_text_is_no_id(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="not a text"):
        paths.segment(wrong)


@pytest.mark.parametrize(
    ("given", "escaped"),
    [("a b", b"a%20b"), ("größer", b"gr%C3%B6%C3%9Fer"), ("a;b=1&c", b"a%3Bb%3D1%26c"), ("...", b"...")],
)
def test_an_id_is_one_segment(sent: list[bytes], given: str, escaped: bytes) -> None:
    with Client() as client, pytest.raises(Exception, match="There is none"):
        client.run(given)
    assert sent == [b"/api/v1/runs/" + escaped]


@pytest.mark.parametrize(("name", "needed"), sorted(questions()))
def test_no_question_of_the_client_leaves_its_address(sent: list[bytes], name: str, needed: int) -> None:
    with Client() as client:
        method: Any = client
        for part in name.split("."):
            method = getattr(method, part)
        for wrong in ("../../metrics", "", "%2e%2e"):
            with pytest.raises(InvalidInput, match="is not an id"):
                list(method(wrong, *["x"] * (needed - 1)))  # pieces are asked for with the first of them
    assert not sent


def test_every_kind_of_question_was_tried() -> None:
    tried = {name for name, _ in questions()}
    assert {"run", "stop", "samples", "export", "verdict", "trials", "edit_alert", "views.edit"} <= tried
    assert len(tried) > 30


def test_a_guest_asks_no_other_address(sent: list[bytes]) -> None:
    server = Server("http://127.0.0.1:9")
    with pytest.raises(InvalidInput, match="is not an id"):
        server.position("../x")
    with pytest.raises(InvalidInput, match="is not an id"):
        server.put("../x", 1, 1, b"")
    with pytest.raises(InvalidInput, match="is not an id"):
        server.commands("../x", 0, 0)
    server.close()
    assert not sent


@pytest.mark.parametrize("wrong", ["../../etc/passwd", "", "%2e", "\udcff"])
@pytest.mark.parametrize(
    "command",
    [
        *([one, "ID"] for one in ("samples", "stop", "pause", "resume", "fork", "watch", "export", "report")),
        *([one, "ID"] for one in ("verdict", "remedies")),
        ["report", "a", "ID"],
        ["set", "ID", "alpha=1"],
    ],
    ids=" ".join,
)
def test_a_command_says_so_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    sent: list[bytes],
    command: list[str],
    wrong: str,
) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(sys, "argv", ["rhoscope", *(wrong if one == "ID" else one for one in command)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    answer = " ".join(capsys.readouterr().err.split())
    assert ended.value.code == 2, answer
    assert "is not an id" in answer or "not valid Unicode" in answer
    assert answer.isprintable()
    assert not sent
    assert sorted(tmp_path.rglob("*")) == before
