"""Real parts for every test: a Valkey server of its own, a PostgreSQL, a fresh data directory."""

import gc
import os
from collections.abc import Callable, Generator, Iterator
from functools import cache
from pathlib import Path

import chromium
import pytest
import suite_nursery
import suite_workers
from httpx._transports import default as transports
from hypothesis import settings
from instrument import Instrument
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect
from postgres import Postgres
from redis import Redis
from suite import Lanes, longest, reports_of
from xdist.remote import Producer

from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end

# One thread each, in programs that a test starts as well: threads of several torches on few processors
# spin for each other, and their number may not decide a result. Set before anything imports torch.
os.environ["OMP_NUM_THREADS"] = "1"
gc.disable()  # until all is imported: a million objects that stay would be looked through again and again
vars(transports).update(create_ssl_context=cache(transports.create_ssl_context))  # certificates are read once
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
expect.set_options(timeout=60_000)  # milliseconds: two tests at a time, on a machine of any speed


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Garbage is that of tests: what was imported and collected is no longer looked through."""
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Processes that test side by side share what programs, and they themselves, begin as copies of."""
    suite_nursery.share()
    suite_workers.share(config)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes | None:
    """Our own order where files are dealt out whole."""
    return Lanes(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What took longest, file by file."""
    if len(lines := longest(reports_of(terminalreporter.stats))) > 2:
        terminalreporter.section("slowest files")
        terminalreporter.write("".join(f"{line}\n" for line in lines))


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


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One browser for all; each page is in a context of its own."""
    browser = playwright.chromium.launch(
        executable_path=chromium.EXECUTABLE, args=chromium.FLAGS + chromium.BRIEF
    )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One context for the pages of all tests: each begins without cookies, storage, and rights."""
    with chromium.anchored(browser) as context:
        yield context


@pytest.fixture
def fresh(context: BrowserContext) -> Iterator[Callable[[int, int], Page]]:
    """Opens pages of a width and a height; what they leave behind is gone after the test."""
    seen: set[str] = set()

    def opened(width: int, height: int) -> Page:
        page = chromium.page_beside(context)
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(60_000)
        page.on("framenavigated", lambda frame: seen.add(chromium.origin(frame.url)))
        return page

    yield opened
    chromium.forget(context, seen)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instrument]:
    """The whole product, with one worker; started once, since that costs more than most tests."""
    house = Instrument(tmp_path_factory.mktemp("product"))
    house.start()
    yield house
    house.stop()


@pytest.fixture(scope="module")
def instrument(product: Instrument) -> Instrument:
    """The running product, with an empty table of runs."""
    product.clear()
    return product
