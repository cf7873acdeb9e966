"""Channels through the API and the client."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from instrument import wait_for
from letterbox import Letterbox, letterbox
from served import Attempt, Served

from rhoscope.channels import NewChannel
from rhoscope.client import Client
from rhoscope.errors import InvalidInput, NotFound, Unavailable


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.url) as client:
        yield client
        for one in client.channels.all():
            client.channels.delete(one.id)


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as box:
        yield box


def test_a_run_that_ends_is_a_message(client: Client, box: Letterbox, begun: Callable[..., Attempt]) -> None:
    client.channels.add(NewChannel(name="mine", address=box.address, occasions=["completed"]))
    attempt = begun()
    attempt.tell("finished", 100, state="completed", reason="")
    wait_for(lambda: box.messages, 20, "a message")
    assert attempt.run in box.messages[0]["message"]


def test_a_test_is_sent_at_once_and_says_what_is_wrong(client: Client, box: Letterbox) -> None:
    channel = client.channels.add(NewChannel(name="mine", address=box.address))
    client.channels.test(channel.id)
    assert box.messages[0]["title"] == "rhoscope: a test"
    box.well = False
    with pytest.raises(Unavailable, match="JSON did not take the message"):
        client.channels.test(channel.id)
    assert "500" in client.channels.all()[0].problem


def test_addresses_are_never_answered_whole(client: Client, api: httpx.Client) -> None:
    secret = "Tq4mvkfhYbCz"
    channel = client.channels.add(NewChannel(name="mine", address=f"jsons://a:{secret}@h.example/{secret}"))
    client.channels.edit(channel.id, name="other")
    assert (channel.service, channel.address) == ("JSON", "jsons://h.example")
    assert secret not in api.get("/channels").text


def test_what_does_not_fit_is_a_sentence(client: Client) -> None:
    with pytest.raises(InvalidInput, match="address: expected the address of a service"):
        client.channels.add(NewChannel(name="mine", address="syslog://"))
    with pytest.raises(NotFound, match="There is no channel 'none'"):
        client.channels.test("none")
    channel = client.channels.add(NewChannel(name="mine", address="jsons://h.example"))
    wrong: list[dict[str, Any]]
    wrong = [{"address": "nonsense"}, {"occasions": []}, {"occasions": ["never"]}, {"name": ""}]
    for changes in wrong:
        with pytest.raises(InvalidInput):
            client.channels.edit(channel.id, **changes)
    assert client.channels.edit(channel.id, occasions=["lost", "lost"]).occasions == ["lost"]
