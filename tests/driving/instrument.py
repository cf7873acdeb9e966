"""The whole product as a user starts it: `rhoscope up` in a process of its own, on a fresh data directory."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx
import nursery
import psutil
from nursery import RHOSCOPE

from rhoscope.client import Client
from rhoscope.errors import Conflict, RhoscopeError
from rhoscope.local.process import carrying
from rhoscope.runs import Run
from rhoscope.states import FINAL, RunState

START_TIMEOUT_S = 90.0
PLAIN: dict[str, Any] = {"dataset": "synthetic", "train_size": 368, "batch_size": 16, "previews": False}
"""For tests of what happens to a run: epochs of 23 steps, as the default has, at a tenth of its work."""
CALM: dict[str, Any] = {**PLAIN, "train_size": 192, "step_delay_ms": 70}
"""For tests of what happens meanwhile: twelve steps an epoch, 14 a second, each recorded alone."""
T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(look: Callable[[], T], timeout_s: float, what: str) -> T:
    """Look until the answer is something true: the longer it takes, the less often.

    A look at the API is six milliseconds of a processor; twenty a second are an eighth of one.
    """
    began = time.monotonic()
    while not (result := look()):
        passed = time.monotonic() - began
        if passed > timeout_s:
            raise TimeoutError(f"{what}: not within {timeout_s} s; last seen: {result!r}")
        time.sleep(min(0.25, 0.02 + passed / 10))
    return result


def is_alive(process: psutil.Process) -> bool:
    """Neither gone nor a zombie."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class Instrument:
    """`rhoscope up` with ports and a data directory of its own; may be started again after it ended."""

    def __init__(
        self,
        data_dir: Path,
        within: Sequence[str] = (),
        workers: int = 1,
        *,
        copied: bool = True,
        **environment: str,
    ) -> None:
        """`within` is a command that runs the one after it in namespaces of its own, in the same process.

        Unless `copied` is false, it may begin as a copy of the nursery.
        """
        self.copied = copied
        self.data_dir = data_dir
        self.workers = workers
        self.within = list(within)
        self.port, self.api_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.api_url = f"http://127.0.0.1:{self.api_port}"
        self.environment = os.environ | {"RHOSCOPE_API_URL": self.api_url} | environment
        self.client = Client(self.api_url)
        self.process: subprocess.Popen[str] | None = None
        self.family: list[psutil.Process] = []

    def start(self) -> float:
        """Seconds until it said that it is ready."""
        ports = ["--port", str(self.port), "--api-port", str(self.api_port)]
        command = [RHOSCOPE, "up", "--no-browser", *ports, "--data-dir", str(self.data_dir)]
        command += ["--workers", str(self.workers)]
        started = time.monotonic()
        files = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        if self.copied:
            self.process = nursery.begin(command, self.within, env=self.environment, text=True, **files)
        else:
            self.process = subprocess.Popen(
                [*self.within, *command], env=self.environment, text=True, **files
            )
        stdout = self.process.stdout
        for line in iter(stdout.readline, "") if stdout else ():
            if "ready" in line:
                self.family = psutil.Process(self.process.pid).children(recursive=True)
                return time.monotonic() - started
        raise RuntimeError(f"rhoscope up ended with code {self.process.wait()} before it was ready")

    def stop(self, sig: signal.Signals = signal.SIGINT) -> int:
        """End it as a user does; its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.family = psutil.Process(self.process.pid).children(recursive=True)
            self.process.send_signal(sig)
        code = self.process.wait(60)
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None
        self.client.close()
        self.client = Client(self.api_url)
        return code

    def clear(self) -> None:
        """Leave nothing of what others did: no run, no alert, and every worker takes part."""
        for worker in self.client.workers():
            self._ask("PATCH", f"workers/{worker.name}", {"draining": False})
        for alert in self.client.alerts():
            self.client.delete_alert(alert.id)
        while runs := self.client.runs(500).runs:
            for run in runs:
                if run.state not in FINAL:
                    self.end(run.id)
            gone = self._ask("POST", "runs/bulk", {"act": "delete", "runs": [run.id for run in runs]})
            if refused := gone["refused"]:
                raise RuntimeError(f"runs stay: {refused}")

    def end(self, run: str) -> Run:
        """Stop a run that may be about to end by itself; the run once it has ended."""
        with suppress(Conflict):
            self.client.stop(run)
        return self.until(run)

    def _ask(self, method: str, path: str, body: dict[str, Any]) -> Any:
        answer = httpx.request(method, f"{self.api_url}/api/v1/{path}", json=body, timeout=60)
        return answer.raise_for_status().json()

    def left_behind(self) -> list[psutil.Process]:
        """Children that still run after a few seconds."""
        psutil.wait_procs(self.family, timeout=5)
        return [p for p in self.family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]

    def programs(self, mark: str) -> list[psutil.Process]:
        """Running processes of this instrument whose command line holds `mark`."""
        if self.process is None:
            return []
        result = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if mark in " ".join(child.cmdline()):
                    result.append(child)
            except psutil.NoSuchProcess:
                continue
        return result

    def everything(self) -> list[psutil.Process]:
        """Living processes that were started for this data directory, whoever their parents are by now."""
        return [one for one in carrying("RHOSCOPE_DATA_DIR", str(self.data_dir)) if is_alive(one)]

    def trained(self) -> dict[str, set[str]]:
        """By worker the runs that processes train."""
        runs: dict[str, set[str]] = {}
        for process in self.everything():
            with suppress(psutil.Error):
                words = process.cmdline()
                if "trainer.run" in words:
                    worker = process.environ()["RHOSCOPE_WORKER"]
                    runs.setdefault(worker, set()).add(words[words.index("--run") + 1])
        return runs

    def until(self, run: str, *states: RunState, timeout_s: float = 180) -> Run:
        """The run once it is in one of these states, or has ended."""
        wanted = set(states) or FINAL

        def look() -> Run | None:
            now = self.client.run(run)
            return now if now.state in wanted else None

        return wait_for(look, timeout_s, f"run {run} in {sorted(wanted)}")

    def until_step(self, run: str, step: int, timeout_s: float = 180) -> Run:
        def look() -> Run | None:
            now = self.client.run(run)
            return now if now.step >= step else None

        return wait_for(look, timeout_s, f"run {run} at step {step}")

    def reachable(self) -> bool:
        """Whether the API answers from its store."""
        try:
            self.client.runs()
        except RhoscopeError:
            return False
        return True

    def completed_whole(self, run: str, timeout_s: float = 150) -> Run:
        """The run once it has ended; it completed, and every one of its steps is stored exactly once."""
        done = self.until(run, timeout_s=timeout_s)
        assert done.state is RunState.COMPLETED, done.reason
        stored, whole = self.steps(run), list(range(done.total_steps or 0))
        lost = sorted(set(whole) - set(stored))
        assert stored == whole, f"{len(stored)} stored of {len(whole)}; lost from {lost[:1]} to {lost[-1:]}"
        return done

    def steps(self, run: str, series: str = "loss") -> list[int]:
        """Every stored step of a series, nothing thinned."""
        answer = self.client.series(run, [series], points=100_000)
        return answer.series[0].steps

    def cli(self, *arguments: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """The command line, against this instrument."""
        here = self.environment | {"COLUMNS": "200"}
        return nursery.run([RHOSCOPE, *arguments], timeout_s, env=here, text=True)
