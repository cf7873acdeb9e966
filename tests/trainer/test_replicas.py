"""Several processes train one run: their copies stay equal to the bit, and the run is that of one process."""

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nursery
import pytest
import replica
import torch

from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec
from trainer.attempt.assembly import build
from trainer.replicas import command

DRIVING = Path(__file__).parents[1] / "driving"
SYNTHETIC: dict[str, Any] = {
    "dataset": "synthetic",
    "train_size": 416,
    "batch_size": 32,
    "epochs": 4,
    "device": "cpu",
    "alpha": 1.5,
    "previews": False,
}
"""Thirteen steps an epoch, 52 in all; no BatchNorm. One training of all shows examples."""
MISSING: dict[str, Any] = {
    "dataset": "digit-views",
    "missing": 0.9,
    "batch_size": 16,
    "epochs": 1,
    "hidden": 8,
    "device": "cpu",
    "previews": False,
    "alpha": 1.5,
}
"""One example in five has a view: every fifth share of a batch has none of it, and so have some batches."""
VIEWS: dict[str, Any] = {
    "dataset": "digit-views",
    "missing": 0.0,
    "only": "pixels,fourier,morphology",
    "batch_size": 48,
    "epochs": 1,
    "hidden": 8,
    "device": "cpu",
    "previews": False,
}
"""Three modalities, of which AGM sees six smaller choices; 25 steps, no BatchNorm."""
ONCE: dict[str, Any] = {"epochs": 1, "device": "cpu", "previews": False}
WATCH: dict[str, Any] = {**ONCE, "dataset": "smartwatch", "batch_size": 192}
DIGITS: dict[str, Any] = {**ONCE, "batch_size": 64, "alpha": 1.5}

TRAININGS: dict[str, dict[str, Any]] = {
    "ogm": {"spec": {**SYNTHETIC, "strategy": "ogm", "previews": True}},
    "ogm-ge": {"spec": {**SYNTHETIC, "strategy": "ogm-ge"}},
    "sgd-diagonal": {"spec": {**SYNTHETIC, "strategy": "ogm-ge", "noise": "sgd-diagonal", "epochs": 1}},
    "missing": {"spec": {**MISSING, "strategy": "ogm"}},
    "batch norm": {"spec": {**DIGITS, "strategy": "ogm-ge"}},
    "agm": {"spec": {**VIEWS, "strategy": "agm"}},
    "agm, batch norm": {"spec": {**WATCH, "strategy": "agm"}},
    "steered": {
        "spec": {**SYNTHETIC, "strategy": "ogm-ge"},
        "commands": {
            7: {"verb": "set", "settings": {"alpha": 0.3}},
            20: {"verb": "set", "settings": {"strategy": "ogm"}},
        },
    },
    "paused": {
        "spec": {**SYNTHETIC, "strategy": "ogm-ge"},
        "place": "resumed",
        "commands": {17: {"verb": "pause"}},
    },
    "resumed": {"spec": {**SYNTHETIC, "strategy": "ogm-ge"}, "place": "resumed", "attempt": 2},
}
ALONE = ("ogm", "ogm-ge", "missing", "agm", "steered")
"""Those whose run in two processes is compared with that of one."""


