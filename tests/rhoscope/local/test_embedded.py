"""The embedded server: private, durable, alone in its directory, and gone with its parent."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from redis import Redis

from rhoscope.environment import Environment
from rhoscope.errors import Conflict
from rhoscope.local import embedded
from rhoscope.local.process import end

STARTER = """
import sys, time
from pathlib import Path
from rhoscope.local import embedded
from rhoscope.environment import Environment
print(embedded.start(Environment(data_dir=Path(sys.argv[1]))).pid, flush=True)
time.sleep(60)
"""


def test_what_was_written_is_there_after_a_kill(environment: Environment) -> None:
    server = embedded.start(environment)
    with Redis.from_url(environment.broker_url) as redis:
        redis.xadd("s", {"a": "1"}, id="1-0")
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    server = embedded.start(environment)
    with Redis.from_url(environment.broker_url) as redis:
        assert redis.xlen("s") == 1
    end(server)


def test_a_second_server_on_one_directory_is_refused(environment: Environment) -> None:
    server = embedded.start(environment)
    with pytest.raises(Conflict, match="Another rhoscope is running"):
        embedded.start(environment)
    end(server)


def test_only_its_owner_reaches_it(environment: Environment) -> None:
    server = embedded.start(environment)
    assert environment.socket_path.stat().st_mode & 0o777 == 0o700
    assert psutil.Process(server.pid).net_connections("inet") == []
    end(server)


def test_a_killed_parent_takes_the_server_along(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        server = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    gone, _ = psutil.wait_procs([server], timeout=5)
    assert gone == [server] or server.status() == psutil.STATUS_ZOMBIE


def test_a_long_data_directory_still_gets_a_socket(tmp_path: Path) -> None:
    environment = Environment(data_dir=tmp_path / ("long" * 40))
    server = embedded.start(environment)
    assert len(str(environment.socket_path)) <= 107
    end(server)


def test_a_folder_for_the_socket_that_another_user_made_first_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The temporary directory is everybody's; who owns the folder could be the server."""
    environment = Environment(data_dir=tmp_path / ("long" * 40))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    environment.socket_path.parent.mkdir()
    with pytest.raises(Conflict, match="belongs to another user"):
        embedded.start(environment)
