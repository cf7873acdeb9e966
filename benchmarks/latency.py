"""From a step to its point on the screen: `make bench-latency`.

    python -m benchmarks.latency [--runs 4] [--rate 100] [--seconds 20] [--height 1080]
                                 [--quick]

A real Valkey server, back end, dashboard and headless Chromium with six charts in sight, or more in a window
of more `--height`; steps are taken by
`benchmarks/rig/pace.py` through the trainer's own ring and publisher. A step's time ends at the frame after
the one in which it was drawn. Lost are steps that the page never held, doubled those it got twice.

Every hop has a row of its own (`benchmarks/rig/hops.py`). Of the main thread, processor time is given beside
the time it was busy: on a machine with other work to do, only the former is the page's own. Layouts and style
passes are the browser's counts, per drawing.
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
from benchmarks.rig.hops import ARRIVALS, PARSED, Places, budget, listening
from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.programs import Programs, launch, pacing, programs, taken
from rhoscope.client import Client
from rhoscope.environment import Environment

CHARTS = ("rho", "k", "grad_norm", "noise", "loss", "accuracy")
QUICK = {"runs": 2, "rate": 50.0, "seconds": 2.5, "warm_up": 0.5}
LISTEN = """() => {
  window.drawn = [];
  window.rhoscope.stats.onDrawn = (time, drawn) => {
    const runs = Object.entries(window.rhoscope.stats.runs).map(([id, run]) => [id, run.drawn]);
    window.drawn.push([time / 1000, drawn / 1000, Object.fromEntries(runs)]);
  };
}"""
SIGHT = """() => [...document.querySelectorAll("[data-chart] canvas")].filter((canvas) => {
  const { top, bottom } = canvas.getBoundingClientRect();
  return top < innerHeight && bottom > 0 && canvas.checkVisibility();
}).length"""
DRAWS = "() => window.rhoscope.stats.draws"


@dataclass
class Measured:
    """What one session showed: seconds per step, and what the page says of itself."""

    latency: NDArray[np.float64]
    steps: int
    lost: int
    doubled: int
    stats: dict[str, Any]
    thread: "Thread"
    memory_mb: float
    charts: int
    hops: list[tuple[str, float, float, float, float]]


@dataclass
class Thread:
    """The page's main thread in the middle of a session: shares of the time, and counts per drawing."""

    busy: float
    processor: float
    layouts: float
    styles: float


def measure(given: argparse.Namespace) -> Measured:
    """One session from beginning to end."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(data_dir=Path(folder))
        with programs(environment, workers=given.runs) as here, Client(here.api) as client:
            return watch(here, launch(client, given.runs), given)


def watch(here: Programs, runs: list[str], given: argparse.Namespace) -> Measured:
    """Open the page, let the runs run, read what was drawn when."""
    places = Places()
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        page = browser.new_page(viewport={"width": 1920, "height": given.height})
        page.add_init_script(ARRIVALS)
        page.goto(f"{here.dashboard}/watch?runs={','.join(runs)}")
        page.wait_for_function("() => window.rhoscope?.stats.connected")
        page.evaluate(LISTEN)
        with listening(here, runs, places), pacing(here, runs, given.rate, given.seconds) as pace:
            for chart in CHARTS:
                page.locator(f'[data-chart="{chart}"] canvas').wait_for(timeout=60_000)
            page.wait_for_timeout(1000 * given.warm_up)
            thread = main_thread(page, given.seconds - 2 * given.warm_up)
            times = taken(pace)
            page.wait_for_timeout(1500)
        places.page(page.evaluate(PARSED))
        drawn, stats = page.evaluate("() => [window.drawn, window.rhoscope.stats]")
        memory = page.evaluate("() => performance.memory.usedJSHeapSize / 2 ** 20")
        charts = page.evaluate(SIGHT)
        browser.close()
    places.frames(drawn)
    return judge(times, drawn, stats, (thread, memory, charts), places, given.warm_up)


def main_thread(page: Page, seconds: float) -> Thread:
    """What the page's main thread does in so many seconds."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    before, draws = _metrics(devtools), page.evaluate(DRAWS)
    page.wait_for_timeout(1000 * seconds)
    after, drawn = _metrics(devtools), page.evaluate(DRAWS) - draws
    change = {name: after[name] - before[name] for name in after}
    elapsed, each = change["Timestamp"], max(1, drawn)
    return Thread(
        busy=change["TaskDuration"] / elapsed,
        processor=change["ThreadTime"] / elapsed,
        layouts=change["LayoutCount"] / each,
        styles=change["RecalcStyleCount"] / each,
    )


