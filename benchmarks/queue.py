"""What the back end costs while many runs wait and nothing else happens: `make bench-queue`.

    python -m benchmarks.queue [--runs 10000] [--seconds 30] [--quick]

A real Valkey server and back end, one pretended worker that takes nothing. Sweeps of 1,000 seeds each fill
the queue; then nobody asks for anything, and the back end's processor time is read before and after.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.programs import back_end, launch, programs
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.runs import SweepSpec

QUICK = {"runs": 200, "seconds": 3.0}
TOGETHER = 1000
"""Runs of one sweep, the most there can be."""
SETTLED_S = 3.0


@dataclass(frozen=True)
class Idle:
    """Of the back end: share of one core and memory in bytes, with an empty queue and with a full one."""

    runs: int
    filled_s: float
    empty: float
    full: float
    memory: int


def share(process: psutil.Process, seconds: float) -> float:
    """Of one core, while so many seconds pass."""
    time.sleep(SETTLED_S)
    before, began = process.cpu_times(), time.perf_counter()
    time.sleep(seconds)
    after, elapsed = process.cpu_times(), time.perf_counter() - began
    return float(after.user + after.system - before.user - before.system) / elapsed


def measure(given: argparse.Namespace) -> Idle:
    """Read the back end's processor time with one run in the queue, then with all of them."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(data_dir=Path(folder))
        with programs(environment, workers=1, page=False) as here, Client(here.api, timeout_s=120) as client:
            launch(client, 1)
            process = back_end(here)
            empty = share(process, given.seconds)
            began = time.perf_counter()
            for first in range(0, given.runs, TOGETHER):
                seeds = list(range(first, min(first + TOGETHER, given.runs)))
                client.sweep(SweepSpec(name=f"from {first}", seeds=seeds))
            filled = time.perf_counter() - began
            full = share(process, given.seconds)
            return Idle(given.runs, filled, empty, full, process.memory_info().rss)


def report(idle: Idle, given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    return [
        *heading("Queue", "queue", given),
        f"{idle.runs:,} queued runs, launched as sweeps in {idle.filled_s:.1f} s; processor time over "
        f"{given.seconds:g} s in which nobody asks for anything.",
        "",
        "| | |",
        "| --- | --- |",
        f"| one queued run, share of a core | {100 * idle.empty:.1f} % |",
        f"| {idle.runs:,} queued runs, share of a core | {100 * idle.full:.1f} % |",
        f"| memory of the back end | {idle.memory / 2**20:.0f} MiB |",
        "",
    ]


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--runs", type=int, default=10_000, help="in the queue")
    line.add_argument("--seconds", type=float, default=30.0, help="of each reading")
    given = options(line, "queue", QUICK)
    publish(report(measure(given), given), "queue", given)


if __name__ == "__main__":
    main()
