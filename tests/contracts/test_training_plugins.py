"""What every strategy, fusion, encoder and data set must do; by discovery, so a new file is tested too."""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from combined import FITS, PAIRS, small
from recorded import Trained
from torch import Tensor

from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec
from trainer.attempt.assembly import Parts, build
from trainer.dataset import FromFolder
from trainer.plugins import describe, load, sources
from trainer.precision import Precision
from trainer.strategy import Step

CATALOG: Catalog = describe()
HOST = {"lr", "throughput"}


def test_a_step_never_waits_for_the_device(spec: dict[str, Any]) -> None:
    """On the meta device tensors have no values: whatever read one on the host would raise."""
    parts = on_meta(spec)
    step = meta_step(parts)
    values = parts.strategy.step(step)
    dense = {s.name for s in parts.series if not s.sparse} - HOST
    assert values.keys() == dense
    assert all(v.device.type == "meta" and v.ndim == 0 for v in values.values())


@pytest.mark.parametrize("noise", ["tensor-std", "sgd-diagonal"])
def test_no_noise_estimator_waits_for_the_device(noise: str) -> None:
    parts = on_meta(small("ogm-ge", "concat", 2, noise=noise))
    values = parts.strategy.step(meta_step(parts))
    assert values["noise.fast"].device.type == "meta"


def test_the_meta_device_would_notice_a_host_that_reads() -> None:
    with pytest.raises(RuntimeError, match="meta"):
        torch.ones((), device="meta").item()


@pytest.mark.parametrize(("strategy", "fusion"), FITS)
def test_one_modality_alone_can_be_trained(strategy: str, fusion: str) -> None:
    trained = Trained(small(strategy, fusion, 2, only="slow", epochs=1))
    assert trained.outcome.state == "completed"
    assert set(trained.sink.series("rho.slow")) == {1.0}
    assert set(trained.sink.series("k.slow")) == {1.0}
    assert "rho.fast" not in trained.sink.names()


@pytest.mark.parametrize(("strategy", "fusion"), [pair for pair in PAIRS if pair not in FITS])
def test_what_does_not_fit_is_refused_with_what_would(strategy: str, fusion: str) -> None:
    spec = RunSpec.model_validate(small(strategy, fusion, 2))
    with pytest.raises(InvalidInput) as refused:
        build(spec)
    assert refused.value.errors[0].field == "strategy"
    with pytest.raises(InvalidInput) as refused:
        CATALOG.check(spec)
    (error,) = refused.value.errors
    assert error.field == "strategy"
    assert "'concat'" in error.message


@pytest.mark.parametrize("name", sources("fusion"))
@pytest.mark.parametrize("modalities", [2, 3])
def test_unimodal_logits_add_up_exactly_where_a_fusion_says_it_is_additive(
    name: str, modalities: int
) -> None:
    cls = load("fusion", name)
    widths = {f"m{i}": 3 + i for i in range(modalities)}
    torch.manual_seed(0)
    fusion = cls(widths, 5, cls.Settings()).double()
    features = {m: torch.randn(7, width, dtype=torch.float64) for m, width in widths.items()}
    unimodal = fusion.unimodal(features)
    assert unimodal.keys() == widths.keys()
    assert all(logits.shape == (7, 5) for logits in unimodal.values())
    if cls.additive:
        torch.testing.assert_close(sum(unimodal.values()), fusion.fuse(features))


FROM_FOLDERS = [n for n in sources("dataset") if issubclass(load("dataset", n).Settings, FromFolder)]
SHAPES = [(1, 16, 16), (3, 2, 16, 16), (40,), (6, 12), (6, 7, 7, 5)]


@pytest.mark.parametrize("name", sources("encoder"))
def test_an_encoder_gives_features_of_its_width_or_refuses_the_shape(name: str) -> None:
    cls, taken = load("encoder", name), 0
    for shape in SHAPES:
        with suppress(InvalidInput):
            encoder = cls(shape, cls.Settings())
            taken += 1
            assert encoder(torch.zeros(3, *shape)).shape == (3 * encoder.segments, encoder.width)
            assert len(encoder.stages) >= 1
    assert taken


