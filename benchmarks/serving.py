"""What a request costs, and whether `/healthz` answers while the store is locked: `make bench-serving`.

    python -m benchmarks.serving [--rounds 20] [--requests 20] [--locked 20] [--writes 48] [--quick]

A real Valkey server, back end and dashboard. Requests follow each other on one kept connection per server;
the servers take turns, some requests each, so that whatever else the machine does hits all alike. A ratio
to a server that does nothing (`benchmarks/rig/bare.py`) is formed within each round, and the median over
rounds shown. The same server on a socket that doesn't say it is TCP shows what Nagle's algorithm costs.

Then another program locks the store's file, more writes than the API has threads wait for it, and `/healthz`
is requested on a connection of its own all the while.
"""

import argparse
import http.client
import socket
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np

from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.programs import Programs, free_port, launch, program, programs, until_answers
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.local.process import end

QUICK = {"rounds": 4, "requests": 5, "locked": 2.0, "writes": 44}
BARE, WITHOUT_TCP = "bare server", "bare server, socket without IPPROTO_TCP"
PATIENCE_S = 120.0
ARRIVAL_S = 1.0
"""In which all writes reach the API."""
BETWEEN_S = 0.05
"""Pause between two looks at `/healthz`."""
Ask = Callable[[], None]


@dataclass
class Locked:
    """What was answered while the store was locked, and what the writes got in the end."""

    sent: int = 0
    answered: int = 0
    seconds: list[float] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)


@contextmanager
def bare(here: Programs, proto: int) -> Iterator[str]:
    """The address of a server that does nothing."""
    port = free_port()
    log = here.environment.data_dir / f"bare-{proto}.log"
    process = program("benchmarks.rig.bare", port, log, {}, "--proto", str(proto))
    try:
        until_answers(process, f"http://127.0.0.1:{port}", here.environment.data_dir)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(process)


def kept(stack: ExitStack, url: str) -> Ask:
    """A request of `url` on a connection that stays open."""
    parts = urlsplit(url)
    connection = stack.enter_context(
        closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S))
    )
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path

    def ask() -> None:
        connection.request("GET", target)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{url} answers {answer.status} instead of 200.")

    return ask


def take_turns(asks: dict[str, Ask], rounds: int, requests: int) -> dict[str, list[list[float]]]:
    """Seconds of each request of each server in each round, the order turned from round to round."""
    names = list(asks)
    times: dict[str, list[list[float]]] = {name: [] for name in names}
    for turn in range(-1, rounds):
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            took = []
            for _ in range(requests):
                began = time.perf_counter()
                asks[name]()
                took.append(time.perf_counter() - began)
            if turn >= 0:  # the first round is to warm up
                times[name].append(took)
    return times


def lock(here: Programs, run: str, seconds: float, writes: int) -> Locked:
    """Lock the store for so long, let so many writes wait for it, and look at `/healthz` all the while."""
    measurements = Locked()
    over = threading.Event()
    url = f"{here.api}/api/v1/runs/{run}"
    with ExitStack() as stack:
        ask = kept(stack, f"{here.api}/healthz")
        limits = httpx.Limits(max_connections=writes)
        client = stack.enter_context(httpx.Client(limits=limits, timeout=PATIENCE_S))
        pool = stack.enter_context(ThreadPoolExecutor(writes + 1))
        file = stack.enter_context(closing(sqlite3.connect(here.environment.data_dir / "rhoscope.db")))
        file.execute("BEGIN IMMEDIATE")
        waiting = [pool.submit(client.patch, url, json={"notes": f"Note {n}."}) for n in range(writes)]
        time.sleep(ARRIVAL_S)
        looking = pool.submit(look, ask, measurements, over)
        time.sleep(seconds)
        measurements.answered = len(measurements.seconds)
        file.rollback()
        over.set()
        looking.result()
        measurements.writes = [write.result().status_code for write in waiting]
    return measurements


def look(ask: Ask, measurements: Locked, over: threading.Event) -> None:
    """Note how long each answer takes, until it is over."""
    while not over.wait(BETWEEN_S):
        measurements.sent += 1
        began = time.perf_counter()
        ask()
        measurements.seconds.append(time.perf_counter() - began)


def measure(given: argparse.Namespace) -> tuple[dict[str, list[list[float]]], Locked]:
    """Requests on a machine that is well, then `/healthz` under a locked store."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        here = stack.enter_context(programs(Environment(data_dir=folder), workers=given.runs))
        with Client(here.api) as client:
            runs = launch(client, given.runs)
        urls = {
            BARE: f"{stack.enter_context(bare(here, socket.IPPROTO_TCP))}/",
            WITHOUT_TCP: f"{stack.enter_context(bare(here, 0))}/",
            "API, /healthz": f"{here.api}/healthz",
            "API, one run": f"{here.api}/api/v1/runs/{runs[0]}",
            "API, all runs": f"{here.api}/api/v1/runs",
            "dashboard, one run of the API": f"{here.dashboard}/api/v1/runs/{runs[0]}",
        }
        asks = {name: kept(stack, url) for name, url in urls.items()}
        times = take_turns(asks, given.rounds, given.requests)
        return times, lock(here, runs[0], given.locked, given.writes)


def report(times: dict[str, list[list[float]]], locked: Locked, given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    seconds = np.array(locked.seconds)
    stored = locked.writes.count(200)
    return [
        *heading("Serving", "serving", given),
        f"Requests one after the other on one kept connection, {given.rounds} rounds of {given.requests} "
        f"each in which the servers take turns; {given.runs} runs in the store. The ratio is that of a "
        "round's medians, its median and quartiles over rounds.",
        "",
        "| server | p50 / p95 | ratio to the bare server (quartiles) |",
        "| --- | --- | --- |",
        *(f"| {name} | {_spread(times[name])} | {_ratio(times[name], times[BARE])} |" for name in times),
        "",
        f"The store locked by another program for {given.locked:g} s, {given.writes} writes waiting for it:",
        "",
        "| | |",
        "| --- | --- |",
        f"| `/healthz`, requests / answers while locked | {locked.sent} / {locked.answered} |",
        f"| `/healthz`, p50 / max | {1000 * np.median(seconds):.1f} / {1000 * seconds.max():.1f} ms |",
        f"| writes stored / refused in the end | {stored} / {len(locked.writes) - stored} |",
        "",
    ]


def _spread(rounds: list[list[float]]) -> str:
    p50, p95 = 1000 * np.percentile(np.concatenate(rounds), [50, 95])
    return f"{p50:.2f} / {p95:.2f} ms"


def _ratio(rounds: list[list[float]], bare_rounds: list[list[float]]) -> str:
    each = [np.median(a) / np.median(b) for a, b in zip(rounds, bare_rounds, strict=True)]
    low, middle, high = np.percentile(each, [25, 50, 75])
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--rounds", type=int, default=20)
    line.add_argument("--requests", type=int, default=20, help="of each server in each round")
    line.add_argument("--runs", type=int, default=20, help="in the store")
    line.add_argument("--locked", type=float, default=20.0, help="seconds")
    line.add_argument("--writes", type=int, default=48, help="that wait for the lock; the API has 40 threads")
    given = options(line, "serving", QUICK)
    publish(report(*measure(given), given), "serving", given)


if __name__ == "__main__":
    main()
