"""Event localization: features as AVE's authors publish them, AVGA, PSP, accuracy over segments."""

from pathlib import Path
from typing import Any

import h5py
import media
import numpy as np
import pytest
import torch
from recorded import Trained

from rhoscope.errors import InvalidInput
from trainer.attempt.assembly import build
from trainer.dataset import FromFolder
from trainer.datasets.ave_localization import AVELocalization
from trainer.encoders.avga import AVGA, AVGASettings
from trainer.fusions.psp import PSP, PSPSettings
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


@pytest.mark.parametrize("fusion", ["concat", "psp"])
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
    found = parts.evaluate("validation")
    assert found.samples == 30
    with torch.no_grad():
        ((inputs, target),) = parts.splits["validation"].batches([torch.arange(3)])
        parts.model.eval()
        right = (parts.model(inputs).logits.argmax(-1) == target).float().mean()
    assert found.accuracy == pytest.approx(float(right))


def test_the_tiny_task_is_learned(folder: Path) -> None:
    trained = Trained(spec(folder, strategy="joint", optimizer="adam", epochs=30, schedule="constant"))
    assert trained.sink.sparse()["test.accuracy"][-1] >= 0.9


def test_attention_is_the_formula_and_listens_to_its_guide() -> None:
    torch.manual_seed(0)
    encoder = AVGA((4, 2, 3, 5), AVGASettings(attention_width=6, lstm_width=3))
    encoder.meet({"text": (7,), "audio": (4, 9)})
    maps, heard = torch.randn(2, 4, 2, 3, 5), torch.randn(2, 4, 9)
    attention = encoder.attention
    assert attention.guide is not None
    v = maps.reshape(2, 4, 6, 5)
    scores = torch.tanh(
        v @ attention.regions.weight.T
        + attention.regions.bias
        + (heard @ attention.guide.weight.T)[:, :, None]
    )
    weights = (scores @ attention.weigh.weight.T).squeeze(-1).softmax(-1)
    expected = (weights[..., None] * v).sum(2)
    torch.testing.assert_close(attention(maps, heard), expected)
    torch.testing.assert_close(attention.entropy, -(weights * weights.log()).sum(-1).mean())
    assert not torch.allclose(attention(maps, heard), attention(maps, heard + 1))
    assert encoder.see("visual", {"visual": maps, "audio": heard}).shape == (8, 6)
    assert encoder(maps).shape == (8, 6)  # without a guide


def test_pairs_are_normalized_cut_at_tau_and_normalized_again() -> None:
    torch.manual_seed(0)
    fusion = PSP({"audio": 4, "visual": 4}, 3, PSPSettings(psp_tau=0.3))
    asked, shown = torch.rand(1, 5, 4), torch.rand(1, 5, 4)
    likeness = torch.relu(asked @ shown.mT / 2)
    share = likeness / likeness.sum(-1, keepdim=True)
    kept = torch.where(share > 0.3, share, 0.0)
    expected = kept / kept.sum(-1, keepdim=True).clamp_min(1e-8)
    torch.testing.assert_close(fusion.pairs(asked, shown), expected)
    assert torch.equal(fusion.pairs(torch.zeros(1, 5, 4), shown), torch.zeros(1, 5, 5))


def test_the_pair_loss_is_least_where_likeness_tells_the_event(folder: Path) -> None:
    parts = build(RunSpec.model_validate(spec(folder, fusion="psp", strategy="joint", psp_pair_weight=1.0)))
    ((inputs, target),) = parts.splits["train"].batches([torch.arange(4)])
    fusion = parts.model.fusion
    features = parts.model.encode(inputs)
    loss = fusion.own_loss(features, target)
    assert loss is not None
    assert 0 <= loss.item() < 1
    alike = {m: torch.eye(10).repeat(4, 1) for m in ("audio", "visual")}
    same = PSP({"audio": 10, "visual": 10}, 29, PSPSettings())
    same.attach({"audio": parts.model.encoders["audio"]})
    same.propagate = lambda features: {m: torch.eye(10).expand(4, 10, 10) for m in features}  # type: ignore[method-assign]
    all_events = torch.zeros(40, dtype=torch.int64)
    perfect, wrong = same.own_loss(alike, all_events), same.own_loss(alike, target)
    assert perfect is not None
    assert wrong is not None
    assert perfect.item() == pytest.approx(0, abs=1e-9)
    assert wrong.item() > 1e-4


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
