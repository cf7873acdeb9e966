"""Event localization: features as AVE's authors publish them, AVGA, PSP, accuracy over segments."""

import copy
import itertools
from pathlib import Path
from typing import Any

import h5py
import media
import numpy as np
import pytest
import torch
from recorded import Trained

from rhoscope.errors import InvalidInput
from rhoscope.settings import Settings
from trainer.attempt.assembly import build
from trainer.dataset import FromFolder
from trainer.datasets.ave_localization import AVELocalization
from trainer.encoders.avga import AVGA, AVGASettings
from trainer.encoders.lstm import LSTM
from trainer.fusions.avga_head import AVGAHead, AVGAHeadSettings
from trainer.fusions.concat import Concat
from trainer.fusions.psp import PSP, PSPSettings
from trainer.model import Model
from trainer.run import RunSpec

BRIEF = {"dataset": "ave-localization", "batch_size": 4, "epochs": 2, "device": "cpu", "lr": 0.01}
NARROW = {"lstm_width": 8, "attention_width": 8}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.ave_features(tmp_path_factory.mktemp("ave"))


def spec(folder: Path, **more: Any) -> dict[str, Any]:
    return {**BRIEF, **NARROW, "folder": str(folder), **more}


def test_every_segment_is_an_answer(folder: Path) -> None:
    splits = AVELocalization(FromFolder(folder=str(folder))).load()
    assert {name: len(split) for name, split in splits.items()} == {"train": 10, "validation": 3, "test": 3}
    ((inputs, target),) = splits["train"].batches([torch.tensor([7, 2, 2, 0])])
    assert inputs["audio"].shape == (4, 10, 128)
    assert inputs["visual"].shape == (4, 10, 7, 7, 512)
    assert target.tolist()[:10] == [28] * 3 + [1] * 7
    assert torch.equal(inputs["audio"][1], inputs["audio"][2])
    with h5py.File(folder / "audio_feature.h5") as file:
        assert torch.equal(inputs["audio"][0], torch.from_numpy(file["avadataset"][7]))
    assert len(splits["train"].target) == 100
    assert len(splits["train"] + splits["test"]) == 13


@pytest.mark.parametrize("fusion", ["avga-head", "psp"])
@pytest.mark.parametrize("strategy", ["joint", "ogm-ge"])
def test_avga_and_psp_train_with_and_without_ogm_ge(fusion: str, strategy: str, folder: Path) -> None:
    trained = Trained(spec(folder, fusion=fusion, strategy=strategy))
    assert trained.outcome.state == "completed", trained.outcome.reason
    assert {"attention_entropy.visual", "rho.audio", "k.visual"} <= trained.sink.names()
    entropy = trained.sink.series("attention_entropy.visual")
    assert ((entropy > 0) & (entropy <= np.log(49) + 1e-4)).all()
    if fusion == "psp":
        surviving = trained.sink.series("psp_pairs")
        assert ((surviving >= 0) & (surviving <= 1)).all()
    accuracy = trained.sink.sparse()["test.accuracy"][-1]
    assert accuracy * 30 == pytest.approx(round(accuracy * 30))  # of 3 clips × 10 segments


def test_accuracy_is_over_segments(folder: Path) -> None:
    parts = build(RunSpec.model_validate(spec(folder, strategy="joint")))
    result = parts.evaluate("validation")
    assert result.samples == 30
    with torch.no_grad():
        ((inputs, target),) = parts.splits["validation"].batches([torch.arange(3)])
        parts.model.eval()
        right = (parts.model(inputs).logits.argmax(-1) == target).float().mean()
    assert result.accuracy == pytest.approx(float(right))


def test_the_tiny_task_is_learned(folder: Path) -> None:
    trained = Trained(spec(folder, strategy="joint", optimizer="adam", epochs=30, schedule="constant"))
    assert trained.sink.sparse()["test.accuracy"][-1] >= 0.9


@pytest.mark.parametrize("bottleneck", [0, 5])
def test_a_guide_shows_what_is_behind_its_bottleneck_and_is_taught_by_it(bottleneck: int) -> None:
    torch.manual_seed(0)
    settings = AVGASettings(attention_width=6, compared_width=4, lstm_width=3, bottleneck=bottleneck)
    encoders = {
        "text": LSTM((2, 7), settings),
        "audio": LSTM((4, 9), settings),
        "visual": AVGA((4, 2, 3, 5), settings),
    }
    model = Model(encoders, Concat({m: e.width for m, e in encoders.items() if m != "text"}, 2, Settings()))
    inputs = {m: torch.randn(2, *e.shape) for m, e in encoders.items()}
    visual = model.encode(inputs)["visual"]
    assert visual.shape == (8, 6)
    assert not torch.allclose(visual, model.encode({**inputs, "audio": inputs["audio"] + 1})["visual"])
    assert torch.equal(visual, model.encode({**inputs, "text": inputs["text"] + 1})["visual"])
    assert encoders["visual"](inputs["visual"]).shape == (8, 6)  # without a guide
    visual.sum().backward()
    reached = {name for name, p in encoders["audio"].named_parameters() if p.grad is not None}
    assert reached == ({"stages.0.0.weight", "stages.0.1.weight"} if bottleneck else set())


def test_the_entropy_of_the_attention_is_that_of_its_weights() -> None:
    torch.manual_seed(0)
    attention = AVGA((4, 2, 3, 5), AVGASettings(attention_width=6, compared_width=4)).attention
    attention.listen_to(9)
    maps, heard = torch.randn(2, 4, 2, 3, 5), torch.randn(2, 4, 9)
    weights = attention.weights(maps.flatten(2, 3), heard)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4))
    attention(maps, heard)
    torch.testing.assert_close(attention.entropy, -(weights * weights.log()).sum(-1).mean())


