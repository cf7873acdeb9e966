"""A store on each database, and a served back end on the embedded defaults."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from postgres import Postgres
from redis import Redis
from served import Attempt, Served, serving

from backend.access import passwords
from backend.store import Store
from rhoscope.catalog import Catalog
from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end
from trainer.plugins import describe


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """The same algorithm without its cost, which is meant for those who guess."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        patch.setattr(passwords, "_NOBODYS", passwords.hashed("nobody"))
        yield


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return describe()


@pytest.fixture(scope="session")
def sqlite_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, empty: made once, since the way through all migrations is long."""
    path = tmp_path_factory.mktemp("model") / "store.db"
    _made(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_model(postgres: Postgres) -> str:
    """The name of a database with all tables, empty."""
    url = postgres.database()
    _made(_through_psycopg(url))
    return url.rpartition("/")[2]


def _made(url: str) -> None:
    store = Store(url)
    store.open()
    store.close()


def _through_psycopg(url: str) -> str:
    return url.replace("postgresql:", "postgresql+psycopg:")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, once on each database."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("sqlite_model"), tmp_path / "store.db")
        url = f"sqlite:///{path}"
    else:
        model: str = request.getfixturevalue("postgres_model")
        url = _through_psycopg(request.getfixturevalue("postgres").database(model))
    store = Store(url)
    store.open()
    yield store
    store.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, sqlite_model: Path) -> Iterator[Environment]:
    """An environment with a real broker and an empty store, for a whole module."""
    environment = Environment(data_dir=tmp_path_factory.mktemp("api"), lease_s=2.0)
    shutil.copy(sqlite_model, environment.data_dir / "rhoscope.db")
    server = embedded.start(environment)
    yield environment
    end(server)


@pytest.fixture(scope="module")
def served(home: Environment, catalog: Catalog) -> Iterator[Served]:
    with serving(home, catalog) as served:
        yield served


@pytest.fixture(scope="module")
def broker(home: Environment) -> Iterator[Redis]:
    with Redis.from_url(home.broker_url) as redis:
        yield redis


@pytest.fixture(scope="module")
def api(served: Served) -> Iterator[httpx.Client]:
    """The API, asked with plain HTTP."""
    with httpx.Client(base_url=f"{served.url}/api/v1", timeout=20) as client:
        yield client


@pytest.fixture
def begun(api: httpx.Client, broker: Redis) -> Callable[..., Attempt]:
    """Launch a run before all that wait, and begin its first attempt."""

    def begin(names: tuple[str, ...] = ("loss",), **spec: object) -> Attempt:
        run = api.post("/runs", json={"priority": 1000} | spec).json()["id"]
        attempt = Attempt(broker, run, names=names)
        attempt.take()
        attempt.begin()
        return attempt

    return begin
