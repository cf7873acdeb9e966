"""A row from Redis into the store, what it costs, with pages that watch: `make bench-ingest`.

    python -m benchmarks.ingest [--runs 10] [--rate 5000] [--many 1000] [--many-rate 10] [--seconds 20]
                                [--watchers 4] [--quick]

A real Valkey server, back end, and dashboard, twice: few runs with many steps a second, then many runs with
few. `benchmarks/rig/flood.py` publishes rows of sixteen series in the blocks of trainers; pages are stood in
for by WebSocket clients (`benchmarks/rig/watching.py`) that read everything through the dashboard, as
browsers do. In the end every value in the store is compared with the one that was published.

A row is durable once the transaction that holds it is committed. How far that lies behind is the age of the
oldest row that was published and is not yet durable. Processor time is given per row, so that it says
on a busy machine what an idle one would carry.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from benchmarks.rig import programs as rig
from benchmarks.rig.comparison import Stored, compare
from benchmarks.rig.flood import Flood, Given
from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.programs import ROOT, START_S, Programs, counter, launch, programs
from benchmarks.rig.sampling import DASHBOARD, LOOP, RECORDER, VALKEY, Samples, pages, size_of
from benchmarks.rig.watching import Watched
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.runs import SweepSpec
from rhoscope.series import Series
from rhoscope.spec import RunSpec
from rhoscope.torch.ring import AGE_S, CAPACITY
from trainer.attempt.assembly import build

QUICK = {"runs": 2, "rate": 400.0, "many": 12, "many_rate": 10.0, "seconds": 3.0, "watchers": 2}
SERIES = 16
SAMPLE_S = 0.25
DRAIN_S = 600.0
PAGE_RUNS = 10
"""Runs that a page shows where there are many."""
COUNTS = ("rows", "thinned", "gaps", "doubled", "closed")
PUBLISHING, ENCODING = "producer", "encoding a row once"
Load = tuple[int, float]
"""Runs, and steps of each a second."""


@dataclass(frozen=True)
class Measured:
    """One load from beginning to end."""

    flood: Flood
    given: Given
    samples: Samples
    watched: Sequence[Watched]
    stored: Stored
    drained_s: float
    disk: int
    files: tuple[int, int]
    commits: float

    @property
    def rows(self) -> int:
        """Rows that were published."""
        return len(self.flood.runs) * self.flood.rows * self.flood.blocks

    @property
    def window(self) -> tuple[float, float]:
        """Unix seconds between which rows were published."""
        return self.given.times[0][0], self.given.times[-1][-1]


def declared() -> list[Series]:
    """Sixteen dense series of our own training, as it declares them, and its sparse ones."""
    series = build(RunSpec(settings={"device": "cpu"})).series
    dense = [one for one in series if not one.sparse]
    loss = [one for one in dense if one.name == "loss"]
    others = [one for one in dense if one.name != "loss"]
    return [*loss, *others[: SERIES - 1], *(one for one in series if one.sparse)]


def flood_of(load: Load, runs: Sequence[str], seconds: float) -> Flood:
    """Blocks as rings make them: full, or as old as a row may get."""
    _, rate = load
    rows = max(1, min(CAPACITY, round(rate * AGE_S)))
    blocks = max(1, round(rate * seconds / rows))
    return Flood(runs=list(runs), series=declared(), rows=rows, every=rows / rate, blocks=blocks)


def connections(runs: Sequence[str], watchers: int) -> list[list[list[str]]]:
    """Each page's: its runs, and the notices of all; where runs are many, every other page is their table."""
    if len(runs) <= PAGE_RUNS:
        return [[list(runs), ["*"]] for _ in range(watchers)]
    some = [[[*runs[i::watchers]][:PAGE_RUNS], ["*"]] for i in range(watchers)]
    return [[["*"], ["*"]] if i % 2 else each for i, each in enumerate(some)]


def queue(here: Programs, count: int) -> list[str]:
    """Ids of as many queued runs."""
    with Client(here.api, timeout_s=120) as client:
        launch(client, 0)
        return [run.id for run in client.sweep(SweepSpec(name="flood", seeds=list(range(count)))).runs]