def test_the_codes_way_of_adding_is_refused_where_it_does_not_fit_the_regions() -> None:
    settings = {"avga_variant": "official-code", "attention_width": 6}
    assert AVGA((4, 2, 3, 5), AVGASettings(compared_width=6, **settings)).attention.by_region
    with pytest.raises(InvalidInput, match=r"avga_variant.*the number of regions, 6, and not 49"):
        AVGA((4, 2, 3, 5), AVGASettings(**settings))


def test_avgas_head_is_two_layers_over_a_rectifier_under_a_soft_margin() -> None:
    torch.manual_seed(0)
    fusion = AVGAHead({"audio": 4, "visual": 3}, 5, AVGAHeadSettings(avga_head_width=6))
    features = {"audio": torch.randn(7, 4), "visual": torch.randn(7, 3)}
    hidden = torch.relu(fusion.hidden(torch.relu(torch.cat(list(features.values()), 1))))
    logits, target = fusion.fuse(features), torch.arange(7) % 5
    torch.testing.assert_close(logits, fusion.head(hidden))
    p, y = logits.softmax(-1), torch.eye(5)[target]
    margin = -(y * torch.log(torch.sigmoid(p)) + (1 - y) * torch.log(torch.sigmoid(-p))).mean()
    torch.testing.assert_close(fusion.task_loss(logits, target), margin)
    plain = AVGAHead({"audio": 4, "visual": 3}, 5, AVGAHeadSettings(avga_loss="cross-entropy"))
    torch.testing.assert_close(
        plain.task_loss(logits, target), torch.nn.functional.cross_entropy(logits, target)
    )


def psp(tau: float = 0.099) -> tuple[PSP, dict[str, torch.Tensor]]:
    """A fusion over two modalities' five segments of four features, and features."""
    torch.manual_seed(0)
    fusion = PSP({"audio": 4, "visual": 4}, 3, PSPSettings(psp_tau=tau, psp_dropout=0.0))
    encoders = {m: LSTM((5, 2), AVGASettings(lstm_width=2)) for m in ("audio", "visual")}
    fusion.attach(encoders)
    return fusion, {m: torch.randn(10, 4) for m in encoders}


def test_the_pairs_drawn_are_those_of_the_fused_pass_and_not_of_scoring() -> None:
    fusion, features = psp()
    logits = fusion.fuse(features)
    answer = fusion.values()["psp_pairs"]
    assert answer == fusion.propagate(features).kept
    fusion.unimodal(features)
    fusion.eval()
    fusion.fuse({m: f * 0 for m, f in features.items()})
    assert fusion.values()["psp_pairs"] == answer
    assert fusion.propagate({**features, "audio": features["audio"] * 0}).kept != answer
    assert logits.shape == (10, 3)


def test_the_pair_loss_is_that_of_the_pass_just_fused(monkeypatch: pytest.MonkeyPatch) -> None:
    fusion, features = psp()
    target = torch.tensor([2, 0, 0, 2, 2, 1, 1, 1, 1, 2])
    expected = 100 * fusion.pair_loss(fusion.propagate(features), target)
    fusion.fuse(features)
    copy.deepcopy(fusion)  # although it holds a graph
    with monkeypatch.context() as patched:
        patched.setattr(fusion, "propagate", None)  # what was fused is not computed again
        torch.testing.assert_close(fusion.own_loss(features, target), expected)
    fusion.fuse({m: f * 0 for m, f in features.items()})
    torch.testing.assert_close(fusion.own_loss(features, target), expected)


def test_three_modalities_take_from_each_other_and_one_takes_from_none() -> None:
    torch.manual_seed(0)
    names = ("audio", "visual", "text")
    fusion = PSP({"audio": 4, "visual": 4, "text": 2}, 3, PSPSettings(psp_tau=0.0))
    fusion.attach({"audio": LSTM((5, 2), AVGASettings(lstm_width=2))})
    passed = fusion.eval().propagate({m: torch.randn(10, 2 if m == "text" else 4) for m in names})
    assert passed.pairs.keys() == set(itertools.permutations(names, 2))
    alone = PSP({"audio": 4}, 3, PSPSettings())
    assert alone.fuse({"audio": torch.randn(6, 4)}).shape == (6, 3)
    assert alone.own_loss({"audio": torch.randn(6, 4)}, torch.zeros(6, dtype=torch.int64)) is None


def test_segment_encoders_do_not_fit_data_with_one_class_an_example() -> None:
    given = {"dataset": "folder-less", "encoders": {"fast": "lstm"}}
    with pytest.raises(InvalidInput):
        build(RunSpec.model_validate({**given, "dataset": "synthetic"}))


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (lambda f: (f / "labels.h5").unlink(), "labels.h5 can't be read"),
        (lambda f: (f / "audio_feature.h5").write_bytes(b"no"), "audio_feature.h5 can't be read"),
        (lambda f: _put(f / "visual_feature.h5", np.zeros((16, 10, 49, 512), np.float16)), "should hold"),
        (lambda f: _put(f / "train_order.h5", np.array([99])), "should name rows"),
    ],
)
def test_files_that_are_not_as_published_are_refused(tmp_path: Path, break_it: Any, why: str) -> None:
    folder = media.ave_features(tmp_path)
    break_it(folder)
    with pytest.raises(InvalidInput, match=why):
        AVELocalization(FromFolder(folder=str(folder))).load()


def _put(path: Path, array: np.ndarray) -> None:
    with h5py.File(path, "w") as file:
        file["x"] = array
