"""What small requests that want large work cost the back end: `make bench-abuse`.

    python -m benchmarks.abuse [--exports 30] [--steps 1000000] [--methods 3000] [--settings 900] [--quick]

A real Valkey server and back end over a store with one long run. Three things that anybody who may ask can
do: exports that nobody reads, requests with made-up methods, and a sweep whose every setting is unknown.
Another connection asks for one run all the while, as anybody else would.
"""

import argparse
import http.client
import itertools
import socket
import string
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import filled
import httpx
import psutil

from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.programs import Programs, back_end, launch, programs
from rhoscope.client import Client
from rhoscope.environment import Environment

QUICK = {"steps": 100_000, "exports": 12, "methods": 200, "settings": 50, "unread": 2.0}
SEEDS = 1000
BETWEEN_S = 0.05
"""Pause between two looks at the memory, and between two requests of somebody else."""
PATIENCE_S = 120.0
AFTER_S = 1.0


@dataclass
class Cost:
    """Of one kind of request: bytes in memory before, at most and after it, seconds, and statuses."""

    before: int
    most: int = 0
    after: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)


@contextmanager
def watched(here: Programs, run: str) -> Iterator[Cost]:
    """The back end while the block lasts, and the slowest answer that somebody else gets."""
    process = back_end(here)
    cost, over = Cost(process.memory_info().rss), threading.Event()
    thread = threading.Thread(target=_look, args=(process, f"{here.api}/api/v1/runs/{run}", cost, over))
    thread.start()
    began = time.perf_counter()
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - began
        over.set()
        thread.join()
    time.sleep(AFTER_S)
    cost.after = process.memory_info().rss


def _look(process: psutil.Process, url: str, cost: Cost, over: threading.Event) -> None:
    with httpx.Client(timeout=PATIENCE_S) as client:
        while not over.is_set():
            began = time.perf_counter()
            client.get(url).raise_for_status()
            cost.slowest = max(cost.slowest, time.perf_counter() - began)
            cost.most = max(cost.most, process.memory_info().rss)
            over.wait(BETWEEN_S)


def unread(here: Programs, run: str, count: int, seconds: float) -> Cost:
    """So many exports of one run that are asked for at once and never read."""
    place = urlsplit(here.api)
    request = f"GET /api/v1/runs/{run}/export?format=jsonl HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n"
    with watched(here, run) as cost, ExitStack() as opened:
        for _ in range(count):
            reader = opened.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.settimeout(PATIENCE_S)
            reader.connect((place.hostname, place.port))
            reader.sendall(request.encode())
            cost.statuses[int(reader.recv(12).split()[1])] += 1
        time.sleep(seconds)
    return cost


def made_up(here: Programs, run: str, count: int) -> tuple[Cost, int]:
    """So many requests, each with a method of its own; and the bytes that `/metrics` has grown by."""
    place = urlsplit(here.api)
    before = len(httpx.get(f"{here.api}/metrics").content)
    letters = itertools.islice(itertools.product(string.ascii_uppercase, repeat=3), count)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE_S)
    with watched(here, run) as cost, closing(connection):
        for method in ("X" + "".join(one) for one in letters):
            connection.request(method, "/api/v1/runs")
            answer = connection.getresponse()
            answer.read()
            cost.statuses[answer.status] += 1
    return cost, len(httpx.get(f"{here.api}/metrics").content) - before


def unknown(here: Programs, run: str, settings: int) -> Cost:
    """A check of a sweep of SEEDS seeds in which so many settings are unknown."""
    base = {"settings": {f"unknown_{n}": n for n in range(settings)}}
    with watched(here, run) as cost, httpx.Client(timeout=PATIENCE_S) as client:
        answer = client.post(
            f"{here.api}/api/v1/sweeps/check", json={"base": base, "seeds": list(range(SEEDS))}
        )
        cost.statuses[answer.status_code] += 1
    return cost


def measure(given: argparse.Namespace) -> tuple[dict[str, Cost], int]:
    """The three, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(data_dir=Path(folder))
        store = filled.opened(environment)
        long = filled.fill(store, given.steps, name="long")
        store.close()
        with programs(environment, workers=1, page=False) as here, Client(here.api) as client:
            launch(client, 1)
            check = unknown(here, long, given.settings)
            methods, grown = made_up(here, long, given.methods)
            exports = unread(here, long, given.exports, given.unread)
    return {
        f"{given.settings:,} unknown settings x {SEEDS:,} seeds in a check": check,
        f"{given.methods:,} made-up methods": methods,
        f"{given.exports:,} exports that nobody reads": exports,
    }, grown


def report(costs: dict[str, Cost], grown: int, given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    return [
        *heading("Abuse", "abuse", given),
        f"Memory of the back end in MiB; one run of {given.steps:,} steps x {len(filled.NAMES)} series, "
        f"whose exports are left unread for {given.unread:g} s. The last column is the slowest answer that "
        "somebody else got meanwhile.",
        "",
        "| | before | most | after | s | answers | others, slowest |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(f"| {name} | {_row(cost)} |" for name, cost in costs.items()),
        "",
        f"`/metrics` grew by {grown:,} bytes through made-up methods.",
        "",
    ]


def _row(cost: Cost) -> str:
    memory = " | ".join(f"{size / 2**20:.0f}" for size in (cost.before, cost.most, cost.after))
    statuses = ", ".join(f"{count:,} x {status}" for status, count in sorted(cost.statuses.items()))
    return f"{memory} | {cost.seconds:.2f} | {statuses} | {1000 * cost.slowest:.0f} ms"


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--exports", type=int, default=30, help="that nobody reads")
    line.add_argument("--unread", type=float, default=20.0, help="seconds")
    line.add_argument("--steps", type=int, default=1_000_000, help="of the run that is exported")
    line.add_argument("--methods", type=int, default=3000, help="made up")
    line.add_argument("--settings", type=int, default=900, help="unknown ones in a sweep")
    given = options(line, "abuse", QUICK)
    publish(report(*measure(given), given), "abuse", given)


if __name__ == "__main__":
    main()
