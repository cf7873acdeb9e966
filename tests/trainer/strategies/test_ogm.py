"""The method's arithmetic: ratios and coefficients, against a naive reference and by their properties."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rhoscope.spec import RunSpec
from trainer.attempt.assembly import Parts, build
from trainer.strategies.ogm import coefficients, discrepancy_ratios
from trainer.strategy import Step

NAMES = ("audio", "visual", "text", "touch")
Batch = tuple[dict[str, Tensor], Tensor]


@st.composite
def batches(draw: st.DrawFn, least: int = 2, most: int = 4, far: float = 80.0) -> Batch:
    """Logits in ±far of 2 to 4 modalities for 1 to 12 samples of 2 to 6 classes, and their classes."""
    modalities = NAMES[: draw(st.integers(least, most))]
    n, classes = draw(st.integers(1, 12)), draw(st.integers(2, 6))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    scale = draw(st.floats(0.0, far))
    logits = {
        m: (torch.rand(n, classes, generator=generator, dtype=torch.float64) * 2 - 1) * scale
        for m in modalities
    }
    return logits, torch.randint(classes, (n,), generator=generator)


def naive_scores(logits: dict[str, Tensor], target: Tensor) -> dict[str, float]:
    """Equation 8, sample by sample, in Python's own numbers."""
    scores = {}
    for modality, rows in logits.items():
        total = 0.0
        for row, right in zip(rows.tolist(), target.tolist(), strict=True):
            powers = [math.exp(z - max(row)) for z in row]
            total += powers[right] / sum(powers)
        scores[modality] = total
    return scores


@given(batches(far=15.0))
def test_ratios_are_those_of_a_naive_computation_sample_by_sample(batch: Batch) -> None:
    logits, target = batch
    scores = naive_scores(logits, target)
    mean, least = discrepancy_ratios(logits, target), discrepancy_ratios(logits, target, "min")
    for u in logits:
        others = [scores[u] / scores[v] for v in logits if v != u]
        assert mean[u].item() == pytest.approx(sum(others) / len(others), rel=1e-6)
        assert least[u].item() == pytest.approx(max(others), rel=1e-6)


@given(batches(far=10.0), st.sampled_from([0.0, 0.1, 0.8, 1.5, 30.0]))
def test_coefficients_are_those_of_the_paper(batch: Batch, alpha: float) -> None:
    logits, target = batch
    scores = naive_scores(logits, target)
    rho = {u: sum(scores[u] / scores[v] for v in logits if v != u) / (len(logits) - 1) for u in logits}
    k = coefficients(discrepancy_ratios(logits, target), alpha)
    for u in logits:
        if abs(rho[u] - 1) > 1e-9:
            expected = 1 - math.tanh(alpha * rho[u]) if rho[u] > 1 else 1.0
            assert k[u].item() == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(batches(most=2))
def test_two_ratios_are_each_others_inverse(batch: Batch) -> None:
    rho = discrepancy_ratios(*batch)
    assert (rho["audio"] * rho["visual"]).item() == pytest.approx(1.0, rel=1e-6)


@given(batches(), st.floats(0.0, 100.0), st.sampled_from(["paper", "journal"]))
def test_k_lies_in_0_to_1_and_is_1_exactly_where_nobody_dominates(
    batch: Batch, alpha: float, rule: str
) -> None:
    rho = discrepancy_ratios(*batch)
    for u, k in coefficients(rho, alpha, rule).items():  # type: ignore[arg-type]
        assert 0.0 <= k.item() <= 1.0
        if rho[u].item() <= 1.0:
            assert k.item() == 1.0
        elif alpha > 1e-3 and rho[u].item() > 1.001:
            assert k.item() < 1.0


