"""From a step to its point on the screen: `make bench-latency`.

    python -m benchmarks.latency [--runs 4] [--rate 100] [--seconds 20]

A real Valkey server, back end, dashboard and headless Chromium with six charts in sight; steps are taken by
`benchmarks/pace.py` through the trainer's own ring and publisher. A step's time ends at the frame after the
one in which it was drawn. Lost are steps that the page never held, doubled those it got twice.
"""

import argparse
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import CDPSession, Page, sync_playwright
from redis import Redis

from rhoscope import embedded, keys
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.errors import RhoscopeError
from rhoscope.process import end
from rhoscope.runs import WorkerStatus
from trainer.plugins import describe

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WARM_UP_S = 3.0
CHARTS = ("rho", "k", "grad_norm", "noise", "loss", "accuracy")
LISTEN = """() => {
  window.drawn = [];
  window.rhoscope.onDrawn = (time) => {
    const runs = Object.entries(window.rhoscope.stats.runs);
    window.drawn.push([time / 1000, Object.fromEntries(runs.map(([id, run]) => [id, run.drawn]))]);
  };
}"""


@dataclass
class Measured:
    """What one session showed: seconds per step, and what the page says of itself."""

    latency: np.ndarray
    busy: float
    stats: dict[str, Any]
    lost: int
    doubled: int
    memory_mb: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def programs(environment: Environment, port: int, api_port: int) -> Iterator[None]:
    """Back end and dashboard as processes of their own."""
    extra = {
        "RHOSCOPE_DATA_DIR": str(environment.data_dir),
        "RHOSCOPE_API_URL": f"http://127.0.0.1:{api_port}",
    }
    started = []
    for module, at in (("backend", api_port), ("dashboard", port)):
        command = [sys.executable, "-m", module, "--port", str(at)]
        started.append(subprocess.Popen(command, env=os.environ | extra, stderr=subprocess.DEVNULL))
    try:
        for url in (f"http://127.0.0.1:{api_port}/healthz", f"http://127.0.0.1:{port}/healthz"):
            _until(url)
        yield
    finally:
        for process in started:
            end(process)


def _until(url: str) -> None:
    for _ in range(300):
        try:
            if httpx.get(url).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer")


def announce(redis: Redis, workers: int = 1) -> None:
    """The catalogue of this installation, as heartbeats of so many workers bring it."""
    catalog, now = describe(), time.time()
    digest = catalog.digest()
    redis.set(keys.catalog(digest), catalog.model_dump_json())
    for name in (f"pace-{i}" for i in range(workers)):
        status = WorkerStatus(
            name=name,
            host=platform.node(),
            pid=os.getpid(),
            device="cpu",
            catalog=digest,
            started=now,
            seen=now,
        )
        redis.set(keys.worker(name), status.model_dump_json(), ex=3600)
        redis.sadd(keys.WORKERS, name)


def launch(client: Client, count: int) -> list[str]:
    """Ids of queued runs, once the API knows the catalogue."""
    for _ in range(100):
        try:
            return [client.launch({"alpha": 0.5 * (i + 1), "seed": i}).id for i in range(count)]
        except RhoscopeError:
            time.sleep(0.1)
    raise TimeoutError("the API does not take runs")


def measure(options: argparse.Namespace) -> Measured:
    """One session from beginning to end."""
    port, api_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(data_dir=Path(folder))
        server = embedded.start(environment)
        try:
            with Redis.from_url(environment.broker_url) as redis:
                announce(redis)
            with programs(environment, port, api_port), Client(f"http://127.0.0.1:{api_port}") as client:
                runs = launch(client, options.runs)
                return watch(
                    environment, f"http://127.0.0.1:{port}/watch?runs={','.join(runs)}", runs, options
                )
        finally:
            end(server)


