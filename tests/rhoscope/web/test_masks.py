"""No password of an address is shown, least of all in the words that say what is wrong with it."""

import pytest

from backend.store import Store
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput, RhoscopeError
from rhoscope.web.masks import masked

SECRET = "hunter2"
ADDRESSES = [
    f"redis://:{SECRET}@host:6379/0",
    f"redis://me:{SECRET}@host:port/0",
    f"redis://me:p@{SECRET}@host",
    f"redis://me:{SECRET}/x@host:6379",
    f"redis://host:{SECRET}/0",
    f"redis://:{SECRET}",
    f"redis:me:{SECRET}@host",
    f"redis//me:{SECRET}@host",
    f"me:{SECRET}@host",
    f"postgres://me:{SECRET}@host/rhoscope",
    f"postgresql+nothing://me:{SECRET}@host/rhoscope",
    f"postgresql://me:{SECRET}@host:port/rhoscope",
    f"postgresql://host/rhoscope?user=me&password={SECRET}",
    f"mysql://me:{SECRET}@host/x",
    f"postgresql://me:{SECRET}@[::1/rhoscope",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_password_is_hidden_wherever_it_stands(address: str) -> None:
    assert SECRET not in masked(address)
    assert "***" in masked(address)


@pytest.mark.parametrize(
    "address", ["redis://host:6379/0", "sqlite:////data/rhoscope.db", "unix:///run/redis.sock", "", "host"]
)
def test_an_address_without_a_password_is_shown_as_it_is(address: str) -> None:
    assert masked(address) == address


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("name", ["RHOSCOPE_REDIS_URL", "RHOSCOPE_DATABASE_URL", "RHOSCOPE_API_URL"])
def test_a_refused_address_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    monkeypatch.setenv(name, address)
    shown = ""
    try:
        Store(Environment.load().store_url).close()
    except RhoscopeError as error:
        shown = " ".join([name, error.detail, *map(str, error.errors)])
    assert SECRET not in shown


@pytest.mark.parametrize("address", ["redis://host:secret/0", "redis://host:70000", "rediss://[::1"])
def test_an_address_that_the_client_could_not_read_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("RHOSCOPE_REDIS_URL", address)
    with pytest.raises(InvalidInput, match="RHOSCOPE_REDIS_URL"):
        Environment.load()
