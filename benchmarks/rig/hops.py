"""What a step's way to the screen is made of: when it was at each place, how long from one to the next."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.rig import programs
from benchmarks.rig.listening import API, STREAM
from benchmarks.rig.programs import ROOT, Programs

PAGE, BINS, CANVAS, SCREEN = "page", "bins", "canvas", "screen"
WAYS = {
    STREAM: "ring, publisher and Redis",
    API: "recorder and fan-out",
    PAGE: "proxy and socket",
    BINS: "parsing and binning",
    CANVAS: "waiting for a frame, and drawing",
    SCREEN: "the browser's own frame",
}
"""What brings a step to each place, in order."""

ARRIVALS = """
window.arrived = [];
const Plain = WebSocket;
const now = () => performance.timeOrigin + performance.now();
window.WebSocket = class extends Plain {
  set onmessage(take) {
    super.onmessage = (event) => {
      const began = now();
      take(event);
      if (event.data instanceof ArrayBuffer) window.arrived.push([event.data, began, now()]);
    };
  }
};
"""
"""Before the page's own program: keeps each binary message, when it came and when it was taken."""

PARSED = """() => window.arrived.map(([data, began, taken]) => {
  const length = new DataView(data).getUint32(4, true);
  const { run, n } = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 8, length)));
  return [run, new Int32Array(data, 8 + length, n)[n - 1], began / 1000, taken / 1000];
})"""
"""What of it counts: run, last step, and both times in Unix seconds."""

Passages = Mapping[str, Sequence[tuple[int, float]]]


@dataclass
class Places:
    """By place and run: up to which step, at which Unix second."""

    seen: dict[str, dict[str, list[tuple[int, float]]]] = field(default_factory=dict)

    def page(self, arrived: Sequence[tuple[str, int, float, float]]) -> None:
        """Add what the page kept of its messages."""
        for run, step, began, taken in arrived:
            self.seen.setdefault(PAGE, {}).setdefault(run, []).append((step, began))
            self.seen.setdefault(BINS, {}).setdefault(run, []).append((step, taken))

    def frames(self, drawn: Sequence[tuple[float, float, Mapping[str, int]]]) -> None:
        """Add what the page said of its frames: drawn, on the screen, and up to which step of each run."""
        for on_screen, on_canvas, steps in drawn:
            for run, step in steps.items():
                self.seen.setdefault(CANVAS, {}).setdefault(run, []).append((step, on_canvas))
                self.seen.setdefault(SCREEN, {}).setdefault(run, []).append((step, on_screen))


@contextmanager
def listening(here: Programs, runs: list[str], places: Places) -> Iterator[None]:
    """Note while the block lasts what comes by in Redis and out of the API."""
    command = [sys.executable, "-m", "benchmarks.rig.listening", "--redis", here.environment.broker_url]
    command += ["--api", here.api, *runs]
    pipe = subprocess.PIPE
    with programs.start(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        try:
            yield
            said, _ = process.communicate("")
            places.seen |= json.loads(said)
        finally:
            process.kill()


def reached(passages: Sequence[tuple[int, float]], steps: int) -> NDArray[np.float64]:
    """When each of `steps` steps, from 0, first was at a place; Unix seconds, NaN where it never was."""
    times = np.array([time for _, time in passages] + [np.nan])
    most = np.maximum.accumulate([step for step, _ in passages] or [-1])
    return times[np.searchsorted(most, np.arange(steps))]


def budget(
    taken: Mapping[str, Sequence[float]], places: Places, warm_up: float
) -> list[tuple[str, float, float, float, float]]:
    """A row per hop: its name, p50 and p95 of it and of the way up to its end; milliseconds.

    Steps of the first `warm_up` seconds, and those that are missing at a place, are left out.
    """
    stations: dict[str, list[NDArray[np.float64]]] = {place: [] for place in ("taken", *WAYS)}
    for run, at in taken.items():
        times = {place: reached(places.seen.get(place, {}).get(run, []), len(at)) for place in WAYS}
        times["taken"] = np.array(at)
        counted = np.array(at) > at[0] + warm_up
        counted &= np.all([np.isfinite(each) for each in times.values()], axis=0)
        for place, each in times.items():
            stations[place].append(each[counted])
    joined = {place: np.concatenate(each) for place, each in stations.items()}
    rows, before = [], "taken"
    for place, way in WAYS.items():
        hop, whole = joined[place] - joined[before], joined[place] - joined["taken"]
        rows.append((way, *_spread(hop), *_spread(whole)))
        before = place
    return rows


def _spread(seconds: NDArray[np.float64]) -> tuple[float, float]:
    p50, p95 = 1000 * np.percentile(seconds, [50, 95])
    return float(p50), float(p95)
