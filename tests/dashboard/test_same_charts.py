"""Charts outside the page are the page's: the same colors, the same lines in the same order."""

import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from rhoscope import charts, palette
from rhoscope.catalog import Catalog
from rhoscope.runs import Run
from rhoscope.spec import RunSpec
from rhoscope.states import RunState

ROOT = Path(__file__).parents[2]
DENO = Path(sys.executable).parent / "deno"
STYLE = ROOT / "dashboard" / "page" / "style" / "palette.css"
LINES = ROOT / "tests" / "page" / "charts" / "lines_of.js"

RHYTHM = {"norms_every": 4, "effects_every": 10, "log_every": 1}


def declared(catalog: Catalog, name: str, strategy: str) -> Run:
    """A run with all that its plug-ins declare."""
    spec = RunSpec(strategy=strategy)
    series = [
        one
        for p in catalog.chosen(spec)
        for declared in p.series
        for one in declared.expand(("audio", "visual"))
    ]
    return Run(
        id=name, name=name, spec=spec, settings=RHYTHM, state=RunState.COMPLETED, attempt=1, created=0,
        modalities=["audio", "visual"], series=series,
    )  # fmt: skip


def test_the_colors_are_those_of_the_pages_style() -> None:
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#\w+);", part))
        for part in STYLE.read_text().split(":root[data-mantine-color-scheme")[:2]
    )
    assert {name: light[name] for name in palette.LIGHT} == palette.LIGHT
    assert {name: dark[name] for name in palette.DARK} == palette.DARK
    assert f"run-{palette.RUNS}" not in light
    assert f"modality-{palette.MODALITIES}" not in light


@pytest.mark.parametrize("focus", ["", "audio"])
@pytest.mark.parametrize("strategies", [["ogm-ge"], ["ogm-ge", "joint", "pmr"]], ids=["one", "several"])
def test_the_lines_are_those_of_the_page(catalog: Catalog, strategies: list[str], focus: str) -> None:
    runs = [declared(catalog, f"r{i}", strategy) for i, strategy in enumerate(strategies)]
    given = json.dumps([[run.model_dump(mode="json") for run in runs], focus])
    command = [DENO, "run", "--no-check", LINES]
    answer = subprocess.run(command, input=given, capture_output=True, text=True, check=True, cwd=ROOT)
    drawn = json.loads(answer.stdout)
    ours: list[dict[str, Any]] = [
        {
            "name": chart.name,
            "late": chart.late,
            "lines": [asdict(line) | {"dash": list(line.dash)} for line in charts.lines(chart, runs, focus)],
        }
        for chart in charts.charts(runs)
    ]
    assert ours == drawn
    assert sum(len(chart["lines"]) for chart in drawn) > 10
    norms = next(chart["lines"] for chart in ours if chart["name"] == "grad_norm")
    assert {line["every"] for line in norms if "_modulated" in line["name"] and line["run"] == "r0"} == {20}
