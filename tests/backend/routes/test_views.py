"""Saved views through the API and the client."""

from collections.abc import Iterator

import httpx
import pytest
from served import Served

from dashboard.pages import PAGES as SHOWN
from rhoscope.client import Client
from rhoscope.errors import Conflict, InvalidInput, NotFound
from rhoscope.views import LONGEST_ADDRESS, PAGES

GOOD = "/compare?runs=a,b&by=alpha&align=series:rho.fast&zoom=0:9&q=%22x%22"


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.url) as client:
        yield client
        for one in client.views.all():
            client.views.delete(one.id)


def test_views_are_saved_listed_by_name_renamed_and_deleted(client: Client) -> None:
    second = client.views.save("  of\tthe  paper ", GOOD)
    first = client.views.save("Alpha", "/")
    assert [(one.name, one.address) for one in client.views.all()] == [
        ("Alpha", "/"),
        ("of the paper", GOOD),
    ]
    assert client.views.edit(second.id, name="A figure").address == GOOD
    assert client.views.edit(second.id, address="/sweeps?sweep=x").name == "A figure"
    assert client.views.edit(second.id, name="A figure").name == "A figure"
    client.views.delete(first.id)
    assert [one.id for one in client.views.all()] == [second.id]
    for missing in (lambda: client.views.delete(first.id), lambda: client.views.edit(first.id, name="x")):
        with pytest.raises(NotFound, match=f"There is no view '{first.id}'"):
            missing()


def test_a_name_is_of_one_view_and_an_order_that_is_repeated_is_one(client: Client) -> None:
    one = client.views.save("mine", "/watch?runs=a", idempotency_key="k")
    assert client.views.save("mine", "/watch?runs=a", idempotency_key="k") == one
    other = client.views.save("other", "/")
    for again in (
        lambda: client.views.save("mine", "/"),
        lambda: client.views.save(" mine ", "/"),
        lambda: client.views.edit(other.id, name="mine"),
    ):
        with pytest.raises(Conflict, match="There is a view 'mine' already; choose another name"):
            again()


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/x",
        "https://evil.example/compare",
        "javascript:alert(1)",
        "/\\evil.example",
        "compare?runs=a",
        "/nowhere",
        "/compare/../api",
        "/api/v1/runs",
        "/compare#x",
        "/compare?a=b#x",
        "/compare?a b",
        "/compare?a=\nb",
        "/compare?a=ü",
        " /compare",
        "?runs=a",
    ],
)
def test_only_addresses_of_pages_are_views(client: Client, address: str) -> None:
    with pytest.raises(InvalidInput, match="is not the address of a page; expected its path and parameters"):
        client.views.save("mine", address)
    assert client.views.all() == []


def test_what_does_not_fit_is_a_sentence(client: Client, api: httpx.Client) -> None:
    for name, words in ((" \t", "a view needs a name"), ("a\x1b[2J", "can't be seen"), ("", "name: ")):
        with pytest.raises(InvalidInput, match=words):
            client.views.save(name, "/")
    with pytest.raises(InvalidInput, match="address: "):
        client.views.save("mine", "/compare?runs=" + "a" * LONGEST_ADDRESS)
    view = client.views.save("mine", "/")
    for changes in ({"name": ""}, {"address": "//x"}, {"author": "me"}, {"name": "x" * 101}):
        with pytest.raises(InvalidInput):
            client.views.edit(view.id, **changes)
    assert api.post("/views", json=["mine"]).status_code == 422
    assert client.views.all() == [view]


def test_every_page_can_be_saved() -> None:
    assert {f"/{page}" for page in PAGES} == {page.path for page in SHOWN}
