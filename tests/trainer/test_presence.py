"""Examples that lack a modality: it gives neither features nor gradient, and no value where none has it."""

import copy
import json
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded import Trained
from torch import Tensor

from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec
from rhoscope.torch.balance import discrepancy_ratios, measure, pooled
from rhoscope.torch.presence import Partial, Presence, presence_of
from trainer.attempt.assembly import Parts, build
from trainer.dataset import Held
from trainer.measures.by_class import ByClass
from trainer.measures.evaluate import evaluate
from trainer.plugins import abilities, describe, load, sources
from trainer.precision import Precision
from trainer.strategy import Step

M = ("fast", "slow", "slow2")
N, CLASSES = 12, 8
SMALL: dict[str, Any] = {
    "dataset": "synthetic",
    "modalities": 3,
    "train_size": 64,
    "batch_size": N,
    "epochs": 2,
    "device": "cpu",
    "hidden": 8,
}
MASKED = [name for name in sources("strategy") if load("strategy", name).masked]
FUSIONS = [name for name in sources("fusion") if load("fusion", name).masked]
FITS = [
    (strategy, fusion)
    for strategy in MASKED
    for fusion in FUSIONS
    if set(load("strategy", strategy).requires) <= {*abilities(load("fusion", fusion)), "validation"}
]


@st.composite
def tables(draw: st.DrawFn, names: tuple[str, ...] = M, samples: int = N) -> dict[str, Tensor]:
    """Masks in which every sample has some modality."""
    rows = draw(
        st.lists(st.integers(1, 2 ** len(names) - 1), min_size=samples, max_size=samples)
    )  # bits of each sample
    return {m: torch.tensor([bool(row >> place & 1) for row in rows]) for place, m in enumerate(names)}


@cache
def built(given: str) -> Parts:
    parts = build(RunSpec.model_validate(SMALL | json.loads(given)))
    parts.model.train()
    return parts


def parts_of(masks: dict[str, Tensor] | None = None, **given: Any) -> Parts:
    """A run's parts as they begin, the training split being one batch with these masks."""
    parts = copy.deepcopy(built(json.dumps(given)))
    inputs, target = next(parts.splits["train"].batches([torch.arange(N)]))
    parts.splits = {"train": Held(inputs, target, masks)}
    return parts


def step_of(parts: Parts) -> Step:
    inputs, target = next(parts.splits["train"].batches([torch.arange(N)]))
    return Step(parts.model, parts.optimizer, parts.precision, inputs, target, 0)


def gradients_of(parts: Parts, step: Step) -> dict[str, list[Tensor | None]]:
    """Each encoder's gradient of the strategy's loss, None where there is none."""
    loss = parts.strategy.loss(step, parts.strategy.forward(step))
    loss.backward()  # type: ignore[no-untyped-call]  # so torch declares it
    return {
        m: [None if p.grad is None else p.grad.clone() for p in ps]
        for m, ps in parts.model.encoder_parameters.items()
    }


@settings(max_examples=60, deadline=None)
@given(masks=tables(), seed=st.integers(0, 99), rule=st.sampled_from(["mean", "min"]))
def test_two_modalities_are_compared_over_the_samples_that_have_both(
    masks: dict[str, Tensor], seed: int, rule: Any
) -> None:
    """ρ of a masked batch is that of the batches from which samples that lack one of the two are removed."""
    torch.manual_seed(seed)
    logits = {m: torch.randn(N, CLASSES, dtype=torch.float64) * 3 for m in M}
    target = torch.randint(CLASSES, (N,))
    balance = measure(logits, target, Presence(masks))
    ratios = dict(zip(M, balance.ratios(rule).tolist(), strict=True))
    for m in M:
        pairs = []
        for other in M:
            both = masks[m] & masks[other]
            if other != m and both.any():
                pair = {u: logits[u][both] for u in (m, other)}
                pairs.append(discrepancy_ratios(pair, target[both])[m].item())
        expected = (max(pairs) if rule == "min" else sum(pairs) / len(pairs)) if pairs else float("nan")
        assert ratios[m] == pytest.approx(expected, rel=1e-9, nan_ok=True)
        assert (m in Presence(masks).alone) == (not pairs)


@settings(max_examples=40, deadline=None)
@given(masks=tables(), seed=st.integers(0, 99))
def test_score_loss_and_accuracy_are_those_of_the_batch_without_the_samples_that_lack_it(
    masks: dict[str, Tensor], seed: int
) -> None:
    torch.manual_seed(seed)
    logits = {m: torch.randn(N, CLASSES, dtype=torch.float64) for m in M}
    target = torch.randint(CLASSES, (N,))
    balance = measure(logits, target, Presence(masks))
    for place, m in enumerate(M):
        rows = masks[m]
        if not rows.any():
            assert balance.score()[place].isnan()
            continue
        alone = measure({m: logits[m][rows]}, target[rows])
        torch.testing.assert_close(balance.score()[place], alone.score()[0])
        torch.testing.assert_close(balance.loss[place], alone.loss[0])
        torch.testing.assert_close(balance.accuracy[place], alone.accuracy[0])


