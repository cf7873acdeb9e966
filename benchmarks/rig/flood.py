"""Training's place taken by a flood: many rows of many runs, in the blocks that rings of trainers hand on.

    python -m benchmarks.rig.flood --redis URL < FLOOD

Standard input is a `Flood` as JSON. Blocks are encoded as publishers encode them. Few runs have a publisher
each, with its thread, connection, and back-pressure. A thousand of them would take more processor than two
cores have, since each waits for every entry: there, all that is due goes through one pipeline, under the
ids that publishers would give.

Prints a `Given` as JSON. A value follows from run and step (`Values`), so that the store can be checked.
"""

import argparse
import sys
import time
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from redis import Redis
from typing_extensions import override

from rhoscope import keys
from rhoscope.lease import Lease
from rhoscope.local.process import wait_until
from rhoscope.records import Block, Event
from rhoscope.series import Series
from trainer.telemetry.publisher import Publisher

LEASE_S = 3600.0
WANTED_S = 240.0
MOST_PUBLISHERS = 50
PARTS = 25
"""Runs hand on their blocks in turns, so that they don't all come at once."""
PERIOD = 4099
"""Steps after which values repeat: a prime, so that no border of the store's falls on it."""


class Flood(BaseModel):
    """What is to be published: a block of `rows` rows of every run each `every` seconds, `blocks` times."""

    runs: list[str]
    series: list[Series]
    rows: int
    every: float
    blocks: int

    @property
    def names(self) -> list[str]:
        """The dense series, which make a row."""
        return [series.name for series in self.series if not series.sparse]


class Given(BaseModel):
    """When each block of each part was handed on, Unix seconds [block][part], and what that took."""

    times: list[list[float]]
    encode_s: float
    processor_s: float
    publishers: bool

    def of(self, run: int) -> list[float]:
        """When each block of the run of this number was."""
        return [times[run % len(times)] for times in self.times]


class Values:
    """The values of every run at every step."""

    def __init__(self, names: int) -> None:
        once = np.random.default_rng(19).random((names, PERIOD), np.float32)
        self._twice = np.concatenate([once, once], axis=1)

    def of(self, run: int, first: int, n: int) -> NDArray[np.float32]:
        """Those of the run of this number at `n` steps from `first` on, n at most `PERIOD`, [names, n]."""
        start = (37 * run + first) % PERIOD
        return self._twice[:, start : start + n]


class Way(ABC):
    """How the records of one run get into its stream."""

    @abstractmethod
    def give(self, kind: str, data: bytes) -> None:
        """Take a record: a block (`b`) or an event (`e`)."""

    @abstractmethod
    def end(self) -> None:
        """Wait until all is delivered."""


class Published(Way):
    """By a publisher of its own, which waits as it makes training wait."""

    def __init__(self, url: str, run: str) -> None:
        self._publisher = Publisher(url, run, 1)

    @override
    def give(self, kind: str, data: bytes) -> None:
        while self._publisher.full:
            time.sleep(0.01)
        self._publisher.record(kind, data)

    @override
    def end(self) -> None:
        self._publisher.close(60)


class Piped(Way):
    """Through a pipeline that is sent by whoever made it."""

    def __init__(self, pipe: Any, run: str) -> None:
        self._pipe = pipe
        self._stream = keys.records(run)
        self._sequence = 0

    @override
    def give(self, kind: str, data: bytes) -> None:
        self._pipe.execute_command("XADD", self._stream, f"1-{self._sequence}", kind, data)
        self._sequence += 1

    @override
    def end(self) -> None:
        self._pipe.execute()


class Source:
    """All runs of a flood."""

    def __init__(self, url: str, flood: Flood) -> None:
        self._flood = flood
        self._values = Values(len(flood.names))
        self._pipe = Redis.from_url(url).pipeline(transaction=False)
        self.publishers = len(flood.runs) <= MOST_PUBLISHERS
        self._ways: list[Way] = [
            Published(url, run) if self.publishers else Piped(self._pipe, run) for run in flood.runs
        ]
        self.encode_s = 0.0

    def start(self) -> None:
        """Say of each run that it started."""
        total = self._flood.rows * self._flood.blocks
        series = [one.model_dump() for one in self._flood.series]
        data = {"modalities": ["audio", "visual"], "start_step": 0, "total_steps": total, "series": series}
        self._tell("started", 0, data)

    def give(self, numbers: range, block: int) -> None:
        """Hand on the blocks of this number of the runs of these numbers."""
        now = time.time()
        times, first = (now - self._flood.every, now), block * self._flood.rows
        steps = np.arange(first, first + self._flood.rows, dtype=np.int32)
        for number in numbers:
            began = time.thread_time()
            values = self._values.of(number, first, self._flood.rows)
            run = self._flood.runs[number]
            data = Block.make(run, 1, self._flood.names, steps, values, times).encode()
            self.encode_s += time.thread_time() - began
            self._ways[number].give("b", data)
        if not self.publishers:
            self._pipe.execute()

    def finish(self) -> None:
        """Say of each run that it is complete, and wait until all is delivered."""
        total = self._flood.rows * self._flood.blocks
        self._tell("finished", total, {"state": "completed", "reason": ""})
        for way in self._ways:
            way.end()

    def _tell(self, kind: Any, step: int, data: dict[str, Any]) -> None:
        for run, way in zip(self._flood.runs, self._ways, strict=True):
            event = Event(run=run, attempt=1, kind=kind, step=step, time=time.time(), data=data)
            way.give("e", event.encode())
        self._pipe.execute()


def take_leases(url: str, runs: list[str]) -> None:
    """As a worker takes each, once the launcher wants its attempt."""
    with Redis.from_url(url) as redis:
        for run in runs:
            lease = Lease(redis, run, 1, "flood", LEASE_S)
            wait_until(lease.take, lambda: True, f"The launcher's ticket for {run}", WANTED_S)


def pour(source: Source, flood: Flood) -> list[list[float]]:
    """Hand on all blocks at their times; when each was."""
    parts = min(len(flood.runs), PARTS)
    times: list[list[float]] = []
    began = time.monotonic()
    for block in range(flood.blocks):
        times.append([])
        for part in range(parts):
            due = began + (block + part / parts) * flood.every
            time.sleep(max(0.0, due - time.monotonic()))
            times[-1].append(time.time())
            source.give(range(part, len(flood.runs), parts), block)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--redis", required=True)
    options = parser.parse_args()
    flood = Flood.model_validate_json(sys.stdin.read())
    take_leases(options.redis, flood.runs)
    source = Source(options.redis, flood)
    source.start()
    before = time.process_time()
    times = pour(source, flood)
    took = time.process_time() - before
    source.finish()
    given = Given(times=times, encode_s=source.encode_s, processor_s=took, publishers=source.publishers)
    sys.stdout.write(given.model_dump_json())


if __name__ == "__main__":
    main()
