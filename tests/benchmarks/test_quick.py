"""Every benchmark still runs: each has a quick mode, whose report is looked at. No time is asserted."""

import os
import re
from pathlib import Path

import nursery
import pytest
import quick

from benchmarks.rig.hops import WAYS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(280)]

ROOT = Path(__file__).parents[2]
ROWS: dict[str, tuple[str, ...]] = {
    "abuse": (
        r"\| 50 unknown settings x 1,000 seeds in a check \| \d+ \|.* 1 x 422 \|",
        r"\| 200 made-up methods \| \d+ \|.* 200 x 405 \|",
        r"\| 12 exports that nobody reads \| \d+ \|.* 8 x 200, 4 x 429 \|",
        r"`/metrics` grew by [\d,]+ bytes",
    ),
    "curves": (
        r"\| 10,000 \| everything \| [\d,]+ / [\d,]+ \| [\d,]+ / [\d,]+ KiB \|",
        r"\| 1,000,000 \| zoom \| [\d,]+ / [\d,]+ \| [\d,]+ / [\d,]+ KiB \|",
        r"\| 1,000,000 \| [\d,]+ / [\d,]+ ms \| \d+ \| [\d,]+ / [\d,]+ ms \| \d+ MiB \|",
        r"\| 1,000,000 \| [\d,]+ MiB \|",
    ),
    "dashboard": (
        r"\| 100 \| \d+ / \d+ ms \| \d+ / \d+ ms \|",
        r"\| 10,000 \| \d+ / \d+ ms \| \d+ / \d+ ms \|",
        r"\| hovering \| \d+ ms \|",
        r"\| zooming on Compare \| \d+ ms \|",
        r"\| live, 4 runs at 100 steps/s \| \d+ ms \|",
    ),
    "fuzzing": (
        r"\| requests over 1 seeds, of them hostile \| \d+ / \d+ \|",
        r"\| server errors \| 0 \|",
        r"\| answers that are not documented \| 0 \|",
    ),
    "gpu": (
        *(rf"\| {way} \| none \|" for way in ("plain", "joint", "ogm", "ogm-ge", "umt")),
        r"\| official OGM-GE \| waits: ",
        *(rf"\| {mode} \| ogm-ge \| .* ms \| \d+\.\d+ \|" for mode in ("float32", "bfloat16", "compiled")),
        r"\| official OGM-GE \| \d+\.\d+ s \| 1\.000 \|",
        *(rf"\| ogm-ge, {kind} \| yes, " for kind in ("float32", "bfloat16")),
    ),
    "guests": (
        r"\| `run.log`, median / p99 \| \d+\.\d / \d+\.\d µs \|",
        *(rf"\| {strategy} / plain \| \d+\.\d+ \|" for strategy in ("watch", "ogm", "ogm-ge")),
    ),
    "ingest": (
        r"\| rows in the store \| 2,400 of 2,400 \| 360 of 360 \|",
        r"\| values lost / doubled / wrong \| 0 / 0 / 0 \| 0 / 0 / 0 \|",
        r"\| pages' gaps / doubled rows / lost connections \| 0 / 0 / 0 \| 0 / 0 / 0 \|",
        r"\| recorder / encoding a row once \| \d+\.\d \| \d+\.\d \|",
    ),
    "latency": (
        r"\| lost / doubled steps \| 0 / 0 \|",
        r"\| p50 / p95 / max \| \d+ / \d+ / \d+ ms \|",
        *(rf"\| {way} \| -?\d+ / -?\d+ ms \| \d+ / \d+ ms \|" for way in WAYS.values()),
    ),
    "loading": (r"\| cremad, 1 picture\(s\) \| [1-9]\d* \|", r"\| vggsound, 3 picture\(s\) \| [1-9]\d* \|"),
    "remedy": (
        r"compared at steps \d+.*; best: \S+",
        r"\| the race, to the ranking \| \d+ s \| \d+ s \|",
        r"\| going on with the winner, to its end \| \d+ s \| \d+ s \|",
    ),
    "overhead": (
        *(rf"\| {way} \| \d+\.\d+ \|" for way in ("official OGM-GE", "joint", "ogm-ge", "ogm-ge, telemetry")),
        r"\| norms of gradients before \| \d+\.\d+ \|",
    ),
    "queue": (
        r"\| 200 queued runs, share of a core \| \d+\.\d %",
        r"\| memory of the back end \| \d+ MiB \|",
    ),
    "runs": (
        r"\| table, newest first \| \d+ ms \| \d+ ms \| \d+ ms \| \d+\.\d \| [\d,]+ \|",
        r"\| sorted by a setting \| ",
        r"\| Compare of 14 \| ",
        r"\| table, opened \| \d+ ms \| ",
        r"\| table, filtered: none left \| ",
        r"\| Compare, opened \| ",
        r"\| Watch, opened \| ",
    ),
    "serving": (
        r"\| bare server \| ",
        r"\| API, all runs \| ",
        r"\| dashboard, one run of the API \| ",
        r"\| `/healthz`, requests / answers while locked \| \d+ / \d+ \|",
        r"\| writes stored / refused in the end \| \d+ / \d+ \|",
    ),
    "trackers": (
        r"\| rhoscope, a file \| 100 \| ",
        r"\| rhoscope, a file \| no: its file is read by a server only",
        r"\| rhoscope, its server \| 1 \| ",
        r"\| TensorBoard \| 2,000 \| ",
        r"\| (rhoscope, its server|TensorBoard) \| 3 \| .* \| 3 \| ",
    ),
}
"""What must be in each report."""
LAYOUTS = 2.5
"""Of a live page, per drawing: one before the cards are drawn, one after, and what other news ask for."""

