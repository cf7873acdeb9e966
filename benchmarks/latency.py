"""From a step to its point on the screen: `make bench-latency`.

    python -m benchmarks.latency [--runs 4] [--rate 100] [--seconds 20] [--quick]

A real Valkey server, back end, dashboard and headless Chromium with six charts in sight; steps are taken by
`benchmarks/rig/pace.py` through the trainer's own ring and publisher. A step's time ends at the frame after
the one in which it was drawn. Lost are steps that the page never held, doubled those it got twice.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.rig.browser import chromium
from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.programs import Programs, launch, pacing, programs, taken
from rhoscope.client import Client
from rhoscope.environment import Environment

CHARTS = ("rho", "k", "grad_norm", "noise", "loss", "accuracy")
QUICK = {"runs": 2, "rate": 50.0, "seconds": 3.0, "warm_up": 1.0}
LISTEN = """() => {
  window.drawn = [];
  window.rhoscope.stats.onDrawn = (time) => {
    const runs = Object.entries(window.rhoscope.stats.runs);
    window.drawn.push([time / 1000, Object.fromEntries(runs.map(([id, run]) => [id, run.drawn]))]);
  };
}"""


@dataclass
class Measured:
    """What one session showed: seconds per step, and what the page says of itself."""

    latency: NDArray[np.float64]
    steps: int
    lost: int
    doubled: int
    stats: dict[str, Any]
    busy: float
    memory_mb: float


def measure(given: argparse.Namespace) -> Measured:
    """One session from beginning to end."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(data_dir=Path(folder))
        with programs(environment, workers=given.runs) as here, Client(here.api) as client:
            return watch(here, launch(client, given.runs), given)


def watch(here: Programs, runs: list[str], given: argparse.Namespace) -> Measured:
    """Open the page, let the runs run, read what was drawn when."""
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"{here.dashboard}/watch?runs={','.join(runs)}")
        page.wait_for_function("() => window.rhoscope?.stats.connected")
        page.evaluate(LISTEN)
        with pacing(here, runs, given.rate, given.seconds) as pace:
            for chart in CHARTS:
                page.locator(f'[data-chart="{chart}"] canvas').wait_for(timeout=60_000)
            page.wait_for_timeout(1000 * given.warm_up)
            busy = share_of_main_thread(page, given.seconds - 2 * given.warm_up)
            times = taken(pace)
        page.wait_for_timeout(1500)
        drawn, stats = page.evaluate("() => [window.drawn, window.rhoscope.stats]")
        memory = page.evaluate("() => performance.memory.usedJSHeapSize / 2 ** 20")
        browser.close()
    return judge(times, drawn, stats, (busy, memory), given.warm_up)


def share_of_main_thread(page: Page, seconds: float) -> float:
    """Busy share of the page's main thread in the middle of the session."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    before = _task_s(devtools)
    page.wait_for_timeout(1000 * seconds)
    after = _task_s(devtools)
    return (after[0] - before[0]) / (after[1] - before[1])


def _task_s(devtools: CDPSession) -> tuple[float, float]:
    metrics = {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}
    return metrics["TaskDuration"], metrics["Timestamp"]


def judge(
    times: dict[str, list[float]],
    drawn: list[Any],
    stats: dict[str, Any],
    page: tuple[float, float],
    warm_up: float,
) -> Measured:
    """Each step's way: the first frame that had it, less when it was taken; without the warm-up.

    `page` is the busy share of its main thread and the MiB of its memory.
    """
    frames = np.array([time for time, _ in drawn])
    latency, lost = [], 0
    for run, at in times.items():
        reached = np.maximum.accumulate([steps.get(run, -1) for _, steps in drawn])
        first = np.searchsorted(reached, np.arange(len(at)))
        known = first < len(frames)
        lost += int((~known).sum()) + stats["runs"][run]["missing"]
        warm = known & (np.array(at) > at[0] + warm_up)
        latency.append(frames[first[warm]] - np.array(at)[warm])
    doubled = sum(run["duplicates"] for run in stats["runs"].values())
    steps = sum(len(at) for at in times.values())
    return Measured(np.concatenate(latency), steps, lost, doubled, stats, *page)


def report(found: Measured, given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    p50, p95 = 1000 * np.percentile(found.latency, [50, 95])
    stats = found.stats
    return [
        *heading("From a step to the screen", "latency", given),
        f"{given.runs} runs at {given.rate:g} steps/s each for {given.seconds:g} s, {len(CHARTS)} charts in "
        "sight at 1920 x 1080 in headless Chromium with software rendering; all programs on this machine. "
        f"{found.steps} steps, {found.latency.size} of them after the warm-up.",
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


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--runs", type=int, default=4)
    line.add_argument("--rate", type=float, default=100.0, help="steps per second and run")
    line.add_argument("--seconds", type=float, default=20.0)
    line.add_argument("--warm-up", type=float, default=3.0, help="seconds at the beginning that don't count")
    given = options(line, "latency", QUICK)
    publish(report(measure(given), given), "latency", given)


if __name__ == "__main__":
    main()
