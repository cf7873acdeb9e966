"""Before anything starts, the ground is looked at; each trouble is one sentence."""

import os
import socket
from pathlib import Path

import pytest

from rhoscope.environment import Environment
from rhoscope.errors import Conflict, InvalidInput
from rhoscope.local import ground


def test_a_taken_port_is_named_with_its_holder_and_the_option_that_mends_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Conflict) as caught:
            ground.check_port("127.0.0.1", port, "dashboard")
    assert f"Port {port} for the dashboard is taken" in caught.value.detail
    assert f"process {os.getpid()}" in caught.value.detail
    assert "--port" in caught.value.detail


def test_a_full_disk_is_said_in_megabytes(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "MINIMUM_FREE_BYTES", 2**62)
    with pytest.raises(Conflict, match=r"is full: \d+ MB are free"):
        ground.check_ground(environment, {})


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InvalidInput, match="can't be used"):
        ground.check_ground(Environment(data_dir=file / "data"), {})
