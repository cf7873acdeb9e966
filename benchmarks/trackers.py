"""rhoscope beside other trackers of experiments, each doing the same work: `make bench-trackers`.

    python -m benchmarks.trackers [--steps 20000] [--large 1000000] [--limit 5] [--fill-limit 20] [--quick]

Each is one file in `benchmarks/rig/trackers`, measured by a process of its own for each part, one after the
other: the training thread's time for a step of 16 values and what a row takes on disk, the time until a value
can be read, a list of many runs and one curve of 50, and a long run that is opened. What takes longer than
`--limit` is stopped, and the page says where; nothing is extrapolated. What was measured is kept in
`build/trackers-measured` until the page is written: a benchmark that was interrupted goes on from there.
`--quick`: rhoscope and TensorBoard only, few steps.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.trackers import tracker
from benchmarks.rig.trackers.measure import CURVES, NAMES, PACE_S, PARTS

ROOT = Path(__file__).parents[1]
OWN = {"rhoscope_offline": "rhoscope, a file", "rhoscope_server": "rhoscope, its server"}
OTHERS = {
    "tensorboard": "TensorBoard",
    "wandb": "W&B, offline",
    "aim": "Aim",
    "trackio": "trackio",
    "swanlab_offline": "SwanLab, offline",
    "swanlab": "SwanLab, local",
    "mlflow": "MLflow",
}
QUICK: dict[str, float] = {"steps": 100, "tries": 1, "runs": 3, "large": 2_000}
SIZES = ("steps", "tries", "runs", "large", "limit", "fill_limit")
QUIET = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "OMP_NUM_THREADS": "1",
    "WANDB_ERROR_REPORTING": "false",
    "WANDB_MODE": "offline",
}
"""Nobody is called while we measure; MLflow starts no programs for jobs, which outlive its server."""
Result = dict[str, Any]
Write = Callable[[Mapping[str, Any]], str]


def measured(name: str, part: str, kept: Path, given: argparse.Namespace) -> Result:
    """A part's result, from an earlier call that was interrupted where there is one."""
    out = kept / f"{name}-{part}.json"
    if not out.exists():
        sys.stderr.write(f"{name}: {part} ...\n")
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="tracker-", ignore_cleanup_errors=True) as folder:
            said = _run(name, part, Path(folder), given)
            result = Path(folder, "result.json")
            if not result.exists():
                return {"unable": said}
            shutil.move(result, out)
    loaded: Result = json.loads(out.read_text())
    return loaded


def _run(name: str, part: str, folder: Path, given: argparse.Namespace) -> str:
    """Measure in a process of its own; the reason where there is no result."""
    python = sys.executable if name in OWN or given.quick else str(given.environment / "bin" / "python")
    sizes = [f"--{size.replace('_', '-')}={vars(given)[size]}" for size in SIZES]
    command = [python, "-m", "benchmarks.rig.trackers.measure", name, part, *sizes]
    command += ["--folder", str(folder / "files"), "--out", str(folder / "result.json")]
    log = folder / "log"  # nothing is below a repository, whose changes would be a part of a run's facts
    there = os.environ | QUIET | {"PYTHONPATH": str(ROOT)}
    patience = given.fill_limit + 5 * given.limit + 30
    try:
        with (
            log.open("wb") as out,
            tracker.start(
                command, cwd=folder, env=there, stdout=out, stderr=out, start_new_session=True
            ) as process,
        ):
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                everybody = psutil.Process(process.pid).children(recursive=True)  # servers, too
                for one in [*everybody, process]:
                    one.kill()
                return f"stopped after {patience:g} s"
    except OSError:
        return f"not installed: there is no {given.environment}/bin/python, which `make bench-trackers` makes"
    lines = log.read_text(errors="replace").strip().splitlines()
    return f"it failed: {lines[-1][:160]}" if lines else f"it ended with code {process.returncode}"


def us(value: float) -> str:
    """Microseconds, with a digit where they are few."""
    return f"{value:,.1f} µs" if value < 100 else f"{value:,.0f} µs"


def seconds(value: float) -> str:
    """Milliseconds where they are less than a second."""
    return f"{1e3 * value:,.0f} ms" if value < 1 else f"{value:,.1f} s"


def first_and_again(result: Mapping[str, Any]) -> str:
    """The first answer and later ones; the reason where there is none."""
    if "first_s" not in result:
        return str(result["unable"])
    again = seconds(result["again_s"]) if "again_s" in result else str(result["unable"])
    return f"{seconds(result['first_s'])} / {again}"


