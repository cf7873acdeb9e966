"""What a look at long runs and at many runs costs, in a real browser: `make bench-dashboard`.

    PYTHONPATH=tests/driving python -m benchmarks.dashboard [--steps N] [--runs 50] [--visits 7] [--quick]

A real back end and dashboard over a store that is filled through the recorder's own transactions: runs of ten
thousand, a hundred thousand and a million steps, each with twelve series, and many runs of twenty thousand.
First paint is from navigation to the frame after the one in which curves were drawn, with nothing cached. A
zoom's answer is from letting the mouse go to two frames after its detail arrived. Long tasks are those of the
browser's own PerformanceObserver: whatever held the main thread for over 50 ms.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import filled
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.rig.browser import chromium, fresh
from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.programs import Programs, launch, pacing, programs
from rhoscope.client import Client
from rhoscope.environment import Environment

QUICK = {
    "steps": 10_000,
    "lengths": 2,
    "runs": 10,
    "length": 500,
    "warm": 0,
    "visits": 1,
    "seconds": 1.2,
    "warm_up": 0.2,
    "pause": 0.2,
}
LIVE_RUNS = 4
WATCHED = """
window.tasks = [];
new PerformanceObserver((list) => list.getEntries().forEach((e) => tasks.push([e.startTime, e.duration])))
  .observe({ type: 'longtask', buffered: true });