@contextmanager
def watching(here: Programs, watchers: list[list[list[str]]]) -> Iterator[list[Watched]]:
    """Fills the list at the end of the block with what each was sent."""
    command = [sys.executable, "-m", "benchmarks.rig.watching", "--url", here.dashboard]
    seen: list[Watched] = []
    pipe = subprocess.PIPE
    with rig.start(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        if process.stdin is None:
            raise RuntimeError("There is no way to end the watchers.")
        process.stdin.write(json.dumps(watchers) + "\n")
        process.stdin.flush()
        try:
            yield seen
            answer, _ = process.communicate(timeout=START_S)
            seen += TypeAdapter(list[Watched]).validate_json(answer)
        finally:
            process.terminate()


def pour(here: Programs, flood: Flood) -> Given:
    """Publish all of it. Raises: RuntimeError, when it ended badly."""
    command = [sys.executable, "-m", "benchmarks.rig.flood", "--redis", here.environment.broker_url]
    pipe = subprocess.PIPE
    with rig.start(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        answer, _ = process.communicate(flood.model_dump_json())
    if process.returncode:
        raise RuntimeError(f"The flood ended with code {process.returncode}; its error stands above.")
    return Given.model_validate_json(answer)


def measure(load: Load, given: argparse.Namespace) -> Measured:
    """One load from the queue to the last row in the store."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(data_dir=Path(folder))
        file = Path(folder) / "rhoscope.db"
        with programs(environment, workers=load[0]) as here:
            flood = flood_of(load, queue(here, load[0]), given.seconds)
            before = pages(file)
            with (
                Samples(here, flood.runs, SAMPLE_S) as samples,
                watching(here, connections(flood.runs, given.watchers)) as watched,
            ):
                poured = pour(here, flood)
                samples.wait_for(flood.rows * flood.blocks, DRAIN_S)
                drained = samples.kept[-1].time - poured.times[-1][-1]
                time.sleep(2 * SAMPLE_S)
            commits = counter(here, "rhoscope_commits_recorded_total")
            database = sum(one.stat().st_size for one in Path(folder).glob("rhoscope.db*"))
            return Measured(
                flood=flood,
                given=poured,
                samples=samples,
                watched=watched,
                stored=compare(environment, flood),
                drained_s=drained,
                disk=pages(file) - before,
                files=(database, size_of(Path(folder) / "redis")),
                commits=commits,
            )


def behind(measured: Measured) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When each look of the window was [k], and the age in seconds of each run's oldest row [k, runs].

    The age is 0 where all that was published of a run is durable.
    """
    start, end = measured.window
    looks = [sample for sample in measured.samples.kept if start < sample.time < end]
    times = np.array([sample.time for sample in looks])
    ages = np.zeros((len(looks), len(measured.flood.runs)))
    for run in range(len(measured.flood.runs)):
        given = np.array(measured.given.of(run))
        blocks = np.array([sample.stored[run] for sample in looks]) // measured.flood.rows
        oldest = given[np.minimum(blocks, len(given) - 1)]
        waits = (blocks < len(given)) & (oldest < times)
        ages[:, run] = np.where(waits, times - oldest, 0.0)
    return times, ages


def durable(measured: Measured) -> float:
    """Rows a second that became durable while rows were published."""
    start, end = measured.window
    kept = measured.samples.kept
    total = [float(sample.stored.sum()) for sample in kept]
    before, after = np.interp([start, end], [sample.time for sample in kept], total)
    return float(after - before) / (end - start)


def costs(measured: Measured) -> dict[str, float]:
    """Microseconds of processor per row: of each part, of publishing, and of encoding it once.

    Those of the back end and Valkey while the middle four fifths of the rows became durable: starting and
    ending a run has a price of its own.
    """
    kept = measured.samples.kept
    total = [float(sample.stored.sum()) for sample in kept]
    start, end = np.interp([0.1 * measured.rows, 0.9 * measured.rows], total, [one.time for one in kept])
    names = (RECORDER, LOOP, VALKEY, DASHBOARD)
    each = {name: measured.samples.taken(name, start, end) / 0.8 for name in names}
    each |= {PUBLISHING: measured.given.processor_s, ENCODING: measured.given.encode_s}
    return {name: 1e6 * seconds / measured.rows for name, seconds in each.items()}


def ends(measured: Measured, each: float) -> float:
    """Milliseconds of the recorder's processor for a run's beginning and end; a row takes `each` µs."""
    kept = measured.samples.kept
    whole = measured.samples.taken(RECORDER, measured.window[0], kept[-1].time)
    return 1e3 * max(0.0, whole - 1e-6 * each * measured.rows) / len(measured.flood.runs)


def lines_of(measured: Measured, load: Load) -> dict[str, str]:
    """What the page says of one load, by row."""
    flood, stored = measured.flood, measured.stored
    times, ages = behind(measured)
    third = max(1, len(times) // 3)
    first, last = np.median(ages[:third]), np.median(ages[-third:])
    p50, p95 = np.percentile(ages, [50, 95])
    each = costs(measured)
    memory = [sample.memory / 2**20 for sample in measured.samples.kept]
    rows_per, raw = measured.rows, 4 * (len(flood.names) + 1)
    database, redis = measured.files
    return {
        "runs x steps/s of each": f"{load[0]:,} x {load[1]:,.0f}",
        "rows in a block": f"{flood.rows}",
        "rows/s published": f"{load[0] * load[1]:,.0f}",
        "rows/s durable meanwhile": f"{durable(measured):,.0f}",
        "durable cursor behind, p50 / p95": f"{p50:.2f} / {p95:.2f} s",
        "behind in the first / last third, p50": f"{first:.2f} / {last:.2f} s",
        "all durable after the last block": f"{max(0.0, measured.drained_s):.1f} s",
        **{f"{name}, processor per row": f"{value:.1f} µs" for name, value in each.items()},
        "a run's first and last records, recorder": f"{ends(measured, each[RECORDER]):.1f} ms",
        "recorder / encoding a row once": f"{each[RECORDER] / each[ENCODING]:.1f}",
        "transactions per 1,000 rows": f"{1000 * measured.commits / rows_per:.2f}",
        f"bytes of a row in the store (raw {raw})": f"{measured.disk / rows_per:.0f}",
        "files at the end, store / Valkey": f"{database / 2**20:.0f} / {redis / 2**20:.0f} MiB",
        "memory of the back end, before / most": f"{memory[0]:.0f} / {max(memory):.0f} MiB",
        "rows in the store": f"{stored.rows:,} of {rows_per:,}",
        "values lost / doubled / wrong": f"{stored.lost} / {stored.doubled} / {stored.wrong}",
        **_watched(measured.watched),
    }


def _watched(watched: Sequence[Watched]) -> dict[str, str]:
    late = [second for one in watched for second in one.late] or [0.0]
    p50, p95 = np.percentile(late, [50, 95])
    sums = {name: sum(getattr(one, name) for one in watched) for name in COUNTS}
    return {
        "rows sent to the pages, left out for slow ones": f"{sums['rows']:,}, {sums['thinned']:,}",
        "pages' gaps / doubled rows / lost connections": " / ".join(f"{sums[n]}" for n in COUNTS[2:]),
        "a block's last row to the page, p50 / p95": f"{p50:.2f} / {p95:.2f} s",
    }


def report(all_of: Sequence[tuple[Load, Measured]], given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    columns = [lines_of(measured, load) for load, measured in all_of]
    publishers = "a publisher for each run where they are few, one pipeline for all where they are many"
    return [
        *heading("Ingest", "ingest", given),
        f"Rows of {SERIES} series for {given.seconds:g} s, by {publishers}; {given.watchers} "
        "pages, stood in for by WebSocket clients that read everything through the dashboard. All of it runs "
        "on this machine.",
        "",
        "| | few runs | many runs |",
        "| --- | --- | --- |",
        *(f"| {name} | {' | '.join(column[name] for column in columns)} |" for name in columns[0]),
        "",
    ]


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--runs", type=int, default=10, help="of the first load")
    line.add_argument("--rate", type=float, default=5000.0, help="steps a second of each of them")
    line.add_argument("--many", type=int, default=1000, help="runs of the second load")
    line.add_argument("--many-rate", type=float, default=10.0, help="steps a second of each of those")
    line.add_argument("--seconds", type=float, default=20.0)
    line.add_argument("--watchers", type=int, default=4, help="pages that watch")
    given = options(line, "ingest", QUICK)
    loads: list[Load] = [(given.runs, given.rate), (given.many, given.many_rate)]
    publish(report([(load, measure(load, given)) for load in loads], given), "ingest", given)


if __name__ == "__main__":
    main()