@given(batches(), st.lists(st.floats(0.0, 100.0), min_size=2, max_size=5))
def test_k_never_grows_with_alpha(batch: Batch, alphas: list[float]) -> None:
    rho = discrepancy_ratios(*batch)
    steps = [coefficients(rho, alpha) for alpha in sorted(alphas)]
    assert all(later[u] <= earlier[u] for earlier, later in pairwise(steps) for u in rho)


@given(batches(), st.randoms())
def test_neither_the_order_of_samples_nor_the_names_of_modalities_matter(
    batch: Batch, random: object
) -> None:
    logits, target = batch
    rho = discrepancy_ratios(logits, target)
    order = torch.randperm(len(target))
    shuffled = discrepancy_ratios({m: z[order] for m, z in logits.items()}, target[order])
    renamed = discrepancy_ratios({f"my {m}": logits[m] for m in reversed(logits)}, target)
    for m in logits:
        assert shuffled[m].item() == pytest.approx(rho[m].item(), rel=1e-9)
        assert renamed[f"my {m}"].item() == pytest.approx(rho[m].item(), rel=1e-9)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("samples", [1, 64])
@pytest.mark.parametrize("modalities", [2, 3])
def test_extreme_logits_give_finite_numbers(kind: torch.dtype, samples: int, modalities: int) -> None:
    """All right against all wrong, by 80 each: scores e^160 apart."""
    logits = {m: torch.full((samples, 3), 80.0, dtype=kind) for m in NAMES[:modalities]}
    logits["audio"][:, 1:] = -80
    logits["visual"][:, 0] = -80
    rho = discrepancy_ratios(logits, torch.zeros(samples, dtype=torch.int64))
    k = coefficients(rho, 1.5)
    assert all(torch.isfinite(r) and r > 0 for r in rho.values())
    assert k["audio"].item() == 0.0
    assert k["visual"].item() == 1.0
    assert rho["audio"].dtype == (torch.float64 if kind == torch.float64 else torch.float32)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_logits_are_summed_in_more_than_half_precision(kind: torch.dtype) -> None:
    torch.manual_seed(0)
    logits = {m: torch.randn(4096, 10).to(kind) for m in ("audio", "visual")}
    target = torch.randint(10, (4096,))
    exact = discrepancy_ratios({m: z.double() for m, z in logits.items()}, target)
    assert discrepancy_ratios(logits, target)["audio"].item() == pytest.approx(
        exact["audio"].item(), rel=1e-6
    )


@pytest.mark.parametrize("modalities", [2, 3, 4])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_a_tie_brakes_nobody(modalities: int, kind: torch.dtype) -> None:
    torch.manual_seed(1)
    same = torch.randn(5, 4, dtype=kind)
    rho = discrepancy_ratios(dict.fromkeys(NAMES[:modalities], same), torch.tensor([0, 1, 2, 3, 0]))
    assert {r.item() for r in rho.values()} == {1.0}
    assert {k.item() for k in coefficients(rho, 5.0).values()} == {1.0}


def test_nothing_is_differentiable_and_inputs_are_left_alone() -> None:
    logits = {m: torch.randn(4, 3, requires_grad=True) for m in ("audio", "visual")}
    before = {m: z.detach().clone() for m, z in logits.items()}
    rho = discrepancy_ratios(logits, torch.tensor([0, 1, 2, 0]))
    assert not any(x.requires_grad for x in [*rho.values(), *coefficients(rho, 1.0).values()])
    assert all(torch.equal(logits[m], before[m]) for m in logits)


def test_alpha_may_be_a_tensor_on_the_device() -> None:
    rho = {"audio": torch.tensor(2.0)}
    assert torch.equal(coefficients(rho, torch.tensor(0.8))["audio"], coefficients(rho, 0.8)["audio"])


