"""Ten runs at a time under random faults for an hour: what it costs, and whether a step is lost or doubled.

    make soak [MINUTES=60]

Every half minute or so a program is killed or frozen; a run that ends is followed by another. At the end the
faults stop, all runs end, and every step of every run is looked for in the store. The report goes to
benchmarks/results.
"""

import argparse
import os
import platform
import random
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
from faults import schedule
from instrument import Instrument, wait_for

from rhoscope.errors import RhoscopeError
from rhoscope.states import FINAL, RunState

RUNS = 10
EVERY_S = (20.0, 40.0)
SAMPLE_S = 5.0
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
PROGRAMS = {"API": "-m backend", "dashboard": "-m dashboard", "Redis": "valkey-server"}


@dataclass
class Watched:
    """What was seen of one program: (minute, MiB, file descriptors)."""

    samples: list[tuple[float, float, int]] = field(default_factory=list)

    def line(self, name: str) -> str:
        third = max(1, len(self.samples) // 3)
        first, last = self.samples[:third], self.samples[-third:]
        memory = [max(s[1] for s in part) for part in (first, last, self.samples)]
        files = [max(s[2] for s in part) for part in (first, last, self.samples)]
        return (
            f"| {name} | {memory[0]:.0f} | {memory[1]:.0f} | {memory[2]:.0f} | {files[0]} | {files[1]} | "
            f"{files[2]} |"
        )


class Soak:
    """The instrument, its runs, and what is noted of them."""

    def __init__(self, house: Instrument, seed: int) -> None:
        self.house = house
        self.drawn = random.Random(seed)
        self.began = time.monotonic()
        self.runs: list[str] = []
        self.watched = {name: Watched() for name in PROGRAMS}
        self.lags: list[float] = []
        self.faults: dict[str, int] = {}
        self.double: set[str] = set()

    def fill(self) -> None:
        """Launch runs until ten are alive."""
        alive = sum(run.state not in FINAL for run in self.house.client.runs(limit=1000).runs)
        for _ in range(RUNS - alive):
            seed = len(self.runs)
            strategy = self.drawn.choice(["joint", "ogm", "ogm-ge"])
            spec = {"strategy": strategy, "seed": seed, "epochs": 40, "step_delay_ms": 150}
            self.runs.append(self.house.client.launch({**spec, "max_attempts": 100}).id)

    def sample(self) -> None:
        """Memory and descriptors of each program, how far recording lags, and who trains two runs at once."""
        minute = (time.monotonic() - self.began) / 60
        for name, mark in PROGRAMS.items():
            for process in self.house.programs(mark)[:1]:
                try:
                    memory, files = process.memory_info().rss / 2**20, process.num_fds()
                except psutil.Error:
                    continue
                self.watched[name].samples.append((minute, memory, files))
        self.double |= {worker for worker, runs in self.house.trained().items() if len(runs) > 1}
        try:
            text = httpx.get(f"{self.house.api_url}/metrics", timeout=2).text
        except httpx.HTTPError:
            return
        found = [line for line in text.splitlines() if line.startswith("rhoscope_recorder_lag_seconds")]
        self.lags += [float(line.split()[-1]) for line in found]

    def disturb(self, seed: int) -> None:
        """One fault, and then the API must answer again."""
        ((name, fault),) = schedule(seed, 1)
        self.faults[name] = self.faults.get(name, 0) + 1
        fault(self.house)
        wait_for(self.house.reachable, 90, f"the API after: {name}")

    def endure(self, minutes: float) -> None:
        """Faults and samples for so long."""
        next_fault = time.monotonic() + EVERY_S[0]
        number = 0
        while time.monotonic() - self.began < 60 * minutes:
            self.sample()
            if time.monotonic() >= next_fault:
                self.disturb(number := number + 1)
                next_fault = time.monotonic() + self.drawn.uniform(*EVERY_S)
            with suppress(RhoscopeError):
                self.fill()
            time.sleep(SAMPLE_S)

    def settle(self) -> dict[str, int]:
        """Let all runs end; lost and doubled steps over all of them, and how they ended."""
        found = {"steps": 0, "lost": 0, "doubled": 0, "completed": 0, "other ends": 0, "attempts": 0}
        for run in self.runs:
            done = self.house.until(run, timeout_s=1800)
            steps = self.house.steps(run)
            found["steps"] += len(steps)
            found["lost"] += done.step - len(set(steps))
            found["doubled"] += len(steps) - len(set(steps))
            found["attempts"] += done.attempt
            found["completed" if done.state is RunState.COMPLETED else "other ends"] += 1
        return found


def report(soak: Soak, minutes: float, found: dict[str, int]) -> str:
    lags = sorted(soak.lags)
    at = lambda share: lags[int(share * (len(lags) - 1))] if lags else float("nan")  # noqa: E731
    faults = ", ".join(f"{name} × {n}" for name, n in sorted(soak.faults.items()))
    return "\n".join(
        [
            f"# Soak, {datetime.now(UTC):%Y-%m-%d}",
            "",
            f"`make soak MINUTES={minutes:g}` on {os.cpu_count()} cores ({platform.machine()}), "
            f"Python {platform.python_version()}; ten CPU runs at a time, ten workers.",
            "",
            f"Faults ({sum(soak.faults.values())}): {faults}.",
            "",
            f"{len(soak.runs)} runs, {found['completed']} completed, {found['other ends']} ended otherwise, "
            f"{found['attempts']} attempts. {found['steps']} steps in the store; "
            f"**lost {found['lost']}, doubled {found['doubled']}**, "
            f"workers seen with two runs at once: {len(soak.double)}.",
            "",
            "| program | MiB, first third | last third | most | files, first third | last third | most |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *[watched.line(name) for name, watched in soak.watched.items() if watched.samples],
            "",
            f"Recorder's lag while it answered, seconds: median {at(0.5):.2f}, 95 % {at(0.95):.2f}, "
            f"most {at(1.0):.2f} (faults included).",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Ten runs under random faults.")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rhoscope-soak-") as folder:
        house = Instrument(Path(folder), workers=RUNS, RHOSCOPE_LEASE_S="10")
        house.start()
        soak = Soak(house, options.seed)
        soak.fill()
        try:
            soak.endure(options.minutes)
            text = report(soak, options.minutes, soak.settle())
        finally:
            house.stop()
        text += f"Processes that outlived `rhoscope up`: {len(house.everything())}.\n"
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-soak.md"
    path.write_text(text)
    print(text)  # noqa: T201


if __name__ == "__main__":
    main()
