"""Real parts for every test: a Valkey server of its own, a PostgreSQL, a fresh data directory."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import expect
from postgres import Postgres
from redis import Redis

from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
expect.set_options(timeout=30_000)  # milliseconds: two tests at a time, on a machine of any speed


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("RHOSCOPE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Embedded defaults in a directory that nothing else uses."""
    return Environment(data_dir=tmp_path / "data", lease_s=3.0)


@pytest.fixture
def redis_url(environment: Environment) -> Iterator[str]:
    """Address of a fresh, real server."""
    server = embedded.start(environment)
    yield environment.broker_url
    end(server)


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real server for all tests; each takes a database of its own."""
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """Address of an empty database."""
    return postgres.database()
