"""What the curves of a run cost, however long it is: `make bench-curves`.

    PYTHONPATH=tests/driving python -m benchmarks.curves [--steps N] [--zooms 40] [--visits 7] [--folder DIR]
        [--quick]

One store with a run of ten thousand steps, one of a million and one of a hundred million, each with twelve
series, written through the recorder's own transactions; `--folder` keeps it for the next time. What a request
reads of the store is counted in this process; its time, processor time and memory are those of a real back
end that answers over HTTP. Zooms are at random places, as wide as `--narrow` steps or up to everything, each
width as likely as its double. First paint is from navigation to the frame after curves were drawn, nothing
cached.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import filled
import httpx
import numpy as np
import psutil
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select

from backend.store import Store, overview, rows, sealed
from backend.store.schema import runs
from benchmarks.dashboard import opened, paint, watch, zoom
from benchmarks.rig.browser import chromium
from benchmarks.rig.memory import peak_mib, reset_peak
from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.programs import Programs, back_end, programs
from rhoscope.environment import Environment

QUICK = {"steps": 1_000_000, "zooms": 4, "warm": 0, "visits": 1, "drags": 1}
LENGTHS = (10_000, 1_000_000, 100_000_000)
FIRST, FINE = 1500, 2560
"""Points of each series that the page asks for at 1920 x 1080, of everything and of what it zooms into."""
AT_ONCE = 8
Window = tuple[int, int]


@dataclass
class Request:
    """What answering took: milliseconds, milliseconds of processor time, and bytes of the answer."""

    wall: float
    processor: float
    size: int


@dataclass
class Measurements:
    """Everything of one length."""

    first: list[Request] = field(default_factory=list)
    zooms: list[Request] = field(default_factory=list)
    read: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    paint: list[float] = field(default_factory=list)
    addresses: list[int] = field(default_factory=list)
    heap: list[float] = field(default_factory=list)
    browser: list[float] = field(default_factory=list)
    peak: float = 0.0


def windows(steps: int, count: int, narrow: int) -> list[Window]:
    """Random windows of a run, the same each time."""
    dice = np.random.default_rng(0)
    widths = np.exp(dice.uniform(np.log(min(narrow, steps)), np.log(steps), count)).astype(int)
    return [(at := int(dice.integers(0, steps - width + 1)), at + int(width) - 1) for width in widths]


@contextmanager
def counting() -> Iterator[list[int]]:
    """The bytes of each chunk and outline that is read meanwhile, seen where its checksum is."""
    sizes: list[int] = []

    def counted(data: bytes) -> int:
        sizes.append(len(data))
        return crc32(data)

    sealed.crc32 = counted
    try:
        yield sizes
    finally:
        sealed.crc32 = crc32


def read(store: Store, run: str, points: int, window: Window) -> tuple[int, int]:
    """How many chunks and outlines of twelve series a request reads, and their bytes."""
    with counting() as sizes, store.reading() as db:
        overview.read_shown(db, [(run, rows.LAST)], filled.NAMES, points, window)
    return len(sizes), sum(sizes)


def request(client: httpx.Client, server: psutil.Process, run: str, points: int, window: Window) -> Request:
    """One answer over HTTP."""
    query = {"points": points, "start": window[0], "end": window[1], "names": ",".join(filled.NAMES)}
    before, began = nanoseconds(server), time.perf_counter()
    answer = client.get(f"/api/v1/runs/{run}/series", params=query)
    wall = 1000 * (time.perf_counter() - began)
    answer.raise_for_status()
    return Request(wall, (nanoseconds(server) - before) / 1e6, len(answer.content))


def nanoseconds(process: psutil.Process) -> int:
    """Processor time of all threads, as the scheduler counts it."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks)


def serve(here: Programs, run: str, steps: int, given: argparse.Namespace, into: Measurements) -> None:
    """Requests one after the other, then some at once for the memory they take."""
    server = back_end(here)
    whole = (0, rows.LAST)
    zooms = windows(steps, given.zooms, given.narrow)
    with httpx.Client(base_url=here.api, timeout=120) as client:
        request(client, server, run, FIRST, whole)
        into.first = [request(client, server, run, FIRST, whole) for _ in range(given.zooms)]
        into.zooms = [request(client, server, run, FINE, window) for window in zooms]
        reset_peak(server.pid)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda window: request(client, server, run, FINE, window), zooms))
        into.peak = peak_mib(server.pid)


def look(browser: Browser, here: Programs, run: str, given: argparse.Namespace, into: Measurements) -> None:
    """First paints of a run's page with the requests until then, and zooms on the last one."""
    for left in reversed(range(given.visits)):
        addresses: list[str] = []
        with opened(browser, watch(here, [run]), addresses) as page:
            into.paint.append(paint(page))
            into.addresses.append(sum("/series" in url for url in addresses))
            into.heap.append(float(page.evaluate("() => performance.memory.usedJSHeapSize")) / 2**20)
            into.browser = [] if left else zoom(page, given.drags)