@settings(max_examples=40, deadline=None)
@given(masks=tables(samples=2 * N), seed=st.integers(0, 99))
def test_parts_of_a_batch_merge_to_the_whole_batchs_sums_and_counts(
    masks: dict[str, Tensor], seed: int
) -> None:
    """Also where one part has no sample of a modality, and parts have unequal numbers of it."""
    torch.manual_seed(seed)
    logits = {m: torch.randn(2 * N, CLASSES, dtype=torch.float64) for m in M}
    target = torch.randint(CLASSES, (2 * N,))
    whole = measure(logits, target, Presence(masks))
    parts = [slice(0, None, 2), slice(1, None, 2)]
    own = [
        measure(
            {m: z[p] for m, z in logits.items()}, target[p], Presence({m: k[p] for m, k in masks.items()})
        )
        for p in parts
    ]
    answer: list[Tensor] = []
    for balance in own:  # what each part would send
        pooled(balance, lambda values: (answer.append(values), torch.stack([values]))[1])
    merged = pooled(own[0], lambda _: torch.stack(answer))
    for name in ("log_score", "loss", "accuracy", "counts", "shared"):
        torch.testing.assert_close(getattr(merged, name), getattr(whole, name), equal_nan=True)
    torch.testing.assert_close(merged.ratios(), whole.ratios(), equal_nan=True)
    torch.testing.assert_close(merged.score(), whole.score(), equal_nan=True)


@pytest.mark.parametrize(("strategy", "fusion"), FITS)
@settings(max_examples=4, deadline=None)
@given(masks=tables())
def test_an_absent_modality_contributes_neither_features_nor_gradient(
    strategy: str, fusion: str, masks: dict[str, Tensor]
) -> None:
    """Whatever stands in its place changes nothing, and nothing of it reaches its encoder."""
    given = {"strategy": strategy, "fusion": fusion, "drop_rate": 0.0} if strategy == "modality-drop" else {
        "strategy": strategy, "fusion": fusion}  # fmt: skip
    result = []
    for rubbish in (0.0, torch.nan):
        parts = parts_of(masks, **given)
        split = parts.splits["train"]
        assert isinstance(split, Held)
        for m in M:
            split.inputs[m][~masks[m]] = rubbish
        result.append(gradients_of(parts, step_of(parts)))
    for m in M:
        for one, other in zip(result[0][m], result[1][m], strict=True):
            assert (one is None) == (other is None) == (not masks[m].any())
            if one is not None and other is not None:
                assert torch.equal(one, other)
                assert one.isfinite().all()


