"""Before anything starts, the ground is looked at; each trouble is one sentence."""

import os
import socket
from pathlib import Path

import pytest

from rhoscope.environment import Environment
from rhoscope.errors import Conflict, InvalidInput
from rhoscope.local import up


def test_a_taken_port_is_named_with_its_holder_and_the_option_that_mends_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Conflict) as caught:
            up.check_port("127.0.0.1", port, "dashboard")
    assert f"Port {port} for the dashboard is taken" in caught.value.detail
    assert f"process {os.getpid()}" in caught.value.detail
    assert "--port" in caught.value.detail


def test_a_full_disk_is_said_in_megabytes(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "MINIMUM_FREE_BYTES", 2**62)
    with pytest.raises(Conflict, match=r"is full: \d+ MB are free"):
        up.check_ground(environment, {})


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InvalidInput, match="can't be used"):
        up.check_ground(Environment(data_dir=file / "data"), {})


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