def measure(given: argparse.Namespace, folder: Path) -> tuple[dict[int, Measurements], float]:
    """Each length's measurements, and the back end's memory before the first request, in MiB."""
    environment = Environment(data_dir=folder)
    store = filled.opened(environment)
    ids = {steps: run_of(store, steps) for steps in LENGTHS if steps <= given.steps}
    measurements = {steps: Measurements() for steps in ids}
    for steps, run in ids.items():
        into = measurements[steps].read
        into["first"] = [read(store, run, FIRST, (0, rows.LAST))]
        into["zooms"] = [read(store, run, FINE, one) for one in windows(steps, given.zooms, given.narrow)]
    store.close()
    with programs(environment, 1) as here, sync_playwright() as playwright:
        rest = back_end(here).memory_info().rss / 2**20
        browser = chromium(playwright)
        for _ in range(given.warm):
            look(browser, here, next(iter(ids.values())), given, Measurements())
        for steps, run in ids.items():
            serve(here, run, steps, given, measurements[steps])
            look(browser, here, run, given, measurements[steps])
        browser.close()
    return measurements, rest


def run_of(store: Store, steps: int) -> str:
    """The run of this length, written where it is not there yet."""
    with store.reading() as db:
        run = db.scalar(select(runs.c.id).where(runs.c.step == steps, ~runs.c.open))
    return run or filled.fill(store, steps, name=f"{steps:,} steps", alone=True)


def report(measurements: dict[int, Measurements], rest: float, given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    return [
        *heading("The curves of runs of any length", "curves", given),
        f"One run of each length with {len(filled.NAMES)} series, in SQLite. First paint asks for all steps "
        f"in {FIRST:,} points of each series; a zoom for {FINE:,} points of each of a window of "
        f"{given.narrow:,} steps or more, {given.zooms} of them. Processor time is the back end's.",
        "",
        "| steps | request | chunks and outlines, p50 / p95 | read of the store | answer "
        "| processor, p50 / p95 | answered after, p50 / p95 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(
            f"| {steps:,} | {name} | {_requests(one.read[key], made)} |"
            for steps, one in measurements.items()
            for name, key, made in (("everything", "first", one.first), ("zoom", "zooms", one.zooms))
        ),
        "",
        f"Headless Chromium with software rendering, all programs on this machine; {given.visits} visits.",
        "",
        "| steps | first paint, p50 / p95 | requests for curves | zoom, p50 / p95 | page's heap |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {steps:,} | {_spread(one.paint)} ms | {max(one.addresses)} | {_spread(one.browser)} ms "
            f"| {max(one.heap):.0f} MiB |"
            for steps, one in measurements.items()
        ),
        "",
        f"The back end holds {rest:.0f} MiB at rest. At most, while {AT_ONCE} zooms are answered at once:",
        "",
        "| steps | memory of the back end |",
        "| --- | --- |",
        *(f"| {steps:,} | {one.peak:.0f} MiB |" for steps, one in measurements.items()),
        "",
    ]


def _requests(read_of: Sequence[tuple[int, int]], made: Sequence[Request]) -> str:
    counts, sizes = ([one[i] for one in read_of] for i in range(2))
    cells = [
        _spread(counts),
        f"{_spread([size / 1024 for size in sizes])} KiB",
        f"{np.median([one.size for one in made]) / 1024:,.0f} KiB",
        f"{_spread([one.processor for one in made])} ms",
        f"{_spread([one.wall for one in made])} ms",
    ]
    return " | ".join(cells)


def _spread(values: Sequence[float]) -> str:
    p50, p95 = np.percentile(values, [50, 95])
    return f"{p50:,.0f} / {p95:,.0f}"


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--steps", type=int, default=LENGTHS[-1], help="of the longest run")
    line.add_argument("--zooms", type=int, default=40, help="into each run")
    line.add_argument("--narrow", type=int, default=1000, help="steps of the narrowest window")
    line.add_argument("--warm", type=int, default=1, help="rounds of visits before, which do not count")
    line.add_argument("--visits", type=int, default=7, help="of each page")
    line.add_argument("--drags", type=int, default=21, help="of the mouse, each a zoom")
    line.add_argument("--folder", type=Path, help="where the store is, or is to be left")
    given = options(line, "curves", QUICK)
    with tempfile.TemporaryDirectory() as folder:
        measurements, rest = measure(given, given.folder or Path(folder))
    publish(report(measurements, rest, given), "curves", given)


if __name__ == "__main__":
    main()