@pytest.mark.parametrize("name", sorted(sources("dataset").keys() - set(FROM_FOLDERS)))
def test_a_data_set_is_what_its_facts_say_and_the_same_at_every_load(name: str) -> None:
    cls = load("dataset", name)
    settings = cls.Settings()
    dataset = cls(settings)
    splits, again = dataset.load(), cls(settings).load()
    assert set(splits) == {"train", "validation", "test"}
    promised = cls.train_size if isinstance(cls.train_size, int) else getattr(settings, cls.train_size)
    assert len(splits["train"]) == promised
    for split, other in zip(splits.values(), again.values(), strict=True):
        ((inputs, target),) = split.batches([torch.arange(len(split))])
        ((repeated, _),) = other.batches([torch.arange(len(split))])
        assert {m: tuple(x.shape[1:]) for m, x in inputs.items()} == {
            m: facts.shape for m, facts in dataset.modalities.items()
        }
        assert target.dtype == torch.int64
        assert set(target.tolist()) == set(range(len(dataset.classes)))
        assert torch.equal(split.target, other.target)
        assert all(torch.equal(x, repeated[m]) and x.isfinite().all() for m, x in inputs.items())


@pytest.mark.parametrize("name", FROM_FOLDERS)
def test_a_data_set_whose_files_are_not_there_says_where_it_looked(name: str, tmp_path: Path) -> None:
    cls = load("dataset", name)
    with pytest.raises(InvalidInput) as refused:
        cls(cls.Settings(folder=str(tmp_path / "nowhere"))).load()
    assert refused.value.errors[0].field == "folder"
    assert "nowhere" in refused.value.errors[0].message


def test_no_two_kinds_of_plugins_share_the_name_of_a_setting() -> None:
    kinds: dict[str, set[str]] = {}
    for plugin in CATALOG.plugins:
        for name in plugin.settings:
            kinds.setdefault(name, set()).add(plugin.kind)
    fields = set(RunSpec.model_fields)
    assert {name: result for name, result in kinds.items() if len(result) > 1 or name in fields} == {}


def test_a_setting_shared_by_plugins_of_a_kind_means_the_same_in_all_of_them() -> None:
    seen: dict[str, Any] = {}
    for plugin in CATALOG.plugins:
        for name, schema in plugin.settings.items():
            assert seen.setdefault(name, schema) == schema


@pytest.mark.parametrize("plugin", CATALOG.plugins, ids=lambda p: f"{p.kind}-{p.name}")
def test_every_plugin_setting_and_series_explains_itself(plugin: Any) -> None:
    assert plugin.error == ""
    assert plugin.title
    assert plugin.help
    for schema in plugin.settings.values():
        assert schema["description"].endswith(".")
        assert isinstance(schema["live"], bool)
        assert "default" in schema
        if schema.get("type") in {"number", "integer"} and "enum" not in schema:
            assert {"minimum", "exclusiveMinimum"} & schema.keys()
    for series in plugin.series:
        assert len(series.help) > 20
        assert series.formula
        assert series.unit


def test_every_chart_has_a_series_that_gives_it_its_title() -> None:
    for strategy in CATALOG.of_kind("strategy"):
        series = [*CATALOG.of_kind("training")[0].series, *strategy.series]
        stems = {s.stem for s in series}
        assert {s.group for s in series} <= stems


def on_meta(spec: dict[str, Any]) -> Parts:
    """The run's parts with every tensor on the meta device."""
    parts = build(RunSpec.model_validate(spec))
    parts.model.to("meta")
    parts.strategy = type(parts.strategy)(parts.model, parts.strategy.settings).to("meta")
    parts.device = torch.device("meta")
    parts.precision = Precision("float32", parts.device)
    weights: Iterator[Tensor] = itertools.chain(parts.model.parameters(), parts.strategy.parameters())
    parts.optimizer = parts.training.build_optimizer(weights, parts.device)  # type: ignore[arg-type]
    parts.model.train()
    return parts


def meta_step(parts: Parts) -> Step:
    inputs, target = next(parts.splits["train"].to(parts.device).batches([torch.arange(16)]))
    return Step(parts.model, parts.optimizer, parts.precision, inputs, target, 0)
