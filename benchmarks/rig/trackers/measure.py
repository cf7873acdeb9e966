"""One part of one tracker's measurements, in a process of its own and by its environment's interpreter.

    python -m benchmarks.rig.trackers.measure TRACKER PART --folder DIR --out FILE [--steps N] [--large N] ...

The result is one JSON object in FILE.
"""

import argparse
import importlib
import importlib.metadata
import json
import os
import random
import signal
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.rig.trackers.tracker import Tracker, Unable

NAMES = tuple(f"series.{i:02}" for i in range(16))
CURVES = 12
"""Series of the long run."""
WARM = 50
CHUNK = 2_000
PACE_S = 0.05
COMPARED = 50
"""Runs that are compared, with this many steps each; all others have the fewer."""
LONG, SHORT = 1_000, 10
REPEATS = 3
LISTED = NAMES[:1]


class Late(Exception):
    """A part took longer than its limit."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises: Late, once the block takes longer; it is for what can be interrupted in this thread."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise Late(f"stopped after {seconds:g} s")

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def stored(folder: Path) -> int:
    """Bytes on disk of all files below a folder."""
    return sum(512 * path.stat().st_blocks for path in folder.rglob("*") if path.is_file())


def limited(tracker: Tracker, wanted: int, width: int) -> int:
    """Steps, or runs, of so many values each that this tracker is given."""
    return wanted if tracker.capacity is None else min(wanted, tracker.capacity // width)


def cost(tracker: Tracker, given: argparse.Namespace) -> dict[str, Any]:
    """Time of a step's call in the training thread, and bytes that a row adds once the run has ended."""
    tracker.begin("warm")
    for step in range(WARM):
        tracker.log(step, dict.fromkeys(NAMES, float(step)))
    tracker.finish()
    before = stored(tracker.folder)
    tracker.begin("cost")
    values = {name: random.random() for name in NAMES}
    taken: list[float] = []
    until = time.monotonic() + given.limit
    for step in range(limited(tracker, given.steps, len(NAMES))):
        values[NAMES[0]] = step * 0.5
        began = time.perf_counter()
        tracker.log(step, values)
        taken.append(1e6 * (time.perf_counter() - began))
        if time.monotonic() > until:
            break
    began = time.perf_counter()
    tracker.finish()
    finished, after = time.perf_counter() - began, stored(tracker.folder)
    tracker.close()  # some write through a server of theirs
    return {
        "steps": len(taken),
        "median_us": statistics.median(taken),
        "p99_us": statistics.quantiles(taken, n=100)[98],
        "finish_s": finished,
        "row_bytes": (after - before) / len(taken),
    }


def visible(tracker: Tracker, given: argparse.Namespace) -> dict[str, Any]:
    """Seconds from the call that logs a value until the display's own request returns it.

    Steps follow one another at a steady pace meanwhile, as they do in training.
    """
    if tracker.unreadable:
        raise Unable(tracker.unreadable)
    tracker.begin("visible")
    delays: list[float] = []
    step = 0
    try:
        tracker.serve()
        with within(2 * given.limit):
            for _ in range(given.tries):
                time.sleep(0.2 + random.random())
                began = due = time.perf_counter()
                wanted = step
                while step == wanted or not tracker.seen("visible", NAMES[0], wanted):
                    if time.perf_counter() >= due:
                        tracker.log(step, dict.fromkeys(NAMES, float(step)))
                        tracker.flush()
                        step, due = step + 1, due + PACE_S
                    time.sleep(0.005)
                delays.append(time.perf_counter() - began)
    except Late:
        if not delays:
            raise
    finally:
        tracker.finish()
        tracker.close()
    return {"tries": len(delays), "median_s": statistics.median(delays), "max_s": max(delays)}


