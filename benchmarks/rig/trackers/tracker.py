"""One tracker as the benchmark sees it: it takes steps, and gives them back as its own display reads them.

Only the standard library is imported here, since each tracker is measured by an interpreter of its own.
"""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.parse
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple

START_S = 90.0
GRACE_S = 10.0
PROJECT = "bench"
start: Callable[..., "subprocess.Popen[bytes]"] = subprocess.Popen
"""Starts what measures, and servers; tests have a quicker way."""


class Unable(Exception):
    """The tracker can't do this; the message says why, for the page."""


class Curve(NamedTuple):
    """What came back of one series of one run."""

    points: int
    last_step: int


class Tracker(ABC):
    """One tracker, writing below `folder`. A file beside this one overrides what its tracker can do."""

    package = ""
    """The distribution whose version stands on the page."""
    says = ""
    """How it was used and read, for the page."""
    capacity: int | None = None
    """Values that can be waited for where they are written much later than they are logged; None: any."""
    unreadable = ""
    """The reason where nothing can be read on this machine alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: Server | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @abstractmethod
    def begin(self, run: str) -> None:
        """Begin a run of this name; one at a time."""

    @abstractmethod
    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Record a step's values, as a training loop does."""

    def fill(self, steps: Sequence[int], names: Sequence[str]) -> None:
        """Record many steps, each value the step's number, by the quickest way that is offered."""
        for step in steps:
            self.log(step, dict.fromkeys(names, float(step)))

    def flush(self) -> None:  # noqa: B027 -- most trackers have nothing to do here
        """Ask that what was logged is shown now, where programs can."""

    @abstractmethod
    def finish(self) -> None:
        """End the run; everything is stored afterwards."""

    def serve(self) -> None:
        """Start whatever answers the requests below. Raises: Unable."""
        if self.unreadable:
            raise Unable(self.unreadable)

    def close(self) -> None:
        """End what answers; harmless where nothing does."""
        if self.server:
            self.server.close()
        self.server = None

    def seen(self, run: str, series: str, step: int) -> bool:
        """Whether its page could show this step of a run that goes on, or a later one. Raises: Unable."""
        raise Unable(self.unreadable)

    def curves(self, runs: Sequence[str], names: Sequence[str]) -> list[Curve]:
        """What its page asks for to draw these series of these runs. Raises: Unable."""
        raise Unable(self.unreadable)

    def listing(self) -> int:
        """The number of runs that it lists, asked as its page asks for them. Raises: Unable."""
        raise Unable(self.unreadable)

    def get(self, path: str, **query: Any) -> Any:
        """JSON of a resource of its server; None when it isn't there."""
        return self._asked.get(path, **query)

    def post(self, path: str, body: Any) -> Any:
        """JSON with which its server answers a body of JSON; None when it isn't there."""
        return self._asked.post(path, body)

    @property
    def _asked(self) -> "Server":
        if self.server is None:
            raise Unable("its server was not started")
        return self.server


class Server:
    """A program that answers HTTP, and one connection to it that stays open."""

    def __init__(self, command: Callable[[int], Sequence[str]], log: Path, alive: str) -> None:
        """`command` gets a free port; `alive` is a path that answers once the program has started.

        Raises: Unable, with the last line of its log.
        """
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        with log.open("ab") as out:
            self._process = start(
                command(self.port), stdout=out, stderr=out, env=os.environ, start_new_session=True
            )
        self._http = self._connection()
        until = time.monotonic() + START_S
        while self._status(alive) is None:
            if self._process.poll() is not None or time.monotonic() > until:
                last = (log.read_text(errors="replace").strip().splitlines() or ["its log is empty"])[-1]
                self.close()
                raise Unable(f"its server does not start: {last[:120]}")
            time.sleep(0.05)

    def get(self, path: str, **query: Any) -> Any:
        """JSON of a resource; None when it isn't there."""
        request = f"{path}?{urllib.parse.urlencode(query, doseq=True)}" if query else path
        return self._answer("GET", request, None)

    def post(self, path: str, body: Any) -> Any:
        """JSON that answers a body of JSON; None when it isn't there."""
        return self._answer("POST", path, json.dumps(body).encode())

    def _answer(self, method: str, path: str, body: bytes | None) -> Any:
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            self._http.request(method, path, body, headers)
            answer = self._http.getresponse()
            data = answer.read()
        except BaseException:  # also one that a timer raises here: the connection waits for an answer
            self._http.close()
            raise
        return json.loads(data) if answer.status < 400 else None

    def _status(self, path: str) -> int | None:
        try:
            self._http.request("GET", path)
            answer = self._http.getresponse()
            answer.read()
        except (HTTPException, OSError):
            self._http.close()
            return None
        return answer.status if answer.status < 500 else None

    def _connection(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=START_S)

    def close(self) -> None:
        """End the program and what it has started."""
        self._http.close()
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
