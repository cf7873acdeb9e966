"""The example of a program that is launched: its file is read, it reports, and it goes on where it was."""

import os
import runpy
import sys
from pathlib import Path

import pytest

from rhoscope.commands import Resumption
from rhoscope.projects import command
from rhoscope.projects.file import read
from rhoscope.records import MAGIC, Block, Event
from rhoscope.tracker import start
from rhoscope.tracker.launched import Launched
from trainer.programs.environment import environment
from trainer.programs.reports import Reports

FOLDER = Path(__file__).parents[2] / "examples" / "program"


def test_it_reports_as_the_launched_run_and_goes_on_with_another_alpha(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = read(FOLDER, f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    kept = tmp_path / "checkpoints"
    monkeypatch.setattr(start, "_present", [])

    def launched(attempt: int, resumption: Resumption, **settings: object) -> list[Block | Event]:
        chosen = command.values(project.settings, settings)
        one = Launched("0f3a2b", attempt, tmp_path / "0f3a2b")
        for name, value in environment({}, project, chosen, one, resumption).items():
            if name.startswith("RHOSCOPE_"):
                monkeypatch.setenv(name, value)
        monkeypatch.setenv("RHOSCOPE_CHECKPOINTS", str(kept))
        monkeypatch.setattr(sys, "argv", ["train.py", *command.arguments(project.settings, chosen)])
        runpy.run_path(str(FOLDER / "train.py"), run_name="__main__")
        for run in start._present:
            run.finish()
        records = [data for _, data in Reports(one, "w1").read(whole=True)]
        return [Block.decode(r) if r[:4] == MAGIC else Event.decode(r) for r in records]

    first = launched(1, Resumption(), epochs="1")
    steps = sum(one.header.n for one in first if isinstance(one, Block))
    (saved,) = [one for one in first if isinstance(one, Event) and one.kind == "checkpoint"]
    assert {"rho.audio", "k.visual", "loss"} <= {
        name for one in first if isinstance(one, Block) for name in one.header.names
    }
    assert (saved.step, Path(saved.data["path"]).parent) == (steps, kept)
    again = launched(2, Resumption(path=saved.data["path"], step=steps), epochs=2, alpha=0.3)
    blocks = [one for one in again if isinstance(one, Block)]
    assert blocks[0].steps[0] == steps
    assert blocks[-1].steps[-1] == 2 * steps - 1
    begun = [one.data for one in again if isinstance(one, Event) and one.kind == "started"]
    assert begun[-1]["settings"]["alpha"] == 0.3