def watch(environment: Environment, url: str, runs: list[str], options: argparse.Namespace) -> Measured:
    """Open the page, let the runs run, read what was drawn when."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    pace = [sys.executable, "-m", "benchmarks.pace", "--redis", environment.broker_url]
    pace += ["--rate", str(options.rate), "--seconds", str(options.seconds), *runs]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(url)
        page.wait_for_function("() => window.rhoscope.stats.connected")
        page.evaluate(LISTEN)
        with subprocess.Popen(pace, stdout=subprocess.PIPE, cwd=HERE.parent) as running:
            for chart in CHARTS:
                page.locator(f'[data-chart="{chart}"] canvas').wait_for(timeout=60_000)
            busy = share_of_main_thread(page, options.seconds - 2 * WARM_UP_S)
            taken = json.loads(running.stdout.read() if running.stdout else b"{}")
        page.wait_for_timeout(1500)
        drawn, stats = page.evaluate("() => [window.drawn, window.rhoscope.stats]")
        memory = page.evaluate("() => performance.memory.usedJSHeapSize / 2 ** 20")
        browser.close()
    return judge(taken, drawn, stats, busy, memory)


def share_of_main_thread(page: Page, seconds: float) -> float:
    """Busy share of the page's main thread in the middle of the session."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    page.wait_for_timeout(1000 * WARM_UP_S)
    before = _task_s(devtools)
    page.wait_for_timeout(1000 * seconds)
    after = _task_s(devtools)
    return (after[0] - before[0]) / (after[1] - before[1])


def _task_s(devtools: CDPSession) -> tuple[float, float]:
    metrics = {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}
    return metrics["TaskDuration"], metrics["Timestamp"]


def judge(
    taken: dict[str, list[float]], drawn: list[Any], stats: dict[str, Any], busy: float, memory: float
) -> Measured:
    """Each step's way: the first frame that had it, less when it was taken; without the warm-up."""
    frames = np.array([time for time, _ in drawn])
    latency, lost = [], 0
    for run, times in taken.items():
        reached = np.maximum.accumulate([steps.get(run, -1) for _, steps in drawn])
        at = np.searchsorted(reached, np.arange(len(times)))
        known = at < len(frames)
        lost += int((~known).sum()) + stats["runs"][run]["missing"]
        warm = known & (np.array(times) > times[0] + WARM_UP_S)
        latency.append(frames[at[warm]] - np.array(times)[warm])
    doubled = sum(r["duplicates"] for r in stats["runs"].values())
    return Measured(np.concatenate(latency), busy, stats, lost, doubled, memory)


def report(found: Measured, options: argparse.Namespace) -> str:
    """A page of Markdown."""
    p50, p95 = 1000 * np.percentile(found.latency, [50, 95])
    stats = found.stats
    return "\n".join(
        [
            f"# From a step to the screen, {datetime.now(UTC):%Y-%m-%d}",
            "",
            f"{options.runs} runs at {options.rate:g} steps/s each for {options.seconds:g} s, "
            f"{len(CHARTS)} charts in sight at 1920 x 1080, {found.latency.size} steps after warm-up.",
            f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, headless "
            "Chromium with software rendering; all programs on this machine.",
            f"Command: `{' '.join(['python -m benchmarks.latency', *sys.argv[1:]])}`",
            "",
            "| | |",
            "| --- | --- |",
            f"| p50 / p95 / max | {p50:.0f} / {p95:.0f} / {1000 * found.latency.max():.0f} ms |",
            f"| main thread busy | {100 * found.busy:.0f} % |",
            f"| draws, mean cost | {stats['draws']}, {stats['drawMs'] / stats['draws']:.1f} ms |",
            f"| lost / doubled steps | {found.lost} / {found.doubled} |",
            f"| page's memory at the end | {found.memory_mb:.0f} MB |",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=100.0, help="steps per second and run")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument(
        "--out", type=Path, help="page to write; default benchmarks/results/<date>-latency.md"
    )
    options = parser.parse_args()
    page = report(measure(options), options)
    out = options.out or HERE / "results" / f"{datetime.now(UTC):%Y-%m-%d}-latency.md"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page)
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
