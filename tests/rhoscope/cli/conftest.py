"""A server that is there, and commands as users type them."""

from collections.abc import Iterator

import pytest
from served import Served, serving
from typed import Say

from rhoscope.environment import Environment
from rhoscope.local import embedded
from rhoscope.local.process import end
from trainer.plugins import describe


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environment = Environment(data_dir=tmp_path_factory.mktemp("terminal"))
    server = embedded.start(environment)
    with serving(environment, describe()) as served:
        yield served
    end(server)


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], served: Served) -> Say:
    monkeypatch.setenv("RHOSCOPE_API_URL", served.url)
    return Say(monkeypatch, capsys)