def trained(folder: Path) -> None:
    """Train all of them in two processes; what each told lies in the folder."""
    ordered(folder, TRAININGS, 2)
    program = [*command(2), "replica", str(folder / "trainings.json"), str(folder)]
    here = os.environ | {"PYTHONPATH": str(DRIVING), "OMP_NUM_THREADS": "1"}
    done = nursery.run([sys.executable, "-m", *program], env=here, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def ordered(folder: Path, names: Iterable[str], processes: int) -> None:
    folder.mkdir()
    chosen = {name: TRAININGS[name] for name in names}
    trainings = {name: dict(t, spec={**t["spec"], "processes": processes}) for name, t in chosen.items()}
    (folder / "trainings.json").write_text(json.dumps(trainings))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replicas")
    trained(folder / "two")
    ordered(folder / "one", ALONE, 1)
    replica.main(folder / "one" / "trainings.json", folder / "one")
    return folder


def printed(folder: Path, processes: str, name: str, rank: int = 0) -> dict[str, Any]:
    result: dict[str, Any] = torch.load(folder / processes / f"{name}-{rank}.pt", weights_only=True)
    return result


def furthest(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    """The greatest difference between two sets of tensors."""
    assert one.keys() == other.keys()
    return max((one[name].double() - other[name].double()).abs().max().item() for name in one)


@pytest.mark.parametrize("name", TRAININGS)
def test_the_copies_of_two_processes_differ_by_exactly_nothing(folder: Path, name: str) -> None:
    first, second = printed(folder, "two", name), printed(folder, "two", name, rank=1)
    assert furthest(first["weights"], second["weights"]) == 0
    assert furthest(first["rho"], second["rho"]) == 0
    assert first["state"] == second["state"]


def test_two_processes_are_one_with_the_double_batch(folder: Path) -> None:
    one, two = printed(folder, "one", "ogm"), printed(folder, "two", "ogm")
    assert two["steps"] == one["steps"] == list(range(52))
    assert furthest(one["weights"], two["weights"]) < 1e-5
    assert furthest(one["rho"], two["rho"]) < 1e-4


def test_agm_in_two_processes_is_agm_of_the_whole_batch(folder: Path) -> None:
    """With scores and added gradients of each share alone, weights are off by 0.04, and copies part."""
    one, two = printed(folder, "one", "agm"), printed(folder, "two", "agm")
    assert two["steps"] == one["steps"] == list(range(25))
    assert one["weights"]["last"].sub(1).abs().max() > 0.1
    assert furthest(one["weights"], two["weights"]) < 1e-6
    assert furthest(one["rho"], two["rho"]) < 1e-5


def test_parts_of_a_batch_that_lack_modalities_are_merged_as_one_process_sees_them(folder: Path) -> None:
    one, two = printed(folder, "one", "missing"), printed(folder, "two", "missing")
    assert two["steps"] == one["steps"] == list(range(75))
    assert {m: len(rho) for m, rho in one["rho"].items()} == {m: len(rho) for m, rho in two["rho"].items()}
    assert min(len(rho) for rho in one["rho"].values()) < 75
    assert furthest(one["weights"], two["weights"]) < 1e-5
    assert furthest(one["rho"], two["rho"]) < 1e-4


def test_tables_are_told_alike_by_both_and_as_by_one(folder: Path) -> None:
    one, two = printed(folder, "one", "ogm")["tables"], printed(folder, "two", "ogm")["tables"]
    assert two == printed(folder, "two", "ogm", rank=1)["tables"]
    assert [table["name"] for table in two] == ["layers", "classes"] * 4
    for alone, shared in zip(one, two, strict=True):
        assert shared["rows"] == alone["rows"]
        torch.testing.assert_close(
            torch.tensor(shared["values"]), torch.tensor(alone["values"]), rtol=1e-2, atol=1e-3
        )


def test_rho_is_of_the_whole_batch_from_the_first_step_on(folder: Path) -> None:
    one, two = printed(folder, "one", "ogm-ge"), printed(folder, "two", "ogm-ge")
    for modality, rho in one["rho"].items():
        assert two["rho"][modality][0] == pytest.approx(rho[0].item(), rel=1e-6)


def test_orders_are_obeyed_at_the_same_step_and_as_one_process_does(folder: Path) -> None:
    one, two = printed(folder, "one", "steered"), printed(folder, "two", "steered")
    assert one["state"] == two["state"] == "completed"
    assert two["steps"] == list(range(52))


def test_a_paused_run_goes_on_as_if_it_had_never_paused(folder: Path) -> None:
    paused, resumed = printed(folder, "two", "paused"), printed(folder, "two", "resumed")
    assert (paused["state"], paused["steps"]) == ("paused", list(range(17)))
    assert resumed["steps"] == list(range(17, 52))
    whole = printed(folder, "two", "ogm-ge")
    assert furthest(resumed["weights"], whole["weights"]) == 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"strategy": "mmpareto"}, "strategy 'mmpareto' looks at one batch as a whole"),
        ({"batch_size": 33}, "a batch of 33 can't be shared equally by 2"),
        ({}, "2 requested, but 1 started"),
    ],
)
def test_what_can_not_be_shared_is_refused_with_the_reason(changes: dict[str, Any], says: str) -> None:
    spec = {**SYNTHETIC, "strategy": "ogm", "processes": 2} | changes
    spec.pop("alpha")
    with pytest.raises(InvalidInput, match=says):
        build(RunSpec.model_validate(spec))