BYTES_LISTED, BYTES_SHOWN = 16, 4000
"""Of each run in the answer that orders a table, and in that of the rows on the screen."""
WATCHING, COMPARING = 12, 12
"""Requests of the API until a page of many runs stands, the frame's own included."""


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    nursery.learn(*quick.modules())


def run(name: str) -> str:
    """A benchmark's quick report."""
    done = nursery.run(quick.command(name), 280, cwd=ROOT, env=os.environ | quick.PATH, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def flat(page: str) -> None:
    """Of a hundred times the steps no more is read for the first paint; a zoom has a limit of its own."""
    row = r"\| ([\d,]+) \| (everything|zoom) \| .* / .* \| .* / ([\d,]+) KiB \| [\d,]+ KiB \|"
    read = {(steps, request): int(n.replace(",", "")) for steps, request, n in re.findall(row, page)}
    assert 0 < read["1,000,000", "everything"] <= read["10,000", "everything"]
    assert read["1,000,000", "zoom"] <= 20_000
    addresses = dict(re.findall(r"\| ([\d,]+) \| .* / .* ms \| (\d+) \|", page))
    assert addresses["1,000,000"] == addresses["10,000"]


def cheap(page: str) -> None:
    """Operators of a step, and the memory it takes."""
    operators = {way: int(n) for way, n in re.findall(r"\| ([\w -]+) \| .*\| (\d+) \|", page)}
    assert operators["ogm-ge"] <= 440  # each is a kernel launch on a GPU
    assert operators["ogm-ge"] - operators["plain"] <= 76
    assert operators["official OGM-GE"] > 3 * operators["ogm-ge"]
    memory = {way: float(n) for way, n in re.findall(r"\| ([\w -]+) \| .*\| (\d\.\d+) \| \d+ \|", page)}
    assert memory["ogm"] <= 1.05
    assert memory["ogm-ge"] <= 1.05


def compact(page: str) -> None:
    """Blocks of ten rows, with a header each, and the runs' events."""
    (size,) = re.findall(r"bytes of a row in the store \(raw 68\) \| (\d+) \|", page)
    assert int(size) <= 110


def smaller(page: str) -> None:
    """Bytes a row of 16 values."""
    row = r"\| (rhoscope, its server|rhoscope, a file|TensorBoard) \| 100 \| .* \| ([\d,]+) \|"
    sizes = {tracker: int(n.replace(",", "")) for tracker, n in re.findall(row, page)}
    assert sizes["rhoscope, a file"] < sizes["TensorBoard"] / 3


def few(page: str) -> None:
    """Bytes of a list, and requests of ten runs or of a hundred: not three for each."""
    listed = re.findall(r"\| ([\w, ]+) \| .* \| ([\d,]+) \|", page)
    sizes = {what: int(n.replace(",", "")) for what, n in listed}
    assert sizes["table, newest first"] <= 300 * BYTES_LISTED + 500
    assert sizes["rows of one screen"] <= 30 * BYTES_SHOWN
    opened = re.findall(r"\| (\w+, [\w: ]+) \| .* \| (\d+) \| [\d,]+ \| \d+ MiB", page)
    requests = {what: int(n) for what, n in opened}
    assert requests["Watch, opened"] <= WATCHING
    assert requests["Compare, opened"] <= COMPARING


LOOKS = {"curves": flat, "overhead": cheap, "ingest": compact, "trackers": smaller, "runs": few}
"""What else holds of a benchmark's page."""


def test_every_benchmark_is_tried() -> None:
    assert sorted(ROWS) == quick.benchmarks()


@pytest.mark.parametrize("name", ROWS)
def test_its_quick_mode_reports_everything_and_leaves_no_result(name: str) -> None:
    before = sorted((ROOT / "benchmarks" / "results").iterdir())
    page = run(name)
    for row in ROWS[name]:
        assert re.search(row, page), f"no {row!r} in:\n{page}"
    assert "nan" not in page.lower()
    assert f"Command: `python -m benchmarks.{name} --quick`" in page
    assert sorted((ROOT / "benchmarks" / "results").iterdir()) == before
    if name in LOOKS:
        LOOKS[name](page)
    if layouts := re.search(r"layouts, style passes per drawing \| (\d+\.\d+), (\d+\.\d+) \|", page):
        assert float(layouts[1]) <= LAYOUTS
    if locked := re.search(r"requests / answers while locked \| (\d+) / (\d+) \|", page):
        request, answered = map(int, locked.groups())
        assert answered >= 3
        assert request - answered <= 2
