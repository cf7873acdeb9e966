"""Every recipe is what the paper says, fits its data set as prepared, and each way of training trains."""

from functools import cache
from pathlib import Path
from typing import Any

import media
import pytest
import yaml
from recorded import Trained

from rhoscope.experiments.plan import cells, load
from rhoscope.spec import RunSpec
from trainer.attempt.assembly import build
from trainer.encoders import resnet18
from trainer.prepare.__main__ import order_for
from trainer.prepare.conversion import prepare
from trainer.training import Training

RECIPES = Path(__file__).parents[2] / "recipes"
NAMES = sorted(path.stem for path in RECIPES.glob("*.yaml"))
TABLES = sorted(RECIPES.glob("tables/*.yaml"))
SCHEDULE = {"schedule", "decay_at", "decay_factor", "most_decays"}
SMALL = {"device": "cpu", "epochs": 1, "batch_size": 8}
OF_THE_DATA = {"dataset", "partition", "frames"}
NARROW = {"lstm_width": 8, "attention_width": 8}
MAKE: dict[str, Any] = {
    "cremad": lambda source: media.cremad(source, actors=3),
    "kinetics-sounds": lambda source: media.kinetics_sounds(source, ("bowling", "singing"), train=8),
    "vggsound": lambda source: media.vggsound(source, ("ant", "bee"), train=8),
}
PUBLISHED = {
    "strategies-cremad": (51.7, 54.4, 53.3, 56.8, 59.0, 61.9),
    "strategies-kinetics-sounds": (59.8, 60.3, 61.3, 62.2, 61.1, 62.3),
    "optimisers-cremad": (51.7, 61.9, 49.7, 54.6),
    "optimisers-kinetics-sounds": (59.8, 63.1, 57.4, 58.9),
    "optimisers-vggsound": (49.1, 50.6, 47.3, 48.2),
    "noise-intensity-cremad": (51.8, 50.4, 51.0, 50.2, 48.6, 60.2),
    "noise-intensity-vggsound": (49.1, 48.3, 48.7, 48.8, 47.7, 50.3),
    "ave-localization": (72.0, 72.8, 76.2, 76.9),
}
"""Accuracies in the paper's tables (%), in the order of our rows."""


