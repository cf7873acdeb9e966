"""A network that prescribes a proxy keeps nobody from the API of their own machine."""

import httpx
import pytest

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
