"""The tables a run tells: gradient norms by layer, balance by class; against the plainest arithmetic."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded import Memory, PauseAt, Trained
from torch import nn

from rhoscope.spec import RunSpec
from rhoscope.tables import Table
from trainer.attempt.assembly import build
from trainer.measures import layers
from trainer.measures.by_class import ByClass
from trainer.measures.gradients import GradientNorms
from trainer.measures.layers import COLUMNS, WINDOW, LayerNorms, placed
from trainer.strategy import Step

SMALL: dict[str, Any] = {
    "dataset": "synthetic",
    "train_size": 128,
    "batch_size": 16,
    "epochs": 2,
    "device": "cpu",
    "hidden": 8,
    "strategy": "ogm-ge",
}


def tables(sink: Memory, name: str) -> list[Table]:
    return [Table.model_validate(e.data) for e in sink.of("table") if e.data["name"] == name]


class Encoders(nn.Module):
    """What `LayerNorms` needs to know of a network: two encoders, one with a layer within a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.encoders = {
            "audio": nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.ReLU(), nn.Linear(2, 2, bias=False))),
            "visual": nn.Sequential(nn.LSTM(3, 2)),
        }
        self.encoder_parameters = {m: tuple(e.parameters()) for m, e in self.encoders.items()}

    def fill(self, generator: torch.Generator, scale: float, without: int | None) -> None:
        """Random gradients; one parameter may have none."""
        everything = [p for ps in self.encoder_parameters.values() for p in ps]
        for place, p in enumerate(everything):
            p.grad = None if place == without else torch.randn(p.shape, generator=generator) * scale


NAMES = ("audio/0", "audio/1.1", "visual/0")


def plain(model: Encoders) -> list[float]:
    """Each layer's gradient norm, a layer at a time."""
    layers = [model.encoders["audio"][0], model.encoders["audio"][1][1], model.encoders["visual"][0]]
    return [
        float(sum(p.grad.double().square().sum() for p in layer.parameters() if p.grad is not None)) ** 0.5
        for layer in layers
    ]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 3 * WINDOW), st.integers(0, 2**31), st.integers(1, 2000), st.data())
