"""Each program gets what it needs to know, and no more."""

from pathlib import Path

import pytest

from rhoscope.environment import Environment
from rhoscope.local import up


def test_only_the_api_gets_the_secrets(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, dict[str, str]] = {}

    def begin(module: str, *, log: Path, env: dict[str, str]) -> None:
        given[f"{module}, {log.name}"] = env

    monkeypatch.setattr(up, "begin", begin)
    for name in ("RHOSCOPE_API_TOKEN", "RHOSCOPE_DATABASE_URL"):
        monkeypatch.setenv(name, "secret")
    house = up.House(environment, 8050, 8000, ["cpu"], print)
    for module in ("backend", "dashboard", "trainer.worker"):
        house._add_module(module, module)
    assert list(given.pop("backend, backend.log").values()).count("secret") == 2
    assert ["secret" in env.values() for env in given.values()] == [False, False]
