"""Settings from the environment are refused by name when they do not fit."""

from pathlib import Path

import pytest

from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput


def test_unset_means_embedded_defaults_under_the_data_directory() -> None:
    here = Environment(data_dir=Path("/data"))
    assert here.store_url == "sqlite:////data/rhoscope.db"
    assert here.broker_url == "unix:///data/redis/redis.sock"
    assert here.checkpoints == "/data/checkpoints"


def test_a_plain_postgresql_address_gets_the_driver_we_ship(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RHOSCOPE_DATABASE_URL", "postgresql://me@db/rhoscope")
    assert Environment.load().store_url == "postgresql+psycopg://me@db/rhoscope"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RHOSCOPE_REDIS_URL", "localhost:6379"),
        ("RHOSCOPE_DATABASE_URL", "mysql://x"),
        ("RHOSCOPE_API_URL", "somewhere"),
        ("RHOSCOPE_API_URL", "http://[::1"),
        ("RHOSCOPE_API_URL", "http://lab:0"),
        ("RHOSCOPE_LEASE_S", "-1"),
        ("RHOSCOPE_LEASE_S", "soon"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput, match=name) as caught:
        Environment.load()
    assert value in caught.value.detail


@pytest.mark.parametrize("token", ["grün", "a\nb", "\x1b[2J", "a\u200b"])
def test_a_token_that_could_not_be_sent_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("RHOSCOPE_API_TOKEN", token)
    with pytest.raises(InvalidInput, match=r"RHOSCOPE_API_TOKEN.*expected ASCII letters") as caught:
        Environment.load()
    assert token not in caught.value.detail


def test_spaces_around_a_token_are_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RHOSCOPE_API_TOKEN", " secret ")
    assert Environment.load().client_token == "secret"
