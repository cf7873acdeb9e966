"""Many runs: a table of 100,000, 200 side by side, 50 over each other: `python -m benchmarks.runs`.

    python -m benchmarks.runs [--runs 100000] [--compared 200] [--overlaid 50] [--visits 5] [--quick]

Two stores are filled (`benchmarks/rig/copies.py`), one with many runs and one with few, and each gets a real
back end and dashboard. Requests to both take turns, so that whatever else the machine does hits both alike:
compare the ratio. Processor time is the back end's own. In a browser without a cache, the time is from a
click, or from navigation, to the frame after the one in which all rows, or all curves, were there.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import psutil
from playwright.sync_api import Browser, sync_playwright

from backend.store import Store
from benchmarks.rig import copies, looks
from benchmarks.rig.browser import chromium
from benchmarks.rig.looks import Look
from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.programs import Programs, back_end, programs
from rhoscope.environment import Environment
from trainer.plugins import describe

QUICK = {"runs": 300, "compared": 14, "overlaid": 14, "visits": 1, "rounds": 1, "steps": 60}
FEW = 100
"""Runs of the other store."""
MEBI = 2**20


@dataclass
class Cost:
    """Of one request in each round: seconds, processor seconds of the back end, and bytes of the answer."""

    wall: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    size: int = 0


@dataclass
class Side:
    """One store and its programs: what requests and pages cost there."""

    count: int
    ids: list[str]
    here: Programs
    process: psutil.Process
    memory: list[float] = field(default_factory=list)
    costs: dict[str, Cost] = field(default_factory=dict)
    looks: dict[str, list[Look]] = field(default_factory=dict)


def requests(ids: list[str], given: argparse.Namespace) -> dict[str, str]:
    """Paths under the API, by what they are for."""
    newest = "runs/index?sort=-created"
    shown, compared = ",".join(ids[:30]), ",".join(ids[: given.compared])
    bands = "names=val.accuracy,rho.audio,rho.visual,k.audio,k.visual,loss&points=150"
    return {
        "table, newest first": newest,
        "sorted by name": "runs/index?sort=name",
        "sorted by step": "runs/index?sort=-step",
        "sorted by best accuracy": "runs/index?sort=-best",
        "sorted by test accuracy": "runs/index?sort=-test",
        "sorted by a setting": "runs/index?sort=settings.lr",
        "filter, many left": f"{newest}&q=ogm",
        "filter, few left": f"{newest}&where=best>0.93",
        "filter, none left": f"{newest}&q=zebra",
        "filter by a setting": f"{newest}&where=settings.lr=0.005",
        "grouped by strategy": f"{newest}&by=strategy",
        "rows of one screen": f"runs?ids={shown}&limit=100",
        "small curves of one screen": f"runs/sparks?runs={shown}",
        "a page of 100": "runs?limit=100",
        f"Compare of {given.compared}": f"groups?runs={compared}&by=run&{bands}",
    }


def fill(folder: Path, count: int, given: argparse.Namespace) -> list[str]:
    """A store with so many runs; their ids, the newest first."""
    store = Store(Environment(data_dir=folder).store_url)
    store.open()
    curved = max(given.compared, given.overlaid) + 1
    ids = copies.many(store, describe(), count, curved, given.steps)
    store.close()
    return ids


def resident(process: psutil.Process) -> float:
    """MiB of memory."""
    return float(process.memory_info().rss) / MEBI


def measure_requests(sides: list[Side], given: argparse.Namespace) -> None:
    """Every request to both stores in turns; the first round is to warm up."""
    with ExitStack() as stack:
        clients = [
            stack.enter_context(httpx.Client(base_url=f"{one.here.api}/api/v1/", timeout=120))
            for one in sides
        ]
        for side in sides:
            side.memory.append(resident(side.process))
        paths = [requests(side.ids, given) for side in sides]
        for turn in range(-1, given.rounds):
            for what in paths[0]:
                for side, client, path in zip(sides, clients, paths, strict=True):
                    cost = side.costs.setdefault(what, Cost())
                    _request(side, lambda c=client, p=path[what]: c.get(p), cost, counts=turn >= 0)
        for side in sides:
            side.memory.append(resident(side.process))


def _request(side: Side, ask: Callable[[], httpx.Response], cost: Cost, *, counts: bool) -> None:
    before, began = _busy(side.process), time.perf_counter()
    answer = ask().raise_for_status()
    if counts:
        cost.wall.append(time.perf_counter() - began)
        cost.busy.append(_busy(side.process) - before)
    cost.size = len(answer.content)


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def measure_pages(browser: Browser, side: Side, given: argparse.Namespace) -> None:
    """What a reader waits for, several times."""
    compared, overlaid = side.ids[: given.compared], side.ids[: given.overlaid]
    for _ in range(given.visits):
        for look in looks.table(browser, f"{side.here.dashboard}/", brief=given.quick):
            side.looks.setdefault(look.what, []).append(look)
        for look in (
            looks.compare(browser, f"{side.here.dashboard}/compare?runs={','.join(compared)}"),
            looks.watch(browser, f"{side.here.dashboard}/watch?runs={','.join(overlaid)}", overlaid),
        ):
            side.looks.setdefault(look.what, []).append(look)


def measure(given: argparse.Namespace) -> tuple[Side, Side]:
    """Both stores, the one with few runs first."""
    with ExitStack() as stack:
        sides = []
        for count in (FEW, given.runs):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            ids = fill(folder, count, given)
            here = stack.enter_context(programs(Environment(data_dir=folder), workers=1))
            sides.append(Side(count, ids, here, back_end(here)))
        measure_requests(sides, given)
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            for side in sides:
                measure_pages(browser, side, given)
            browser.close()
        few, many = sides
        return few, many


def report(few: Side, many: Side, given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    rows = [_row(what, few.costs[what], cost) for what, cost in many.costs.items()]
    seen = [_look(what, few.looks[what], of_many) for what, of_many in many.looks.items()]
    heap = max(look.heap for each in many.looks.values() for look in each)
    largest = max(cost.size for cost in many.costs.values())
    return [
        *heading("Many runs", "runs", given),
        f"Two stores, of {few.count:,} and of {many.count:,} runs; all other programs on this machine. "
        f"{given.rounds} rounds in which requests to both take turns, then {given.visits} visits of each "
        "page.",
        "",
        "One request to the API, p50; processor: the back end's.",
        "",
        f"| request | {few.count:,} runs | {many.count:,} runs | processor | ratio | bytes |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
        "A page in headless Chromium at 1920 x 1080, p50; main thread: its busy time until then.",
        "",
        f"| page | {few.count:,} runs | {many.count:,} runs | main thread | requests | bytes | heap |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *seen,
        "",
        f"Memory of the back end before / after all requests: {few.memory[0]:.0f} / {few.memory[-1]:.0f} MiB "
        f"with {few.count:,} runs, {many.memory[0]:.0f} / {many.memory[-1]:.0f} MiB with {many.count:,}; the "
        f"largest answer has {largest / MEBI:.1f} MiB. The page's heap after garbage collection is at most "
        f"{heap / MEBI:.0f} MiB.",
        "",
    ]


def _row(what: str, few: Cost, many: Cost) -> str:
    ratio = np.median([a / b for a, b in zip(many.wall, few.wall, strict=True)])
    wall = [1000 * float(np.median(cost.wall)) for cost in (few, many)]
    busy = 1000 * float(np.mean(many.busy))
    return f"| {what} | {wall[0]:.0f} ms | {wall[1]:.0f} ms | {busy:.0f} ms | {ratio:.1f} | {many.size:,} |"


def _look(what: str, few: list[Look], many: list[Look]) -> str:
    ms = [float(np.median([look.ms for look in each])) for each in (few, many)]
    busy = float(np.median([look.busy_ms for look in many]))
    last = many[-1]
    cells = (f"{ms[0]:.0f} ms", f"{ms[1]:.0f} ms", f"{busy:.0f} ms", f"{last.requests}", f"{last.size:,}")
    return f"| {what} | {' | '.join(cells)} | {last.heap / MEBI:.0f} MiB |"


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--runs", type=int, default=100_000, help="in the larger store")
    line.add_argument("--compared", type=int, default=200, help="runs on Compare")
    line.add_argument("--overlaid", type=int, default=50, help="runs on Watch")
    line.add_argument("--steps", type=int, default=600, help="of each run")
    line.add_argument("--rounds", type=int, default=7, help="of requests")
    line.add_argument("--visits", type=int, default=5, help="of each page")
    given = options(line, "runs", QUICK)
    publish(report(*measure(given), given), "runs", given)


if __name__ == "__main__":
    main()
