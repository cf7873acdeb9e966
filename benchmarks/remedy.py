"""How long a newcomer waits for a remedy of the default joint run: `make bench-remedy`.

    PYTHONPATH=tests/driving python -m benchmarks.remedy [--workers 1] [--seeds N] [--quick]

A whole product as `rhoscope up` starts it, and a browser. The default joint run is launched and trains to
its end; then the page of the run is opened, "What would help?" and "Try them" are clicked, with whatever the
dialog offers (of its seeds the first `--seeds`), and, once the ranking is over, "Go on with ...". Measured
are seconds by the clock, and processor time of all programs of the product (of living and of ended ones),
from the click on "Try them" to the ranking, and from there to the end of the run that goes on.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from instrument import Instrument
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.rig.browser import chromium
from benchmarks.rig.page import heading, options, parser, publish
from rhoscope.remedies import Ranking

QUICK = {"epochs": 4.0, "seeds": 1}
SMALL = {"dataset": "synthetic", "train_size": 256, "batch_size": 16}
PATIENCE_S = 1800.0
LIMIT_S = 300.0


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and of processors."""

    clock: float
    processors: float


@dataclass(frozen=True)
class Measurements:
    """What each part took, and what came out."""

    run: Cost
    race: Cost
    onward: Cost
    ranking: Ranking


def processors(house: Instrument) -> float:
    """Processor time of all programs so far, with those that have ended and were waited for."""
    total = 0.0
    for process in psutil.Process(house.process.pid if house.process else None).children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


class Clock:
    """What has passed since it was made."""

    def __init__(self, house: Instrument) -> None:
        self.house = house
        self.began, self.used = time.monotonic(), processors(house)

    def read(self) -> Cost:
        return Cost(time.monotonic() - self.began, processors(self.house) - self.used)


@contextmanager
def opened(house: Instrument, run: str) -> Iterator[Page]:
    """The page of a run."""
    with sync_playwright() as playwright:
        page = chromium(playwright).new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{house.url}/watch?runs={run}")
        yield page


def measure(spec: dict[str, Any], workers: int, seeds: int | None) -> Measurements:
    """Launch, wait, race, go on."""
    with tempfile.TemporaryDirectory() as folder:
        house = Instrument(Path(folder) / "data", workers=workers)
        house.start()
        try:
            clock = Clock(house)
            run = house.client.launch(spec).id
            house.until(run, timeout_s=PATIENCE_S)
            trained = clock.read()
            with opened(house, run) as page:
                return _remedied(house, page, run, trained, seeds)
        finally:
            house.stop()


def _remedied(house: Instrument, page: Page, run: str, trained: Cost, seeds: int | None) -> Measurements:
    page.get_by_role("button", name="What would help?").click()
    dialog = page.get_by_role("dialog", name="What would help?")
    offered = dialog.get_by_label("Seeds")
    expect(offered).not_to_have_value("")
    offered.fill(", ".join(offered.input_value().split(", ")[:seeds]))
    clock = Clock(house)
    dialog.get_by_role("button", name="Try them").click()
    over = re.compile("is best; |no candidate came to the end")
    expect(page.locator(".standings")).to_contain_text(over, timeout=1000 * PATIENCE_S)
    race = clock.read()
    ranking = house.client.ranking(house.client.suggestion(run).tried[0])
    best = next(place for place in ranking.places if place.name == ranking.winner)
    clock = Clock(house)
    page.locator("[data-go-on]").click()
    page.wait_for_url(re.compile(best.runs[0]))
    house.until(best.runs[0], timeout_s=PATIENCE_S)
    return Measurements(trained, race, clock.read(), ranking)


def report(result: Measurements, spec: dict[str, Any], given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""

    def row(name: str, cost: Cost) -> str:
        return f"| {name} | {cost.clock:.0f} s | {cost.processors:.0f} s |"

    ranking = result.ranking
    runs = sum(len(place.runs) for place in ranking.places)
    kept = "kept" if result.race.processors < LIMIT_S else "missed"
    return [
        *heading("A remedy for the default joint run", "remedy", given),
        f"The run: `{spec}`, {given.workers} worker(s). {len(ranking.places)} candidates, {runs} runs, "
        f"compared at steps {', '.join(map(str, ranking.rungs))}; best: {ranking.winner}. "
        f"The limit of five minutes of machine time is {kept}.",
        "",
        "| | clock | processors |",
        "| --- | --- | --- |",
        row("the run itself", result.run),
        row("the race, to the ranking", result.race),
        row("going on with the winner, to its end", result.onward),
        "",
    ]


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--workers", type=int, default=1, help="of the product")
    line.add_argument("--seeds", type=int, help="of each candidate; default: those that the dialog offers")
    line.add_argument("--epochs", type=float, help="of the run; default: the product's")
    given = options(line, "remedy", QUICK)
    settings = {} if given.epochs is None else {"epochs": int(given.epochs)}
    spec = {"strategy": "joint", **(SMALL if given.quick else {}), **settings}
    publish(report(measure(spec, given.workers, given.seeds), spec, given), "remedy", given)


if __name__ == "__main__":
    main()