def test_layers_are_told_as_a_layer_at_a_time_would_be(
    steps: int, seed: int, of_epoch: int, data: st.DataObject
) -> None:
    """Whatever the number of steps, also when a parameter now and then has no gradient or an infinite one."""
    model, generator = Encoders(), torch.Generator().manual_seed(seed)
    norms = LayerNorms(model, of_epoch)  # type: ignore[arg-type]
    gone = data.draw(st.dictionaries(st.integers(0, steps - 1), st.integers(1, 6), max_size=3))
    overflown = data.draw(st.sets(st.integers(0, steps - 1), max_size=2))
    reference = []
    for step in range(steps):
        scale = float("inf") if step in overflown else 10.0 ** (step % 5)
        model.fill(generator, scale, gone.get(step))
        norms.add(model, GradientNorms(model.encoder_parameters).norms)  # type: ignore[arg-type]
        reference.append(plain(model))
    table = norms.table(7)
    assert table is not None
    assert (table.name, table.epoch, tuple(table.rows), tuple(table.columns)) == ("layers", 7, NAMES, COLUMNS)
    each = np.array(reference)
    each[~np.isfinite(each)] = np.nan
    if steps > len(overflown):
        rms = np.sqrt(np.nanmean(each**2, axis=0))
        np.testing.assert_allclose(np.array(table.values)[:, 0], rms, rtol=1e-4)
    every = -(-of_epoch // 512)
    sample = each[::every]
    if np.isfinite(sample).any(0).all():
        expected = np.nanquantile(sample, [0.1, 0.5, 0.9], axis=0).T
        np.testing.assert_allclose(np.array(table.values)[:, 1:], expected, rtol=1e-4)


def test_an_epoch_without_a_step_has_no_table() -> None:
    model = Encoders()
    assert LayerNorms(model, 10).table(0) is None  # type: ignore[arg-type]
    assert ByClass(["a"]).table(0) is None


def test_gathering_layers_never_waits_for_the_device() -> None:
    """On the meta device whatever read a value would raise; also where the window is summed up."""
    parts = build(RunSpec.model_validate(SMALL))
    parts.model.to("meta")
    norms = LayerNorms(parts.model, 1000)
    for p in parts.model.parameters():
        p.grad = torch.empty_like(p)
    for _ in range(2 * WINDOW):
        norms.add(parts.model, GradientNorms(parts.model.encoder_parameters).norms)
    state = norms.state()
    assert (state["taken"], state["window"]) == (2 * WINDOW, [])
    assert all(kept.device.type == "meta" for kept in state["kept"])


def test_what_belongs_to_which_layer_is_put_on_the_device_when_it_changes_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A copy of it may wait for every step that is queued."""
    put: list[int] = []
    monkeypatch.setattr(layers, "placed", lambda rows, device: put.append(1) or placed(rows, device))
    model, generator = Encoders(), torch.Generator().manual_seed(0)
    norms = LayerNorms(model, 1000)  # type: ignore[arg-type]
    for epoch, without in enumerate((None, None, 2)):
        for _ in range(2 * WINDOW):
            model.fill(generator, 1.0, without)
            norms.add(model, GradientNorms(model.encoder_parameters).norms)  # type: ignore[arg-type]
        assert norms.table(epoch) is not None
        norms.clear()
    assert len(put) == 2


def test_a_step_gathers_what_the_loss_gave_and_not_what_modulation_made_of_it() -> None:
    parts = build(RunSpec.model_validate(SMALL | {"strategy": "ogm", "alpha": 5.0}))
    inputs, target = next(iter(batches_of(parts)))
    step = Step(parts.model, parts.optimizer, parts.precision, inputs, target, 0, layers=parts.layers)
    row = parts.strategy.step(step)
    table = parts.layers.table(0)
    assert table is not None
    for m in parts.model.modalities:
        rms = [v[0] for name, v in zip(table.rows, table.values, strict=True) if name.startswith(f"{m}/")]
        assert sum(r**2 for r in rms) ** 0.5 == pytest.approx(float(row[f"grad_norm.{m}"]), rel=1e-3)
    braked = min(parts.model.modalities, key=lambda m: float(row[f"k.{m}"]))
    assert float(row[f"grad_norm_modulated.{braked}"]) < float(row[f"grad_norm.{braked}"])


def batches_of(parts: Any) -> Any:
    yield next(parts.splits["train"].batches([torch.arange(16)]))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(2, 9))
def test_classes_are_told_as_a_class_at_a_time_would_be(seed: int, sizes: list[int], classes: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    counted = ByClass([f"c{i}" for i in range(classes)])
    n = sum(sizes)
    target = torch.randint(classes, (n,), generator=generator)
    fused, audio, visual = (torch.randn(n, classes, generator=generator) * 3 for _ in range(3))
    for some in torch.split(torch.arange(n), sizes):
        counted.add(fused[some], {"audio": audio[some], "visual": visual[some]}, target[some])
    table = counted.table(3)
    assert table is not None
    assert table.columns == [
        "examples", "accuracy", "score.audio", "accuracy.audio", "score.visual", "accuracy.visual",
    ]  # fmt: skip
    for c in range(classes):
        rows = [i for i in range(n) if int(target[i]) == c]
        result = dict(zip(table.columns, table.values[c], strict=True))
        assert result["examples"] == len(rows)
        if not rows:
            assert np.isnan(result["accuracy"])
            continue
        right = sum(int(fused[i].argmax()) == c for i in rows) / len(rows)
        assert result["accuracy"] == pytest.approx(right, rel=1e-4)
        for m, logits in (("audio", audio), ("visual", visual)):
            chance = sum(float(logits[i].double().softmax(0)[c]) for i in rows) / len(rows)
            assert result[f"score.{m}"] == pytest.approx(chance, rel=1e-4)


def test_a_run_tells_both_tables_at_the_end_of_each_epoch() -> None:
    trained = Trained(SMALL | {"epochs": 3, "validate_every": 2})
    layers, classes = tables(trained.sink, "layers"), tables(trained.sink, "classes")
    assert [t.epoch for t in layers] == [0, 1, 2]
    assert [t.epoch for t in classes] == [1, 2]
    assert [e.step for e in trained.sink.of("table")] == [8, 16, 16, 24, 24]
    accuracy = trained.sink.sparse()["val.accuracy"][-1]
    examples, right = zip(*[row[:2] for row in classes[-1].values], strict=True)
    whole = sum(n * a for n, a in zip(examples, right, strict=True)) / sum(examples)
    assert whole == pytest.approx(accuracy, rel=1e-3)


def test_a_table_that_can_not_be_shown_ends_no_run_and_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rhoscope.tables.MOST_CELLS", 40)
    trained = Trained(SMALL | {"epochs": 3})
    assert trained.outcome.state == "completed"
    assert tables(trained.sink, "classes") == []
    lines = [e.data["line"] for e in trained.sink.of("log")]
    assert [line for line in lines if "classes" in line] == [
        "The table 'classes' can't be shown: it has more than 40 numbers."
    ]


@pytest.mark.parametrize("at", [1, 5, 8, 11])
def test_an_interrupted_and_resumed_run_tells_the_same_tables(at: int, tmp_path: Path) -> None:
    whole = Trained(SMALL)
    first = Trained(SMALL, folder=tmp_path, controls=PauseAt(at))
    assert first.outcome.state == "paused"
    second = Trained(SMALL, attempt=2, folder=tmp_path)
    for name in ("layers", "classes"):
        assert tables(first.sink, name) + tables(second.sink, name) == tables(whole.sink, name)