COLUMNS: dict[str, dict[str, Write]] = {
    "cost": {
        "steps": lambda r: f"{r['steps']:,}",
        "training thread a step, median": lambda r: us(r["median_us"]),
        "p99": lambda r: us(r["p99_us"]),
        "end of the run": lambda r: seconds(r["finish_s"]),
        "bytes a row": lambda r: f"{r['row_bytes']:,.0f}",
    },
    "visible": {
        "tries": lambda r: str(r["tries"]),
        "median": lambda r: seconds(r["median_s"]),
        "longest": lambda r: seconds(r["max_s"]),
    },
    "large": {
        "steps": lambda r: f"{r['steps']:,}",
        "written in": lambda r: seconds(r["written_s"]),
        "its program starts": lambda r: seconds(r["starts_s"]),
        "one series, first / again": lambda r: first_and_again(r["one"]),
        f"{CURVES} series, first / again": lambda r: first_and_again(r["all"]),
    },
    "many": {
        "runs": lambda r: f"{r['runs']:,}",
        "list, first / again": lambda r: first_and_again(r["list"]),
        "compared": lambda r: str(r["compared"]),
        "one series of these, first / again": lambda r: first_and_again(r["compare"]),
    },
}


def titles(given: argparse.Namespace) -> dict[str, tuple[str, str]]:
    """Headings and introductions of the parts."""
    return {
        "cost": (
            "Logging",
            f"`log` of {len(NAMES)} values, step after step with nothing between, at most {given.steps:,} "
            f"steps and {given.limit:g} s; then the run's end, and what a step has added to the disk.",
        ),
        "visible": (
            "Until a value is visible",
            "From the call that logs it until the request with which the tracker's own page or display "
            f"reads values returns it, while {1 / PACE_S:g} steps a second are logged; up to {given.tries:g} "
            "values.",
        ),
        "large": (
            "Opening a long run",
            f"{CURVES} series of {given.large:,} steps, or of as many as are written in "
            f"{given.fill_limit:g} s; read by programs started anew. The first answer that has the last "
            "step, and the median of three more.",
        ),
        "many": (
            "Many runs",
            f"{given.runs:,} runs, or as many as are written in {given.fill_limit:g} s: 50 with 1,000 "
            "steps, all others with 10. Read by programs started anew.",
        ),
    }


def table(part: str, results: Mapping[str, Result]) -> list[str]:
    """One part's table: a row a tracker, or the reason why there is none."""
    columns = COLUMNS[part]
    lines = ["| tracker | " + " | ".join(columns) + " | load |", "| --- |" + " --- |" * (len(columns) + 1)]
    for name, result in results.items():
        load = f"{result['load']:.1f}" if "load" in result else ""
        cells = [write(result) for write in columns.values()] if _done(result) else _reason(result, columns)
        lines.append(f"| {(OWN | OTHERS)[name]} | " + " | ".join([*cells, load]) + " |")
    return lines


def _done(result: Result) -> bool:
    return "unable" not in result


def _reason(result: Result, columns: Mapping[str, Write]) -> list[str]:
    return [f"no: {result['unable']}".replace("|", "/"), *[""] * (len(columns) - 1)]


def report(each: Mapping[str, Mapping[str, Result]], given: argparse.Namespace) -> list[str]:
    """A page of Markdown. `each`: parts, and in each the trackers."""
    about = {name: next((p[name] for p in each.values() if "says" in p[name]), {}) for name in each["cost"]}
    lines = [
        *heading("Trackers", "trackers", given),
        "One tracker after the other on the same machine, which did other work meanwhile: `load` is its load "
        "average as each part began. Pages thin curves in different ways; see the list of trackers.",
        "",
    ]
    for part, (title, introduction) in titles(given).items():
        lines += [f"## {title}", "", introduction, "", *table(part, each[part]), ""]
    lines += ["## How each was used", "", "| tracker | version | use |", "| --- | --- | --- |"]
    for name, said in about.items():
        use = said.get("says", each["cost"][name].get("unable", ""))
        lines.append(f"| {(OWN | OTHERS)[name]} | {said.get('version', 'none')} | {use} |")
    return [*lines, ""]


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--steps", type=int, default=20_000, help="that are logged")
    line.add_argument("--tries", type=int, default=8, help="values that are waited for")
    line.add_argument("--runs", type=int, default=1_000, help="that are listed")
    line.add_argument("--large", type=int, default=1_000_000, help="steps of the long run")
    line.add_argument("--limit", type=float, default=5.0, help="seconds of each measurement")
    line.add_argument("--fill-limit", type=float, default=20.0, help="seconds of writing, for what is read")
    line.add_argument("--environment", type=Path, default=Path("build", "trackers"), help="of the others")
    given = options(line, "trackers", QUICK)
    names = [*OWN, "tensorboard"] if given.quick else [*OWN, *OTHERS]
    given.environment = ROOT / given.environment
    key = hashlib.sha256(repr([vars(given)[size] for size in SIZES]).encode()).hexdigest()[:8]
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) if given.quick else ROOT / "build" / "trackers-measured" / key
        each = {part: {name: measured(name, part, kept, given) for name in names} for part in PARTS}
        publish(report(each, given), "trackers", given)
        shutil.rmtree(kept)
        kept.mkdir()


if __name__ == "__main__":
    main()
