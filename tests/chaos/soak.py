"""Ten runs at a time under random faults for an hour: what it costs, and whether anything is lost or doubled.

    make soak [MINUTES=60]

Every half minute or so a program is killed or frozen, and a learning rate is changed just before; a run that
ends is followed by another. At the end the faults stop, all runs end, every step of every run is looked for
in the store, and the learning rate that was acknowledged last in the one trained with. Whatever goes wrong on
the way is a line of the report, which goes to benchmarks/results.
"""

import argparse
import math
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
from faults import schedule
from instrument import Instrument, wait_for

from rhoscope.errors import Conflict, RhoscopeError
from rhoscope.runs import Run
from rhoscope.states import FINAL, RunState

RUNS, EPOCHS = 10, 40
EVERY_S = (20.0, 40.0)
SAMPLE_S = 5.0
SETTLED_S = 1800.0
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
PROGRAMS = {
    "API": "-m backend",
    "dashboard": "-m dashboard",
    "Redis": "valkey-server",
    "workers, all": "trainer.worker",
}


@dataclass(frozen=True)
class Sample:
    """One look at a program: its process, MiB, and file descriptors; where there are several, their sums."""

    pid: int | None
    memory: float
    files: int


@dataclass
class Watched:
    """What was seen of one program, in order of time."""

    samples: list[Sample] = field(default_factory=list)

    def line(self, name: str) -> str:
        """A row of the table: medians of the first and last third, the most, and the longest life."""
        third = max(1, len(self.samples) // 3)
        parts = self.samples[:third], self.samples[-third:]
        memory = [statistics.median(s.memory for s in part) for part in parts]
        files = [statistics.median(s.files for s in part) for part in parts]
        return (
            f"| {name} | {memory[0]:.0f} | {memory[1]:.0f} | {max(s.memory for s in self.samples):.0f} | "
            f"{files[0]:.0f} | {files[1]:.0f} | {max(s.files for s in self.samples)} | "
            f"{self.longest()} |"
        )

    def longest(self) -> str:
        """Minutes that the oldest process lived, and its memory in its own first and last third."""
        pids = Counter(s.pid for s in self.samples if s.pid is not None)
        if not pids:
            return "several"
        life = [s.memory for s in self.samples if s.pid == pids.most_common(1)[0][0]]
        share = max(1, len(life) // 3)
        first, last = statistics.median(life[:share]), statistics.median(life[-share:])
        return f"{len(life) * SAMPLE_S / 60:.0f} min: {first:.0f}, {last:.0f}"


@dataclass
class Outcome:
    """Counts over all runs, and which orders were acknowledged and not trained with."""

    counts: Counter[str] = field(default_factory=Counter)
    forgotten: list[str] = field(default_factory=list)


class Soak:
    """The instrument, its runs, and what is noted of them."""

    def __init__(self, house: Instrument, seed: int) -> None:
        self.house = house
        self.drawn = random.Random(seed)
        self.began = time.monotonic()
        self.runs: list[str] = []
        self.rates: dict[str, float] = {}
        self.unsure: set[str] = set()
        self.orders = 0
        self.watched = {name: Watched() for name in PROGRAMS}
        self.lags: list[float] = []
        self.faults: Counter[str] = Counter()
        self.double: set[str] = set()
        self.troubles: list[str] = []

    @property
    def minute(self) -> float:
        return (time.monotonic() - self.began) / 60

    def fill(self) -> None:
        """Launch runs until ten are alive."""
        alive = sum(run.state not in FINAL for run in self.house.client.runs(limit=1000).runs)
        for _ in range(RUNS - alive):
            strategy = self.drawn.choice(["joint", "ogm", "ogm-ge"])
            spec = {"strategy": strategy, "seed": len(self.runs), "epochs": EPOCHS, "step_delay_ms": 150}
            run = self.house.client.launch({**spec, "schedule": "constant", "max_attempts": 100})
            self.runs.append(run.id)

    def sample(self) -> None:
        """Memory and descriptors of each program, how far recording lags, and who trains two runs at once."""
        for name, mark in PROGRAMS.items():
            seen = []
            for process in self.house.programs(mark):
                with suppress(psutil.Error):
                    seen.append((process.pid, process.memory_info().rss / 2**20, process.num_fds()))
            if seen:
                pids, memory, files = zip(*seen, strict=True)
                self.watched[name].samples.append(
                    Sample(pids[0] if len(pids) == 1 else None, sum(memory), sum(files))
                )
        for worker, runs in self.house.trained().items():
            if len(runs) > 1 and worker not in self.double:
                self.double.add(worker)
                self.troubles.append(f"minute {self.minute:.1f}: {worker} trains {sorted(runs)}")
        with suppress(httpx.HTTPError):
            text = httpx.get(f"{self.house.api_url}/metrics", timeout=2).text
            lines = [line for line in text.splitlines() if line.startswith("rhoscope_recorder_lag_seconds")]
            self.lags += [float(line.split()[-1]) for line in lines]

    def order(self) -> None:
        """Change the learning rate of a run that has a while to go; an unknown answer is no promise."""
        try:
            running = [run for run in self.house.client.runs(limit=1000).runs if _early(run)]
        except RhoscopeError:
            return
        if not running:
            return
        run, rate = self.drawn.choice(running).id, round(self.drawn.uniform(0.001, 0.05), 6)
        try:
            self.house.client.set(run, lr=rate)
        except Conflict:
            return
        except RhoscopeError:
            self.unsure.add(run)
            return
        self.unsure.discard(run)
        self.rates[run] = rate
        self.orders += 1

    def disturb(self, seed: int) -> None:
        """An order, one fault, and then the API must answer again."""
        ((name, fault),) = schedule(seed, 1)
        self.faults[name] += 1
        self.order()
        fault(self.house)
        wait_for(self.house.reachable, 90, f"the API after: {name}")
        sys.stdout.write(f"minute {self.minute:.1f}: {name}; {len(self.runs)} runs\n")
        sys.stdout.flush()

    def endure(self, minutes: float) -> None:
        """Faults and samples for so long, or until the API does not come back."""
        next_fault, number = time.monotonic() + EVERY_S[0], 0
        while self.minute < minutes:
            self.sample()
            if time.monotonic() >= next_fault:
                try:
                    self.disturb(number := number + 1)
                except TimeoutError as error:
                    self.troubles.append(f"minute {self.minute:.1f}: {error}; no more faults")
                    return
                next_fault = time.monotonic() + self.drawn.uniform(*EVERY_S)
            with suppress(RhoscopeError):
                self.fill()
            time.sleep(SAMPLE_S)

    def settle(self) -> Outcome:
        """Let all runs end; lost and doubled steps and orders over all of them, and how they ended."""
        outcome = Outcome()
        deadline = time.monotonic() + SETTLED_S
        for run in self.runs:
            done = self._ended(run, deadline)
            if done is None:
                self.troubles.append(f"{run} had not ended {SETTLED_S:.0f} s after the faults stopped")
                outcome.counts["not ended"] += 1
                continue
            self._count(done, outcome)
        return outcome

    def _ended(self, run: str, deadline: float) -> Run | None:
        while time.monotonic() < deadline:
            with suppress(RhoscopeError):
                if (now := self.house.client.run(run)).state in FINAL:
                    return now
            time.sleep(0.5)
        return None

    def _count(self, done: Run, outcome: Outcome) -> None:
        steps, counts = self.house.steps(done.id), outcome.counts
        completed = done.state is RunState.COMPLETED
        whole = range(done.total_steps or 0) if completed else range(done.step)
        if lost := sorted(set(whole) - set(steps)):
            self.troubles.append(f"{done.id}: {len(lost)} steps lost, from {lost[0]} to {lost[-1]}")
        if not completed:
            self.troubles.append(f"{done.id}: {done.state}: {done.reason}")
        counts["steps"] += len(steps)
        counts["lost"] += len(lost)
        counts["doubled"] += len(steps) - len(set(steps))
        counts["attempts"] += done.attempt
        counts["completed" if completed else "other ends"] += 1
        if done.id in self.rates and done.id not in self.unsure:
            counts["orders to the end"] += 1
            trained = self.house.client.series(done.id, ["lr"], points=100_000).series[0].values[-1]
            if not math.isclose(trained or math.nan, self.rates[done.id], rel_tol=1e-5):
                outcome.forgotten.append(f"{done.id}: lr {self.rates[done.id]} ordered, {trained} trained")


def _early(run: Run) -> bool:
    return run.state is RunState.RUNNING and run.step < 0.7 * (run.total_steps or 0)


def report(soak: Soak, minutes: float, outcome: Outcome, load: float) -> str:
    """A page of Markdown."""
    lags = sorted(soak.lags)
    lag = [lags[int(share * (len(lags) - 1))] if lags else math.nan for share in (0.5, 0.95, 1.0)]
    faults = ", ".join(f"{name} × {n}" for name, n in sorted(soak.faults.items()))
    counts, troubles = outcome.counts, [*soak.troubles, *outcome.forgotten]
    return "\n".join(
        [
            f"# Soak, {datetime.now(UTC):%Y-%m-%d}",
            "",
            f"{os.cpu_count()} cores ({platform.machine()}), load average {load:.1f} before the start, "
            f"Python {platform.python_version()}; ten CPU runs at a time, ten workers.",
            f"Command: `make soak MINUTES={minutes:g}`",
            "",
            f"Faults ({soak.faults.total()}): {faults}.",
            "",
            "| | |",
            "| --- | --- |",
            f"| runs / completed / ended otherwise / not ended | {len(soak.runs)} / {counts['completed']} / "
            f"{counts['other ends']} / {counts['not ended']} |",
            f"| attempts | {counts['attempts']} |",
            f"| steps in the store | {counts['steps']:,} |",
            f"| steps lost / doubled | {counts['lost']} / {counts['doubled']} |",
            f"| workers seen with two runs at once | {len(soak.double)} |",
            f"| live changes acknowledged / last of their run / not trained with | {soak.orders} / "
            f"{counts['orders to the end']} / {len(outcome.forgotten)} |",
            "",
            "Medians of each third; at the end the process that lived longest, its MiB in thirds of its own.",
            "",
            "| program | MiB, first third | last | most | files, first third | last | most | longest life |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            *[watched.line(name) for name, watched in soak.watched.items() if watched.samples],
            "",
            f"Recorder's lag while it answered, seconds: median {lag[0]:.2f}, 95 % {lag[1]:.2f}, "
            f"most {lag[2]:.2f} (faults included).",
            "",
            *([f"- {words}" for words in troubles] or ["Nothing went wrong."]),
            "",
        ]
    )


def main() -> None:
    line = argparse.ArgumentParser(description="Ten runs under random faults.")
    line.add_argument("--minutes", type=float, default=60)
    line.add_argument("--seed", type=int, default=0)
    line.add_argument("--out", type=Path, default=RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-soak.md")
    options, load = line.parse_args(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="rhoscope-soak-") as folder:
        house = Instrument(Path(folder), workers=RUNS, RHOSCOPE_LEASE_S="10")
        house.start()
        soak = Soak(house, options.seed)
        try:
            soak.fill()
            soak.endure(options.minutes)
            text = report(soak, options.minutes, soak.settle(), load)
        finally:
            house.stop()
        text += f"Processes that outlived `rhoscope up`: {len(house.everything())}.\n"
    options.out.write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