window.painted = null;
(function look() {
  const runs = Object.values(window.rhoscope?.stats.runs ?? {});
  const seen = !document.querySelector('[data-settling]');
  const drawn = seen && runs.some((r) => r.drawn >= 0);
  requestAnimationFrame(drawn ? () => (window.painted = performance.now()) : look);
})();
"""
LONGEST = "(since) => Math.max(0, ...tasks.filter(([start]) => start >= since).map(([, took]) => took))"
NOW = "() => performance.now()"


@dataclass
class Measurements:
    """Milliseconds of everything, by what was done."""

    paint: dict[int, list[float]] = field(default_factory=dict)
    zoom: dict[int, list[float]] = field(default_factory=dict)
    tasks: dict[str, float] = field(default_factory=dict)
    draws: dict[str, tuple[int, float]] = field(default_factory=dict)


@contextmanager
def opened(browser: Browser, url: str, addresses: list[str] | None = None) -> Iterator[Page]:
    """A page in a browser without a cache, once it is connected; `addresses` takes its requests."""
    with fresh(browser) as page:
        page.set_default_timeout(60_000)
        page.add_init_script(WATCHED)
        if addresses is not None:
            page.on("request", lambda request: addresses.append(request.url))
        page.goto(url)
        page.wait_for_function("() => window.rhoscope?.stats.connected")
        yield page


def paint(page: Page) -> float:
    """The first paint of an opened page."""
    page.wait_for_function("() => window.painted")
    return float(page.evaluate("() => window.painted"))


def visit(browser: Browser, url: str, visits: int, pause: float) -> tuple[list[float], list[float]]:
    """First paints of one address, and on the last page three zooms for each of the visits."""
    painted, zoomed = [], []
    for left in reversed(range(visits)):
        with opened(browser, url) as page:
            painted.append(paint(page))
            zoomed = [] if left else zoom(page, 3 * visits, pause)
    return painted, zoomed


def zoom(page: Page, times: int, pause: float = 1.0) -> list[float]:
    """Answers to windows that are dragged, each within the last one, from the whole again after three.

    `pause` is what share of the usual time is waited between two acts.
    """
    measurements: list[float] = []
    dice = np.random.default_rng(0)
    box = page.locator(".u-over").first.bounding_box() or {"x": 0, "y": 0, "width": 1}
    for i in range(times):
        left, right = np.sort(dice.uniform(0.05, 0.95, 2))
        if right - left < 0.1:
            left, right = 0.3, 0.6
        seen = page.evaluate("() => rhoscope.stats.zooms ?? 0")
        page.mouse.move(box["x"] + left * box["width"], box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + right * box["width"], box["y"] + 50, steps=3)
        page.mouse.up()
        page.wait_for_function("(seen) => (rhoscope.stats.zooms ?? 0) > seen", arg=seen)
        measurements.append(float(page.evaluate("() => rhoscope.stats.zoomMs")))
        page.wait_for_timeout(300 * pause)
        if i % 3 == 2:
            page.locator(".zoom-pill button").click()
            page.wait_for_timeout(300 * pause)
    return measurements


def overlay(browser: Browser, url: str, pause: float, measurements: Measurements) -> None:
    """Many runs over each other: loading, hovering, lighting one up, zooming, another scheme.

    `pause` is what share of the usual time is waited, and of the usual moves made.
    """
    with opened(browser, url) as page:
        measurements.paint[-1] = [paint(page)]
        page.wait_for_timeout(2000 * pause)
        measurements.tasks["loading"] = float(page.evaluate(LONGEST, 0))
        box = page.locator(".u-over").first.bounding_box() or {"x": 0, "y": 0, "width": 1}

        def hover() -> None:
            for x in np.linspace(0.05, 0.95, round(60 * pause)):
                page.mouse.move(box["x"] + float(x) * box["width"], box["y"] + 50)

        def light() -> None:
            for row in range(5):
                page.locator(".row").nth(row).hover()
                page.wait_for_timeout(400 * pause)

        acts = {
            "hovering": hover,
            "lighting up one run": light,
            "zooming": lambda: page.locator(".plot").first.press("+"),
            "another color scheme": lambda: page.locator("[data-scheme='dark']").click(),
            "a narrower window": lambda: page.set_viewport_size({"width": 1500, "height": 1080}),
        }
        for name, act in acts.items():
            since = page.evaluate(NOW)
            draws, spent = page.evaluate("() => [rhoscope.stats.draws, rhoscope.stats.drawMs]")
            act()
            page.wait_for_timeout(1500 * pause)
            after = page.evaluate("() => [rhoscope.stats.draws, rhoscope.stats.drawMs]")
            measurements.tasks[name] = float(page.evaluate(LONGEST, since))
            measurements.draws[name] = (after[0] - draws, after[1] - spent)


def compare(browser: Browser, url: str, given: argparse.Namespace, measurements: Measurements) -> None:
    """Many runs on the Compare page: loading, and windows that are dragged, each from the whole."""
    with opened(browser, url) as page:
        page.wait_for_selector(".charts .u-over")
        page.wait_for_timeout(4000 * given.pause)
        measurements.tasks["loading Compare"] = float(page.evaluate(LONGEST, 0))
        plot = page.locator(".charts .u-over").first
        plot.scroll_into_view_if_needed()
        page.wait_for_timeout(500 * given.pause)
        since = page.evaluate(NOW)
        for _ in range(given.visits):
            box = plot.bounding_box() or {"x": 0, "y": 0, "width": 1}
            seen = page.evaluate("() => rhoscope.stats.zooms ?? 0")
            page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 40)
            page.mouse.down()
            page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 50, steps=3)
            page.mouse.up()
            page.wait_for_function("(seen) => (rhoscope.stats.zooms ?? 0) > seen", arg=seen)
            measurements.zoom.setdefault(-1, []).append(float(page.evaluate("() => rhoscope.stats.zoomMs")))
            page.wait_for_timeout(500 * given.pause)
            plot.dblclick()
            page.wait_for_timeout(1000 * given.pause)
        measurements.tasks["zooming on Compare"] = float(page.evaluate(LONGEST, since))


def live(browser: Browser, here: Programs, runs: list[str], given: argparse.Namespace) -> float:
    """The longest task while runs of 100 steps a second come in."""
    with opened(browser, watch(here, runs)) as page, pacing(here, runs, 100, given.seconds):
        page.wait_for_function("() => window.painted")
        page.wait_for_timeout(1000 * given.warm_up)
        since = page.evaluate(NOW)
        page.wait_for_timeout(1000 * (given.seconds - 3 * given.warm_up))
        return float(page.evaluate(LONGEST, since))


def watch(here: Programs, runs: list[str]) -> str:
    """The address of the page that shows these runs."""
    return f"{here.dashboard}/watch?runs={','.join(runs)}"


def measure(given: argparse.Namespace) -> Measurements:
    """Everything, in one session."""
    measurements = Measurements()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = Environment(data_dir=Path(folder))
        store = filled.opened(environment)
        lengths = np.geomspace(given.steps / 100, given.steps, given.lengths).round().astype(int).tolist()
        long = {steps: filled.fill(store, steps, name=f"{steps} steps") for steps in lengths}
        many = [filled.fill(store, given.length, name=f"seed {i}", seed=i) for i in range(given.runs)]
        store.close()
        with programs(environment, LIVE_RUNS) as here, Client(here.api) as client:
            browser = chromium(playwright)
            visit(browser, watch(here, [long[lengths[0]]]), given.warm, given.pause)
            for steps, run in long.items():
                measurements.paint[steps], measurements.zoom[steps] = visit(
                    browser, watch(here, [run]), given.visits, given.pause
                )
            overlay(browser, watch(here, many), given.pause, measurements)
            compare(browser, f"{here.dashboard}/compare?runs={','.join(many)}", given, measurements)
            runs = launch(client, LIVE_RUNS)
            measurements.tasks[f"live, {LIVE_RUNS} runs at 100 steps/s"] = live(browser, here, runs, given)
            browser.close()
    return measurements


def report(measurements: Measurements, given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    seen = [steps for steps in measurements.paint if steps > 0]
    lengths = [
        f"| {steps:,} | {_spread(measurements.paint[steps])} | {_spread(measurements.zoom[steps])} |"
        for steps in seen
    ]
    tasks = [
        f"| {name} | {took:.0f} ms | {_draws(measurements.draws.get(name))} |"
        for name, took in measurements.tasks.items()
    ]
    return [
        *heading("The watch page's speed", "dashboard", given),
        "Headless Chromium with software rendering at 1920 x 1080; all programs on this machine.",
        "",
        f"One run with {len(filled.NAMES)} series. First paint: navigation to curves, nothing cached; "
        "zoom: mouse up to detail on the screen.",
        "",
        "| steps | first paint, p50 / p95 | zoom, p50 / p95 |",
        "| --- | --- | --- |",
        *lengths,
        "",
        f"{given.runs} runs of {given.length:,} steps over each other: first curves after "
        f"{measurements.paint[-1][0]:.0f} ms. On Compare a zoom's detail of all of them came after "
        f"{_spread(measurements.zoom[-1])} (p50 / p95); "
        "what was there already is scaled with the next frame.",
        "",
        "| while | longest task (0: none over 50 ms) | frames, mean cost |",
        "| --- | --- | --- |",
        *tasks,
        "",
    ]


def _spread(times: list[float]) -> str:
    p50, p95 = np.percentile(times, [50, 95])
    return f"{p50:.0f} / {p95:.0f} ms"


def _draws(drawn: tuple[int, float] | None) -> str:
    return f"{drawn[0]}, {drawn[1] / max(1, drawn[0]):.1f} ms" if drawn else ""


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--steps", type=int, default=1_000_000, help="of the longest run")
    line.add_argument("--lengths", type=int, default=3, help="of runs, from a hundredth of that on")
    line.add_argument("--runs", type=int, default=50, help="over each other")
    line.add_argument("--length", type=int, default=20_000, help="steps of each of these")
    line.add_argument("--warm", type=int, default=1, help="visits before all others, which do not count")
    line.add_argument("--visits", type=int, default=7, help="of each page")
    line.add_argument("--seconds", type=float, default=20.0, help="of live data")
    line.add_argument("--warm-up", type=float, default=3.0, help="seconds of them that do not count")
    line.add_argument("--pause", type=float, default=1.0, help="share of the usual waits, and of moves")
    given = options(line, "dashboard", QUICK)
    publish(report(measure(given), given), "dashboard", given)


if __name__ == "__main__":
    main()