def many(tracker: Tracker, given: argparse.Namespace) -> dict[str, Any]:
    """Seconds to list all runs, and to get one series of several: the first time, and again."""
    if tracker.unreadable:
        raise Unable(tracker.unreadable)
    names = [f"run-{i:04}" for i in range(given.runs)]
    until, made = time.monotonic() + given.fill_limit, list[str]()
    compared = min(COMPARED, limited(tracker, COMPARED, LONG))
    for name in names:
        tracker.begin(name)
        tracker.fill(range(LONG if len(made) < compared else SHORT), LISTED)
        tracker.finish()
        made.append(name)
        if time.monotonic() > until or len(made) == limited(tracker, len(names), LONG):
            break
    tracker.close()
    tracker.serve()
    try:
        listing = requests(lambda: tracker.listing() >= len(made), given.limit)
        group = made[:compared]
        comparison = requests(lambda: complete(tracker, group, LISTED, LONG), given.limit)
        return {"runs": len(made), "compared": len(group), "list": listing, "compare": comparison}
    finally:
        tracker.close()


def large(tracker: Tracker, given: argparse.Namespace) -> dict[str, Any]:
    """Seconds to open a long run, in a program that was just started and again: one series, and several."""
    if tracker.unreadable:
        raise Unable(tracker.unreadable)
    tracker.begin("long")
    until, steps = time.monotonic() + given.fill_limit, 0
    began = time.perf_counter()
    most, chunk = limited(tracker, given.large, CURVES), min(CHUNK, limited(tracker, CHUNK, CURVES))
    while steps < most and time.monotonic() < until:
        end = min(steps + chunk, most)
        tracker.fill(range(steps, end), NAMES[:CURVES])
        steps = end
    tracker.finish()
    written = time.perf_counter() - began
    tracker.close()
    began = time.perf_counter()
    tracker.serve()
    started = time.perf_counter() - began
    try:
        one = requests(lambda: complete(tracker, ["long"], NAMES[:1], steps), given.limit)
        several = requests(lambda: complete(tracker, ["long"], NAMES[:CURVES], steps), given.limit)
        return {"steps": steps, "written_s": written, "starts_s": started, "one": one, "all": several}
    finally:
        tracker.close()


def complete(tracker: Tracker, runs: Sequence[str], names: Sequence[str], steps: int) -> bool:
    """Whether an answer has every curve to its last step."""
    curves = tracker.curves(runs, names)
    return len(curves) == len(runs) * len(names) and all(curve.last_step == steps - 1 for curve in curves)


def requests(answered: Callable[[], bool], limit: float) -> dict[str, Any]:
    """Seconds until the first complete answer, and the median of those that follow."""
    result: dict[str, Any] = {}
    try:
        with within(limit):
            began = time.perf_counter()
            while not answered():
                time.sleep(0.02)
            result["first_s"] = time.perf_counter() - began
            again = []
            for _ in range(REPEATS):
                began = time.perf_counter()
                answered()
                again.append(time.perf_counter() - began)
                result["again_s"] = statistics.median(again)
    except (Late, Unable) as error:
        result["unable"] = str(error)
    return result


PARTS = {"cost": cost, "visible": visible, "many": many, "large": large}


def main() -> None:
    line = argparse.ArgumentParser(description=__doc__)
    line.add_argument("tracker", help="a file beside this one")
    line.add_argument("part", choices=PARTS)
    line.add_argument("--folder", type=Path, required=True)
    line.add_argument("--out", type=Path, required=True)
    for name in ("steps", "tries", "runs", "large"):
        line.add_argument(f"--{name}", type=int, required=True)
    line.add_argument("--limit", type=float, required=True, help="seconds of each measurement")
    line.add_argument("--fill-limit", type=float, required=True, help="seconds of writing, for what is read")
    given = line.parse_args()
    random.seed(0)
    make: type[Tracker] = importlib.import_module(f"benchmarks.rig.trackers.{given.tracker}").TRACKER
    about = {
        "version": importlib.metadata.version(make.package),
        "says": make.says.format(capacity=make.capacity),
        "load": os.getloadavg()[0],
    }
    began = time.perf_counter()
    try:
        result = PARTS[given.part](make(given.folder), given)
    except (Late, Unable) as error:
        result = {"unable": str(error)}
    given.out.write_text(json.dumps({**about, **result, "took_s": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
