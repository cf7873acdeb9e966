"""A network that prescribes a proxy keeps nobody from the API of their own machine."""

import httpx
import pytest

from rhoscope.client import Client
from rhoscope.errors import InvalidInput
from rhoscope.tracker.delivery import Server
from rhoscope.web.outgoing import outgoing


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY", "http_proxy"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_our_own_loopback_is_reached_past_a_proxy(
    monkeypatch: pytest.MonkeyPatch, variable: str, host: str
) -> None:
    monkeypatch.setenv(variable, "http://proxy.invalid:3128")
    url = f"http://{host}:9"
    with httpx.Client(**outgoing(url)) as client, pytest.raises(httpx.ConnectError) as refused:
        client.get(url)
    assert "proxy.invalid" not in str(refused.value)
    assert "refused" in str(refused.value)


def test_other_machines_are_reached_through_it_and_known_by_their_certificates() -> None:
    assert outgoing("https://rho.example.org") == {"trust_env": True, "verify": True}
    assert outgoing("http://gpu-box:8000") == {"trust_env": True, "verify": False}


@pytest.mark.parametrize("make", [Client, Server])
@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://",
        "http://[::1",
        "http://lab:port",
        "http://lab:0",
        "ftp://lab",
        "lab:8000",
        "http://a\x01b",
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_sent(make: type[Client | Server], url: str) -> None:
    with pytest.raises(InvalidInput, match=r"is not the address of an API; expected http://HOST:PORT"):
        make(url, "")


@pytest.mark.parametrize("make", [Client, Server])
@pytest.mark.parametrize("token", ["grün", "a\nb", "a\0b", "\udfff"])
def test_a_token_that_can_not_be_sent_is_refused_without_being_shown(
    make: type[Client | Server], token: str
) -> None:
    with pytest.raises(InvalidInput, match="holds characters that no token has") as refused:
        make("http://127.0.0.1:9", token)
    assert token not in refused.value.detail


def test_an_id_of_an_order_that_can_not_be_sent_is_refused() -> None:
    with Client("http://127.0.0.1:9") as client, pytest.raises(InvalidInput, match="Idempotency-Key"):
        client.stop("r1", idempotency_key="ключ")
