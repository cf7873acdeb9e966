"""Each example of a network of one's own runs, and its file holds what it says."""

import runpy
import sys
from pathlib import Path

import pytest
import together
from guest_files import GuestFile

from rhoscope.records import MAGIC, Block
from rhoscope.samples import Samples
from rhoscope.tracker.composition import Composition
from rhoscope.tracker.journal import frames

EXAMPLES = Path(__file__).parents[2] / "examples" / "guests"
PROGRAMS = {
    "late_fusion": {"rho.audio", "k.visual", "noise.audio", "loss"},
    "regression": {"rho.audio", "score.visual", "loss"},
    "cross_attention": {"rho.audio", "score.visual", "effective_step.audio", "loss"},
    "contrastive": {"recall.image", "uniformity.text", "modality_gap", "learning_speed.image", "loss"},
    "vision_language": {"token_gain.tower", "grad_norm.adapters", "effective_step.projector", "loss"},
    "missing_channels": {"rho.gyroscope", "k.accelerometer", "present.gyroscope", "loss"},
    "mixed_precision": {"rho.audio", "k.audio", "effective_step.visual", "loss"},
    "compiled": {"rho.audio", "k.visual", "loss"},
    "multi_label": {"rho.audio", "k.audio", "present.audio", "loss"},
}


def recorded(folder: Path) -> tuple[set[str], int]:
    """All series of the only run, and its number of steps."""
    (path,) = folder.glob("*/attempt-1.rj")
    composition = Composition(path.parent.name, 1)
    records = [r for frame in frames(path) for r in composition.feed(frame)] + list(composition.cut())
    blocks = [Block.decode(record) for record in records if record.startswith(MAGIC)]
    return {name for block in blocks for name in block.header.names}, int(blocks[-1].steps[-1]) + 1


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_example_reports_its_balance(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RHOSCOPE_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [program])
    monkeypatch.syspath_prepend(str(EXAMPLES))
    runpy.run_path(str(EXAMPLES / f"{program}.py"), run_name="__main__")
    names, steps = recorded(tmp_path)
    assert PROGRAMS[program] <= names
    assert steps >= 45
    if program == "late_fusion":
        shown = GuestFile(tmp_path)
        (*_, last) = [Samples.model_validate(event.data) for event in shown.of("samples")]
        assert [event.step for event in shown.of("samples")] == [40, 81, 122]
        assert {last.labels.count(str(digit)) for digit in range(10)} == {20}
        assert {event.data["name"] for event in shown.of("example")} == set(last.names)


def test_two_processes_stay_the_same_to_the_bit_and_keep_what_is_split_between_them(tmp_path: Path) -> None:
    together.run("ranks", 2, RHOSCOPE_DIR=str(tmp_path))
    assert recorded(tmp_path)[1] == 50