@cache
def recipe(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((RECIPES / f"{name}.yaml").read_text())
    return content


def way(name: str) -> frozenset[tuple[str, ...]]:
    """How a recipe trains, whatever its data set and its numbers are."""
    words = {setting: value for setting, value in recipe(name).items() if setting not in OF_THE_DATA}
    return frozenset((s, str(v)) if isinstance(v, str | bool) else (s,) for s, v in words.items())


WAYS = {way(name): name for name in reversed(NAMES)}
TRAINED = {*WAYS.values(), "kinetics-sounds-ogm-ge", "vggsound-noise-ge"}
"""One recipe of each way of training, and one of each data set."""

WIDE = "vggsound-noise-ge"
"""Has the paper's ResNets, as built for each data set below; others have an eighth of the channels."""
BOTH = ("audio", "visual")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Prepared folders of each data set, from sources laid out as published."""
    result = {"ave-localization": media.ave_features(tmp_path_factory.mktemp("ave"))}
    for name, make in MAKE.items():
        place = tmp_path_factory.mktemp(name)
        order, _ = order_for(name, make(place / "source"), place / "out")
        prepare(order, workers=1, allow_missing=0.0)
        result[name] = place / "out"
    return result


@pytest.fixture
def widths(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many channels this recipe's ResNets have."""
    if name != WIDE:
        monkeypatch.setattr(resnet18, "CHANNELS", tuple(n // 8 for n in resnet18.CHANNELS))


def brief(name: str, folders: dict[str, Path]) -> dict[str, Any]:
    """The recipe with nothing else changed than how much is computed."""
    given = recipe(name)
    spec = {**given, **SMALL, "folder": str(folders[given["dataset"]])}
    if given["dataset"] == "ave-localization":
        return spec | NARROW
    audio = "resnet18" if given["fusion"] in {"mmtm", "centralnet"} else "convolutional"
    spec |= {"frames": 1, "image_size": 16, "encoders": {"audio": audio, "visual": "resnet18"}}
    if given["strategy"] == "gradient-blending":
        spec |= {"estimate_epochs": 1}
    if given.get("modulation_ends", 0) > 1:
        spec |= {"modulation_starts": 0, "modulation_ends": 1}
    return spec


@pytest.mark.usefixtures("widths")
@pytest.mark.parametrize("name", [name for name in NAMES if name not in TRAINED])
def test_a_recipe_fits_what_prepare_made(name: str, folders: dict[str, Path]) -> None:
    """One that differs from one that trains in its data set or its numbers only."""
    parts = build(RunSpec.model_validate(brief(name, folders)))
    assert parts.steps_per_epoch >= 1
    assert list(parts.model.modalities) == [*BOTH]


@pytest.mark.usefixtures("widths")
@pytest.mark.parametrize("name", sorted(TRAINED))
def test_a_recipe_trains_on_what_prepare_made(name: str, folders: dict[str, Path]) -> None:
    trained = Trained(brief(name, folders))
    assert trained.outcome.state == "completed", trained.outcome.reason
    assert 0 <= trained.sink.sparse()["test.accuracy"][-1] <= 1
    assert {recipe(one)["dataset"] for one in TRAINED} == folders.keys()
    only = recipe(name).get("only")
    assert {f"accuracy.{m}" for m in ([only] if only else BOTH)} <= trained.sink.names()


@pytest.mark.parametrize("dataset", MAKE)
def test_without_another_word_both_encoders_are_the_papers(dataset: str, folders: dict[str, Path]) -> None:
    parts = build(
        RunSpec.model_validate(
            {**recipe(f"{dataset}-ogm-ge"), "folder": str(folders[dataset]), "device": "cpu", "batch_size": 4}
        )
    )
    counts = parts.model.parameter_counts()
    assert (counts["audio"], counts["visual"]) == (11_170_240, 11_176_512)
    assert len(parts.strategy.modulated["audio"]) == len(parts.strategy.modulated["visual"]) == 20
    assert parts.steps_per_epoch >= 1


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_table_has_a_row_for_each_of_the_papers(path: Path) -> None:
    experiment = load(str(path))
    assert len(list(cells(experiment))) == len(experiment.rows) * 5
    named = [row["recipe"].removeprefix("../") for row in yaml.safe_load(path.read_text())["rows"]]
    for file, published in zip(named, PUBLISHED.get(path.stem, ()), strict=path.stem in PUBLISHED):
        assert f"{published} %" in (RECIPES / file).read_text().splitlines()[0]


def test_every_published_table_is_there_and_the_official_set_up_is_the_recipes() -> None:
    assert PUBLISHED.keys() <= {path.stem for path in TABLES}
    official = {"optimizer": "sgd", "lr": 1e-3, "momentum": 0.9, "weight_decay": 1e-4, "batch_size": 64}
    official |= {"epochs": 100, "schedule": "step", "decay_at": 0.7, "modulation_ends": 50, "scope": "conv"}
    for name, alpha in (("cremad", 0.8), ("vggsound", 0.1)):
        result = recipe(f"{name}-ogm-ge")
        assert result.items() >= {**official, "alpha": alpha, "noise": "tensor-std"}.items()
    journal = {"optimizer": "adamw", "lr": 5e-5, "weight_decay": 0.01, "batch_size": 32, "epochs": 100}
    journal |= {"schedule": "steps", "decay_at": 0.4, "alpha": 0.8}
    window = {"modulation_starts": 6, "modulation_ends": 60}
    assert recipe("journal-kinetics-sounds-ogm-ge").items() >= {**journal, **window}.items()
    assert {recipe(name)["gated_width"] for name in ("cremad-gated", "cremad-gated-ogm-ge")} == {512}
    psp = {"psp_tau": 0.099, "psp_pair_weight": 100, "optimizer": "adam", "lr": 1e-3, "batch_size": 128}
    psp |= {"schedule": "steps", "decay_factor": 0.8, "bottleneck": 256, "avga_variant": "official-code"}
    assert recipe("ave-localization-psp-ogm-ge").items() >= psp.items()
    factors = Training.model_validate(
        {n: v for n, v in recipe("ave-localization-psp").items() if n in SCHEDULE}
    )
    assert [round(factors.factor(done, 300), 6) for done in (59.9, 60, 120, 180)] == [1, 0.8, 0.64, 0.64]
