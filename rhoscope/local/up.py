"""All programs on one machine: broker, API, dashboard and workers, started and stopped together."""

import os
import signal
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import httpx
import psutil

from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput, RhoscopeError, Unavailable
from rhoscope.local import embedded, logs
from rhoscope.local.fork import begin
from rhoscope.local.ground import check_ground
from rhoscope.local.process import Program as Process
from rhoscope.local.process import (
    carrying,
    end,
    end_all,
    keep_private,
    tail,
    wait_until,
    without_secrets,
)
from rhoscope.web.outgoing import outgoing

START_TIMEOUT_S = 90.0
RESTART_PAUSE_S = 1.0
LOGS_S = 10.0
"""So often the sizes of logs are looked at."""
RESTARTS = 5
"""A program that ends more often than this within `RESTART_WINDOW_S` stays down and takes the rest along."""
RESTART_WINDOW_S = 60.0
ORPHANS_S = 15.0
HOUSE = "RHOSCOPE_HOUSE"
"""By this variable whatever belongs to one `rhoscope up` is known, whoever its parent is."""


@dataclass
class Program:
    """One child program and how often it had to be started again."""

    name: str
    start: Callable[[], Process]
    log: Path
    process: Process = field(init=False)
    restarts: list[float] = field(default_factory=list)


class House:
    """The programs of `rhoscope up`.

    `say` gets one sentence per stage. Ports in 1..65535; `devices` one entry per worker (`cpu` or a CUDA
    number).
    """

    def __init__(
        self,
        environment: Environment,
        port: int,
        api_port: int,
        devices: list[str],
        say: Callable[[str], None],
    ) -> None:
        self._environment = environment
        self._ports = {"dashboard": port, "API": api_port}
        self._devices = devices
        self._say = say
        self._programs: list[Program] = []
        self._stopping: list[int] = []
        self._mark = uuid.uuid4().hex
        self._logs_due = 0.0
        self.url = f"http://{_reachable(environment.host)}:{port}"
        self.api_url = f"http://{_reachable(environment.host)}:{api_port}"
        self._http = httpx.Client(timeout=2, **outgoing(self.api_url))

    def run(self, ready: Callable[[str], None]) -> None:
        """Start all, call `ready` with the page's address, watch until SIGINT or SIGTERM, end all.

        Raises:
            InvalidInput, Conflict: a taken port, a full disk, a data directory in use or not writable.
            Unavailable: a program that does not come up, or does not stay up.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        keep_private()
        check_ground(self._environment, self._ports)
        try:
            self._start_all()
            if not self._stopping:
                ready(f"{self.url}{self._environment.base_path}")
            while not self._stopping:
                self._restart_the_fallen()
                self._bound_logs()
                time.sleep(0.2)
        finally:
            self._end_all()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._stopping.append(number)

    def _start_all(self) -> None:
        here = self._environment
        here.log_dir.mkdir(parents=True, exist_ok=True)
        os.environ["RHOSCOPE_DATA_DIR"] = str(here.data_dir.absolute())
        os.environ["RHOSCOPE_API_URL"] = self.api_url
        os.environ["RHOSCOPE_BASE_PATH"] = here.base_path
        os.environ[HOUSE] = self._mark
        os.environ["RHOSCOPE_API_TOKEN"] = here.api_token
        if not here.redis_url:
            self._say("Starting the embedded Redis server")
            self._add("redis", lambda: embedded.start(here), here.data_dir / "redis" / "server.log")
        self._say("Starting the API, the dashboard and the worker")
        self._add_module("backend", "backend", "--port", str(self._ports["API"]), "--host", here.host)
        self._add_module(
            "dashboard", "dashboard", "--port", str(self._ports["dashboard"]), "--host", here.host
        )
        for number, device in enumerate(self._devices):
            self._add_module(f"worker-{number}", "trainer.worker", "--device", device)
        self._wait()

    def _add_module(self, name: str, module: str, *arguments: str) -> None:
        log = self._environment.log_dir / f"{name}.log"
        env = dict(os.environ) if module == "backend" else without_secrets()
        self._add(name, lambda: begin(module, *arguments, log=log, env=env), log)

    def _add(self, name: str, start: Callable[[], Process], log: Path) -> None:
        program = Program(name, start, log)
        program.process = start()
        self._programs.append(program)

    def _wait(self) -> None:
        try:
            wait_until(
                lambda: bool(self._stopping) or self._healthy(), self._all_alive, "rhoscope", START_TIMEOUT_S
            )
        except Unavailable as error:
            dead = [p for p in self._programs if p.process.poll() is not None] or self._programs
            if refused := next((p for p in dead if p.process.returncode == InvalidInput.exit_code), None):
                raise InvalidInput(tail(refused.log, 1)) from error
            reasons = "\n".join(f"[{p.name}] {tail(p.log)}" for p in dead)
            raise Unavailable(f"{error.detail} The last lines of the logs:\n{reasons}") from error

    def _healthy(self) -> bool:
        token = self._environment.api_token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        pages = (f"{self.url}/healthz", f"{self.api_url}/readyz", f"{self.api_url}/api/v1/catalog")
        try:
            if not all(self._http.get(page, headers=headers).is_success for page in pages):
                return False
            workers = self._http.get(f"{self.api_url}/api/v1/workers", headers=headers)
        except httpx.HTTPError:
            return False
        return workers.is_success and len(workers.json()) >= len(self._devices)

    def _all_alive(self) -> bool:
        return all(p.process.poll() is None for p in self._programs)

    def _restart_the_fallen(self) -> None:
        for program in self._programs:
            code = program.process.poll()
            if code is None or self._stopping:
                continue
            now = time.monotonic()
            program.restarts = [t for t in program.restarts if now - t < RESTART_WINDOW_S]
            if len(program.restarts) >= RESTARTS:
                reason = f"{program.name} ended {RESTARTS + 1} times within a minute (code {code})."
                raise Unavailable(f"{reason} The end of its log {program.log}:\n{tail(program.log)}")
            program.restarts.append(now)
            self._say(f"{program.name} ended with code {code}; restarting it")
            time.sleep(RESTART_PAUSE_S)
            try:
                program.process = program.start()
            except RhoscopeError as error:
                self._say(error.detail)

    def _bound_logs(self) -> None:
        if time.monotonic() > self._logs_due:
            self._logs_due = time.monotonic() + LOGS_S
            for program in self._programs:
                logs.rotate(program.log)

    def _end_all(self) -> None:
        if not self._programs:
            return
        self._say("Stopping")
        end_all(self._orphans(), grace_s=ORPHANS_S)  # while Redis takes their last steps
        for program in reversed(self._programs):
            end(program.process, grace_s=30)
        end_all(carrying(HOUSE, self._mark), grace_s=1)

    def _orphans(self) -> list[psutil.Process]:
        """Processes of this house whose programs are gone, wherever they hang in the system now."""
        family = {process.pid for process in psutil.Process().children(recursive=True)}
        return [process for process in carrying(HOUSE, self._mark) if process.pid not in family]


def _reachable(host: str) -> str:
    """The address to open for a server that listens on `host`.

    >>> _reachable("0.0.0.0")
    '127.0.0.1'
    """
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 -- read, not bound