@pytest.mark.parametrize("alpha", [-0.1, math.nan, math.inf])
def test_an_alpha_that_makes_no_sense_is_refused_by_name(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha"):
        coefficients({"audio": torch.tensor(2.0)}, alpha)


@pytest.mark.parametrize(
    ("logits", "target"),
    [
        ({}, torch.zeros(2, dtype=torch.int64)),
        ({"audio": torch.zeros(2, 3), "visual": torch.zeros(2, 4)}, torch.zeros(2, dtype=torch.int64)),
        ({"audio": torch.zeros(3, 3)}, torch.zeros(2, dtype=torch.int64)),
        ({"audio": torch.zeros(2, 3)}, torch.zeros(2, 1, dtype=torch.int64)),
    ],
)
def test_shapes_that_do_not_fit_are_named(logits: dict[str, Tensor], target: Tensor) -> None:
    with pytest.raises(ValueError, match="should"):
        discrepancy_ratios(logits, target)


def after_one_step(strategy: str, **settings: object) -> tuple[Parts, dict[str, Tensor]]:
    """Parts and row after the first step on AV-digits; one seed, so every strategy starts the same."""
    parts = build(RunSpec(strategy=strategy, settings={"device": "cpu", **settings}))
    parts.model.train()
    inputs, target = next(parts.splits["train"].batches([torch.arange(64)]))
    step = Step(parts.model, parts.optimizer, parts.precision, inputs, target, 0)
    return parts, parts.strategy.step(step)


def gradient_of(parts: Parts) -> dict[str, Tensor]:
    return {name: p.grad for name, p in parts.model.named_parameters() if p.grad is not None}


def is_convolution(name: str, gradient: Tensor) -> bool:
    return name.startswith("towers.") and gradient.ndim == 4


@pytest.mark.parametrize("strategy", ["ogm", "ogm-ge"])
def test_alpha_0_without_noise_is_joint_training_exactly(strategy: str) -> None:
    noise = {"noise_scale": 0.0} if strategy == "ogm-ge" else {}
    joint, _ = after_one_step("joint")
    modulated, row = after_one_step(strategy, alpha=0.0, **noise)
    assert row["k.audio"].item() == row["k.visual"].item() == 1.0
    assert all(
        torch.equal(a, b) for a, b in zip(joint.model.parameters(), modulated.model.parameters(), strict=True)
    )


def test_ogm_multiplies_convolutions_by_k_and_leaves_every_other_gradient_bit_identical() -> None:
    joint, _ = after_one_step("joint")
    modulated, row = after_one_step("ogm", alpha=0.8)
    theirs = gradient_of(modulated)
    ahead = next(m for m in ("audio", "visual") if row[f"k.{m}"] < 1)
    changed = 0
    for name, gradient in gradient_of(joint).items():
        factor = row[f"k.{ahead}"] if is_convolution(name, gradient) and ahead in name else 1.0
        changed += factor != 1.0
        assert torch.equal(theirs[name], gradient * factor), name
    assert changed == 3


def test_scope_all_takes_normalization_too_but_never_the_head() -> None:
    joint, _ = after_one_step("joint")
    modulated, row = after_one_step("ogm", alpha=0.8, scope="all")
    theirs = gradient_of(modulated)
    ahead = next(m for m in ("audio", "visual") if row[f"k.{m}"] < 1)
    for name, gradient in gradient_of(joint).items():
        factor = row[f"k.{ahead}"] if name.startswith(f"towers.{ahead}") else 1.0
        assert torch.equal(theirs[name], gradient * factor), name


def test_outside_its_window_nothing_is_modulated_and_no_noise_added() -> None:
    joint, _ = after_one_step("joint")
    later, row = after_one_step("ogm-ge", modulation_starts=1)
    assert all(torch.equal(g, gradient_of(joint)[name]) for name, g in gradient_of(later).items())
    assert {row[f"k.{m}"].item() for m in ("audio", "visual")} == {1.0}
    assert {row[f"noise.{m}"].item() for m in ("audio", "visual")} == {0.0}


def test_the_window_holds_both_its_ends() -> None:
    """Counted in epochs or in steps."""
    settings = {"device": "cpu", "modulation_starts": 2, "modulation_ends": 4}
    for unit in ("epoch", "step"):
        parts = build(RunSpec(strategy="ogm", settings={**settings, "modulation_unit": unit}))
        steps = [
            Step(parts.model, parts.optimizer, parts.precision, {}, torch.empty(0), epoch, number)
            for epoch, number in (
                [(n, 99) for n in range(7)] if unit == "epoch" else [(9, n) for n in range(7)]
            )
        ]
        assert [n for n, step in enumerate(steps) if parts.strategy.modulates(step)] == [2, 3, 4]  # type: ignore[operator]


def test_gradient_norms_are_told_before_and_after() -> None:
    parts, row = after_one_step("ogm", alpha=0.8)
    for m in ("audio", "visual"):
        grads = [p.grad.flatten() for p in parts.model.encoders[m].parameters() if p.grad is not None]
        assert row[f"grad_norm_modulated.{m}"].item() == pytest.approx(
            torch.cat(grads).norm().item(), rel=1e-5
        )
    _, joint = after_one_step("joint")
    for m in ("audio", "visual"):
        assert torch.equal(row[f"grad_norm.{m}"], joint[f"grad_norm.{m}"])
        assert torch.equal(joint[f"grad_norm_modulated.{m}"], joint[f"grad_norm.{m}"])


def test_the_row_holds_what_the_batch_shows() -> None:
    torch.manual_seed(0)
    parts = build(RunSpec(strategy="joint", settings={"device": "cpu"}))
    parts.model.train()
    inputs, target = next(parts.splits["train"].batches([torch.arange(64)]))
    output = parts.model(inputs)
    alone = parts.model.fusion.unimodal(output.features)
    row = parts.strategy.step(Step(parts.model, parts.optimizer, parts.precision, inputs, target, 0))
    scores = naive_scores({m: z.detach() for m, z in alone.items()}, target)
    for m, z in alone.items():
        assert row[f"score.{m}"].item() == pytest.approx(scores[m] / 64, rel=1e-5)
        assert row[f"accuracy.{m}"].item() == pytest.approx(
            (z.argmax(1) == target).float().mean().item(), rel=1e-6
        )
        expected = torch.nn.functional.cross_entropy(z, target).item()
        assert row[f"loss.{m}"].item() == pytest.approx(expected, rel=1e-5)
    assert row["rho.audio"].item() == pytest.approx(scores["audio"] / scores["visual"], rel=1e-5)


def test_an_exact_tie_brakes_the_first_modality_by_the_official_codes_rule_and_nobody_by_the_papers() -> None:
    tie = {m: torch.tensor(1.0) for m in ("audio", "visual")}
    assert {m: k.item() for m, k in coefficients(tie, 0.8).items()} == {"audio": 1.0, "visual": 1.0}
    result = coefficients(tie, 0.8, "official-code")
    assert result["audio"].item() == pytest.approx(1 - math.tanh(0.8), rel=1e-6)
    assert result["visual"].item() == 1.0


def test_rho_and_k_are_made_in_the_networks_own_precision() -> None:
    parts = build(RunSpec.model_validate({"strategy": "ogm", "dataset": "synthetic", "device": "cpu"}))
    model = parts.model.double()
    indices = [torch.arange(16)]
    ((inputs, target),) = parts.splits["train"].batches(indices)
    inputs = {m: x.double() for m, x in inputs.items()}
    step = Step(model, parts.optimizer, parts.precision, inputs, target, 0)
    with torch.no_grad():
        expected = discrepancy_ratios(model.fusion.unimodal(model.encode(inputs)), target)
    row = parts.strategy.step(step)
    for m in model.modalities:
        assert row[f"rho.{m}"].dtype == row[f"k.{m}"].dtype == torch.float64
        assert row[f"rho.{m}"].item() == pytest.approx(expected[m].item(), rel=1e-12)