@settings(max_examples=10, deadline=None)
@given(masks=tables())
@pytest.mark.parametrize("fusion", ["concat", "sum"])
def test_the_gradient_is_that_of_a_batch_without_those_samples(fusion: str, masks: dict[str, Tensor]) -> None:
    """Each sample on its own, with the modalities it has and no others, gives the same in sum."""
    parts = parts_of(masks, strategy="joint", fusion=fusion)
    masked = gradients_of(parts, step_of(parts))
    parts = parts_of(masks, strategy="joint", fusion=fusion)
    inputs, target = next(parts.splits["train"].batches([torch.arange(N)]))
    weights = parts.model.fusion.class_weights()
    heads = getattr(parts.model.fusion, "heads", None)
    bias = None if heads else parts.model.fusion.head.bias
    for row in range(N):
        there = [m for m in M if masks[m][row]]
        logits = torch.zeros(1, CLASSES) if heads else bias[None]
        for m in there:
            features = parts.model.encoders[m](inputs[m][row : row + 1])
            logits = logits + features @ weights[m].mT + (heads[m].bias if heads else 0)
        loss = torch.nn.functional.cross_entropy(logits, target[row : row + 1]) / N
        loss.backward()  # type: ignore[no-untyped-call]
    for m, ps in parts.model.encoder_parameters.items():
        for parameter, grad in zip(ps, masked[m], strict=True):
            torch.testing.assert_close(grad, parameter.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("strategy", MASKED)
def test_a_step_without_any_sample_of_a_modality_has_no_value_for_its_series(strategy: str) -> None:
    masks = {"fast": torch.arange(N) < N // 2, "slow": torch.arange(N) >= N // 2,
             "slow2": torch.zeros(N, dtype=torch.bool)}  # fmt: skip
    parts = parts_of(masks, strategy=strategy)
    before = [p.detach().clone() for p in parts.model.encoder_parameters["slow2"]]
    step = step_of(parts)
    values = parts.strategy.step(step)
    dense = {s.name for s in parts.series if not s.sparse} - {"lr", "throughput"}
    assert {name for name in dense if name.endswith(".slow2")} | {
        "rho.fast",
        "rho.slow",
    } == dense - values.keys()
    assert dense - values.keys() == step.silent & dense
    assert all(value.isfinite() for value in values.values())
    assert all(
        torch.equal(p, b) for p, b in zip(parts.model.encoder_parameters["slow2"], before, strict=True)
    )


@pytest.mark.parametrize(("strategy", "fusion"), FITS)
def test_a_step_with_missing_modalities_never_waits_for_the_device(strategy: str, fusion: str) -> None:
    """On the meta device tensors have no values: whatever read one on the host would raise."""
    masks = {m: torch.arange(N) % (2 + place) == 0 for place, m in enumerate(M)}
    masks["fast"] |= ~torch.stack(list(masks.values())).any(0)
    masks["slow2"] = torch.zeros(N, dtype=torch.bool)
    parts = parts_of(masks, strategy=strategy, fusion=fusion)
    device = torch.device("meta")
    parts.model.to(device)
    parts.precision = Precision("float32", device)
    parts.optimizer = parts.training.build_optimizer(parts.model.parameters(), device)
    inputs, target = next(parts.splits["train"].to(device).batches([torch.arange(N)]))
    strategy_there = type(parts.strategy)(parts.model, parts.strategy.settings).to(device)
    values = strategy_there.step(Step(parts.model, parts.optimizer, parts.precision, inputs, target, 0))
    assert "rho.slow" in values
    assert "rho.slow2" not in values
    assert all(v.device.type == "meta" and v.ndim == 0 for v in values.values())


@pytest.mark.parametrize("strategy", MASKED)
@pytest.mark.parametrize("noise", ["tensor-std", "sgd-diagonal"])
def test_nothing_is_changed_where_nothing_is_missing(strategy: str, noise: str) -> None:
    """To the bit: masks that leave nothing out cost nothing, since the split forgets them."""
    more = {"noise": noise} if "noise" in load("strategy", strategy).Settings.model_fields else {}
    rows = []
    for masks in (None, {m: torch.ones(N, dtype=torch.bool) for m in M}):
        parts = parts_of(masks, strategy=strategy, **more)
        step = step_of(parts)
        assert presence_of(step.inputs) is None
        torch.manual_seed(0)
        rows.append(parts.strategy.step(step))
    assert rows[0].keys() == rows[1].keys()
    assert all(torch.equal(rows[0][name], rows[1][name]) for name in rows[0])


def test_a_whole_run_records_no_value_where_there_is_none_and_never_nan(monkeypatch: Any) -> None:
    """Batches of four, of which some have no sample of a modality; probes, budgets and baselines too."""
    masks = {
        "fast": torch.arange(64) % 4 != 0,
        "slow": torch.arange(64) % 16 == 0,
        "slow2": torch.arange(64) % 2 == 0,
    }
    whole = load("dataset", "synthetic").load

    def some(self: Any) -> dict[str, Any]:
        splits = whole(self)
        given = splits["train"]
        rest = ~torch.stack(list(masks.values())).any(0)
        splits["train"] = Held(given.inputs, given.target, masks | {"fast": masks["fast"] | rest})
        return splits

    monkeypatch.setattr(load("dataset", "synthetic"), "load", some)
    given = SMALL | {"strategy": "ogm-ge", "batch_size": 4, "noise_budget_every": 3, "baseline_epochs": 1}
    trained = Trained(given | {"probe_every": 1})
    sink = trained.sink
    assert trained.outcome.state == "completed"
    assert sink.steps() == list(range(32))
    steps = {name: [int(s) for b in sink.blocks if name in b.header.names for s in b.steps] for name in
             ("rho.slow", "score.slow", "k.slow", "grad_norm.slow", "loss", "lr")}  # fmt: skip
    assert steps["loss"] == steps["lr"] == list(range(32))
    assert 0 < len(steps["score.slow"]) < 32
    assert steps["k.slow"] == steps["grad_norm.slow"] == steps["score.slow"]
    assert all(np.isfinite(block.values).all() for block in sink.blocks)
    assert all(np.isfinite(v).all() for v in sink.sparse().values())
    layers = [event.data for event in sink.of("table") if event.data["name"] == "layers"]
    assert all(isinstance(value, float) for table in layers for row in table["values"] for value in row)


def test_a_sample_without_any_modality_is_refused_in_one_sentence() -> None:
    masks = {"fast": torch.tensor([True, False, False]), "slow": torch.tensor([True, False, False])}
    with pytest.raises(InvalidInput, match=r"Example 1 and 1 more has no modality at all: .*fast, slow\.$"):
        Held({m: torch.zeros(3, 2) for m in masks}, torch.zeros(3, dtype=torch.int64), masks)


def test_training_on_some_modalities_leaves_out_the_examples_that_have_none_of_them() -> None:
    masks = {"fast": torch.tensor([True, False, True]), "slow": torch.tensor([True, True, False])}
    split = Held({m: torch.arange(3.0) for m in masks}, torch.arange(3), masks)
    only = split.only(["slow"])
    assert only.target.tolist() == only.inputs["slow"].tolist() == [0, 1]
    assert only.present is None
    both = split + split
    assert both.present is not None
    assert both.present["fast"].tolist() == [True, False, True] * 2


def test_evaluation_counts_each_modality_over_the_examples_that_have_it() -> None:
    target = torch.tensor([0, 1, 0, 1])
    masks = {"a": torch.tensor([True, True, False, False]), "b": torch.tensor([False, True, True, True])}
    right = torch.nn.functional.one_hot(target, 2) * 4.0
    split = Held({m: right.clone() for m in masks}, target, masks)
    split.inputs["a"][2:] = -right[2:]  # wrong, but not there
    split.inputs["b"][1] = -right[1]
    classes = ByClass(("zero", "one"))
    evaluation = evaluate(lambda inputs: (right, dict(inputs)), split, classes)
    assert evaluation.accuracies == {"a": 1.0, "b": pytest.approx(2 / 3)}
    assert evaluation.accuracy == 1.0
    table = classes.table(0)
    assert table is not None
    values = dict(zip(table.columns, np.array(table.values).T.tolist(), strict=True))
    assert values["accuracy.a"] == [1.0, 1.0]
    assert values["accuracy.b"] == [1.0, 0.5]


CATALOG = describe()
UNMASKED = [("strategy", n) for n in sources("strategy") if n not in MASKED]
UNMASKED += [("fusion", n) for n in sources("fusion") if n not in FUSIONS]


@pytest.mark.parametrize(("kind", "name"), UNMASKED)
def test_what_needs_every_modality_is_refused_with_what_does_not(kind: str, name: str) -> None:
    spec = RunSpec.model_validate(
        {"dataset": "digit-views", "strategy": "joint", "fusion": "concat", "device": "cpu"} | {kind: name}
    )
    for check in (CATALOG.check, build):
        with pytest.raises(InvalidInput) as refused:
            check(spec)
        (error,) = refused.value.errors
        assert error.field == kind
        assert error.message.startswith(f"{kind} '{name}' needs every modality of every example")
        assert "joint" in error.message or "concat" in error.message
    CATALOG.check(spec.model_copy(update={"settings": {"missing": 0}}))


def test_an_encoder_that_others_guide_is_refused_and_so_is_a_switch_to_what_needs_all() -> None:
    assert not load("encoder", "avga").masked
    assert load("encoder", "mlp").masked
    spec = RunSpec.model_validate({"dataset": "digit-views", "strategy": "joint", "device": "cpu"})
    guided = spec.model_copy(update={"encoders": {"pixels": "avga"}})
    with pytest.raises(InvalidInput, match="encoder 'avga' needs every modality") as refused:
        CATALOG.check(guided)
    assert refused.value.errors[0].field == "encoders.pixels"
    with pytest.raises(InvalidInput, match="strategy 'agm' needs every modality"):
        CATALOG.check_live(spec, {"strategy": "agm"})
    parts = build(spec)
    with pytest.raises(InvalidInput, match="strategy 'agm' needs every modality"):
        parts.change("strategy", "agm")
    assert parts.change("strategy", "ogm") == "joint"


def test_a_dropped_modality_is_never_the_only_one_an_example_has() -> None:
    masks = {"fast": torch.arange(N) % 2 == 0, "slow": torch.ones(N, dtype=torch.bool),
             "slow2": torch.arange(N) < 3}  # fmt: skip
    parts = parts_of(masks, strategy="modality-drop", drop="slow", drop_rate=1.0)
    step = step_of(parts)
    parts.strategy.forward(step)
    having = masks["fast"] | masks["slow2"]
    assert step.values["dropped.slow"].item() == pytest.approx(having.float().mean().item())


def test_a_partial_mapping_knows_what_is_missing() -> None:
    there = Presence({"a": torch.tensor([True, False])})
    assert presence_of(Partial({"a": torch.zeros(2)}, there)) is there
    assert presence_of({"a": torch.zeros(2)}) is None
    assert there.absent == frozenset()
