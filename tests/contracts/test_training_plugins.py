"""What every strategy, fusion, encoder and data set must do; by discovery, so a new file is tested too."""

import itertools
import json
import math
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from recorded import Memory, PauseAt, Trained
from torch import Tensor

from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec
from trainer.attempt.assembly import Parts, build
from trainer.dataset import FromFolder
from trainer.plugins import abilities, describe, load, sources
from trainer.precision import Precision
from trainer.strategy import Step

CATALOG: Catalog = describe()
HOST = {"lr", "throughput"}
PAIRS = list(itertools.product(sources("strategy"), sources("fusion")))
FITS = [
    (strategy, fusion)
    for strategy, fusion in PAIRS
    if set(load("strategy", strategy).requires) <= {*abilities(load("fusion", fusion)), "validation"}
]
COMBINATIONS = [(*pair, 2 + n % 2) for n, pair in enumerate(FITS)] + [
    (strategy, fusion, 3 - n % 2)
    for n, (strategy, fusion) in enumerate(FITS)
    if fusion == "concat" or strategy in ("joint", "ogm-ge")
]


def small(strategy: str, fusion: str, modalities: int, **more: Any) -> dict[str, Any]:
    """Two epochs of four steps, each measured in full; pictures of the data are not what is tried here."""
    given = {"strategy": strategy, "fusion": fusion, "dataset": "synthetic", "modalities": modalities}
    given |= {
        "train_size": 64,
        "batch_size": 16,
        "epochs": 2,
        "device": "cpu",
        "hidden": 8,
        "effects_every": 1,
        "previews": False,
    }
    quick = {"umt": {"teacher_epochs": 1}, "gradient-blending": {"super_epoch": 1, "estimate_epochs": 1}}
    quick["opm"] = {"opm_warmup": 0, "variant": "official-code"}
    return given | quick.get(strategy, {}) | more


@pytest.fixture(params=COMBINATIONS, ids=lambda c: "-".join(map(str, c)))
def spec(request: pytest.FixtureRequest) -> dict[str, Any]:
    return small(*request.param)


def declared(sink: Memory, *, sparse: bool) -> set[str]:
    (started,) = sink.of("started")
    return {s["name"] for s in started.data["series"] if s["sparse"] == sparse}


def same(one: Memory, other: Memory, start: int = 0) -> bool:
    """Whether every series of `other` is `one`'s from step `start` on, bit for bit, but for the clock's."""
    return one.names() == other.names() and all(
        np.array_equal(one.series(name)[start:], other.series(name)) for name in one.names() - {"throughput"}
    )


@cache
def whole(spec: str) -> Trained:
    """The run of this specification (JSON) without an interruption, for all tests that compare with it."""
    return Trained(json.loads(spec))


def begun(spec: dict[str, Any]) -> Trained:
    """The first steps of a run; all of them, where rehearsals come first."""
    first = Trained(spec, controls=PauseAt(4))
    return first if first.sink.blocks else Trained(spec)


def test_a_run_emits_exactly_what_it_declares_and_all_of_it_is_finite(spec: dict[str, Any]) -> None:
    trained = whole(json.dumps(spec))
    sink = trained.sink
    assert trained.outcome.state == "completed"
    assert sink.names() == declared(sink, sparse=False)
    assert set(sink.sparse()) == declared(sink, sparse=True)
    assert sink.steps() == list(range(8))
    assert all(np.isfinite(sink.series(name)).all() for name in sink.names())
    assert all(math.isfinite(v) for values in sink.sparse().values() for v in values)


def test_another_seed_gives_another_run(spec: dict[str, Any]) -> None:
    expected, other = whole(json.dumps(spec)).sink, begun(spec | {"seed": 1}).sink
    steps = other.steps()
    assert steps == list(range(len(steps))) != []
    assert not np.array_equal(expected.series("loss")[: len(steps)], other.series("loss"))


def check_resumed(spec: dict[str, Any], pauses: list[int], folder: Path) -> None:
    """The run, paused after each of these numbers of steps of an attempt, has the bits of the whole one."""
    expected = whole(json.dumps(spec))
    steps: list[int] = []
    for attempt, at in enumerate(pauses, 1):
        part = Trained(spec, attempt=attempt, folder=folder, controls=PauseAt(at))
        assert part.outcome.state == "paused"
        steps += part.sink.steps()
    taken = len(steps)
    last = Trained(spec, attempt=len(pauses) + 1, folder=folder)
    count = spec["epochs"] * spec["train_size"] // spec["batch_size"]
    assert steps + last.sink.steps() == list(range(count))
    assert same(expected.sink, last.sink, start=taken)
    assert {k: v[-1] for k, v in last.sink.sparse().items()} == {
        k: v[-1] for k, v in expected.sink.sparse().items()
    }
    assert equal(expected.weights(), last.weights())


def test_a_run_interrupted_after_an_epoch_and_within_one_ends_with_the_same_bits(
    spec: dict[str, Any], tmp_path: Path
) -> None:
    """Which is why the same seed gives the same run, too."""
    check_resumed(spec, [4, 1], tmp_path)


@pytest.mark.parametrize("at", [0, 9, 20, 30, 45])
@pytest.mark.parametrize(
    "more", [{"strategy": "gradient-blending"}, {"strategy": "umt", "baseline_epochs": 2}]
)
def test_a_run_interrupted_in_a_rehearsal_ends_with_the_same_bits(
    more: dict[str, Any], at: int, tmp_path: Path
) -> None:
    check_resumed(small(fusion="concat", modalities=2, train_size=128, **more), [at], tmp_path)


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


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


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