def _metrics(devtools: CDPSession) -> dict[str, float]:
    return {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}


def judge(
    times: dict[str, list[float]],
    drawn: list[Any],
    stats: dict[str, Any],
    page: tuple[Thread, float, int],
    places: Places,
    warm_up: float,
) -> Measured:
    """Each step's way: the first frame that had it, less when it was taken; without the warm-up.

    `page` is its main thread, the MiB of its memory, and its charts in sight.
    """
    frames = np.array([time for time, _, _ in drawn])
    latency, lost = [], 0
    for run, at in times.items():
        reached = np.maximum.accumulate([steps.get(run, -1) for _, _, steps in drawn])
        first = np.searchsorted(reached, np.arange(len(at)))
        known = first < len(frames)
        lost += int((~known).sum()) + stats["runs"][run]["missing"]
        warm = known & (np.array(at) > at[0] + warm_up)
        latency.append(frames[first[warm]] - np.array(at)[warm])
    doubled = sum(run["duplicates"] for run in stats["runs"].values())
    steps = sum(len(at) for at in times.values())
    hops = budget(times, places, warm_up)
    return Measured(np.concatenate(latency), steps, lost, doubled, stats, *page, hops)


def report(measurements: Measured, given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    p50, p95 = 1000 * np.percentile(measurements.latency, [50, 95])
    stats, thread = measurements.stats, measurements.thread
    hops = [
        f"| {name} | {hop50:.0f} / {hop95:.0f} ms | {way50:.0f} / {way95:.0f} ms |"
        for name, hop50, hop95, way50, way95 in measurements.hops
    ]
    return [
        *heading("From a step to the screen", "latency", given),
        f"{given.runs} runs at {given.rate:g} steps/s each for {given.seconds:g} s, {measurements.charts} "
        f"charts in sight at 1920 x {given.height} in headless Chromium with software rendering; all "
        "programs on this machine. "
        f"{measurements.steps} steps, {measurements.latency.size} of them after the warm-up.",
        "",
        "| | |",
        "| --- | --- |",
        f"| p50 / p95 / max | {p50:.0f} / {p95:.0f} / {1000 * measurements.latency.max():.0f} ms |",
        f"| main thread busy, of the processor | {100 * thread.busy:.0f} %, {100 * thread.processor:.0f} % |",
        f"| layouts, style passes per drawing | {thread.layouts:.2f}, {thread.styles:.2f} |",
        f"| draws, mean cost | {stats['draws']}, {stats['drawMs'] / stats['draws']:.1f} ms |",
        f"| lost / doubled steps | {measurements.lost} / {measurements.doubled} |",
        f"| page's memory at the end | {measurements.memory_mb:.0f} MB |",
        "",
        "Where the time goes, hop by hop; a step waits at each for those it travels with.",
        "",
        "| hop | p50 / p95 | from the step up to here, p50 / p95 |",
        "| --- | --- | --- |",
        *hops,
        "",
    ]


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--runs", type=int, default=4)
    line.add_argument("--rate", type=float, default=100.0, help="steps per second and run")
    line.add_argument("--seconds", type=float, default=20.0)
    line.add_argument("--height", type=int, default=1080, help="of the window, in pixels")
    line.add_argument("--warm-up", type=float, default=3.0, help="seconds at the beginning that don't count")
    given = options(line, "latency", QUICK)
    publish(report(measure(given), given), "latency", given)


if __name__ == "__main__":
    main()
