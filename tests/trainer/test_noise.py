"""The noise of generalization enhancement: as strong as its estimator says, and only where it may be.

Statistical tests use fixed seeds; their bounds are five standard errors, so that a right program would fail
with one in about a million other seeds.
"""

from typing import cast

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec
from rhoscope.torch import noise as drawing
from rhoscope.torch.host import tensor_of
from rhoscope.torch.noise import add_noise, tensor_stds
from trainer.attempt.assembly import Parts, build
from trainer.encoder import Encoder
from trainer.fusions.concat import Concat
from trainer.model import Model
from trainer.noise import sgd_deviations
from trainer.precision import Precision
from trainer.strategies.ogm_ge import OGMGE, OGMGESettings
from trainer.strategy import Step

M = ("audio", "visual")


def prepared(**settings: object) -> tuple[Parts, Step]:
    parts = build(RunSpec(strategy="ogm-ge", settings={"device": "cpu", **settings}))
    parts.model.train()
    inputs, target = next(parts.splits["train"].batches([torch.arange(64)]))
    return parts, Step(parts.model, parts.optimizer, parts.precision, inputs, target, 0)


@pytest.mark.parametrize("add", ["_one_by_one", "_at_once"])  # as on a CPU, as on a GPU
@pytest.mark.parametrize("together", [1, 2**17])
def test_drawn_noise_has_the_deviation_asked_for_in_every_tensor_and_is_white(
    monkeypatch: pytest.MonkeyPatch, add: str, together: int
) -> None:
    monkeypatch.setattr(drawing, "_one_by_one", getattr(drawing, add))
    monkeypatch.setattr(drawing, "TOGETHER", together)
    torch.manual_seed(0)
    one, two = torch.zeros(100, 100), torch.zeros(50, 20, 10)
    each = torch.tensor([0.5, 3.0])
    lengths, spreads = add_noise([[one, two]], each)
    assert lengths is not None
    (length,), (rms,) = lengths, spreads
    assert length.item() == pytest.approx(torch.cat([one.flatten(), two.flatten()]).norm().item(), rel=1e-5)
    for noise, deviation in ((one, 0.5), (two, 3.0)):
        error = deviation / 10_000**0.5
        assert noise.mean().item() == pytest.approx(0.0, abs=5 * error)
        assert noise.std().item() == pytest.approx(deviation, abs=5 * error / 2**0.5)
        neighbors = (noise.flatten()[1:] * noise.flatten()[:-1]).mean().item()
        assert neighbors == pytest.approx(0.0, abs=5 * deviation**2 / 100)
    assert rms.item() == pytest.approx(((0.25 + 9.0) / 2) ** 0.5, rel=1e-6)


def test_noise_of_an_entrys_own_deviation_is_the_same_as_of_its_tensors() -> None:
    grads = [[torch.zeros(100, 100), torch.zeros(9)] for _ in range(3)]
    stds = torch.tensor([0.5, 3.0])
    entries = [std.expand(grad.shape) for std, grad in zip(stds, grads[0], strict=True)]
    results = []
    for some, deviations, measured in zip(grads, (stds, entries, stds), (True, True, False), strict=True):
        torch.manual_seed(0)
        results.append(add_noise([some], deviations, measured=measured))
    for one, two, unmeasured in zip(*grads, strict=True):
        torch.testing.assert_close(one, two)
        assert torch.equal(one, unmeasured)
    (length, rms), (other, other_rms), (nothing, _) = results
    assert length is not None
    assert other is not None
    assert nothing is None
    assert (length.item(), rms.item()) == pytest.approx((other.item(), other_rms.item()), rel=1e-6)


def test_gradients_of_several_types_each_get_noise_of_their_own() -> None:
    torch.manual_seed(0)
    groups = [[torch.zeros(100, 100)], [torch.zeros(9, 900, dtype=torch.float64), torch.zeros(7).double()]]
    lengths, spreads = add_noise(groups, torch.tensor([2.0, 0.5, 0.5]))
    assert lengths is not None
    expected = [torch.cat([grad.flatten() for grad in group]).norm().item() for group in groups]
    assert lengths.tolist() == pytest.approx(expected, rel=1e-5)
    assert tensor_of(spreads).tolist() == pytest.approx([2.0, 0.5])
    assert groups[1][0].std().item() == pytest.approx(0.5, rel=0.05)


def test_tensor_std_is_the_official_codes_estimate() -> None:
    grad = torch.tensor([1.0, 2.0, 3.0, 4.0])
    several, single = tensor_of(tensor_stds([grad, torch.tensor([3.0])], 2.0))
    assert several.item() == pytest.approx(2 * (grad.std().item() + 1e-8))
    assert single.item() == pytest.approx(2e-8)


def test_noise_is_added_to_k_times_the_gradient_with_the_strength_of_the_gradient_before_k() -> None:
    parts, step = prepared(alpha=100.0)
    quiet, silent = prepared(alpha=100.0, noise_scale=0.0)
    row, bare = parts.strategy.step(step), quiet.strategy.step(silent)
    ahead = next(m for m in M if bare[f"k.{m}"] < 1)
    assert bare[f"k.{ahead}"].item() == 0.0
    joint = build(RunSpec(strategy="joint", settings={"device": "cpu"}))
    joint.model.train()
    joint.strategy.step(
        Step(joint.model, joint.optimizer, joint.precision, dict(step.inputs), step.target, 0)
    )
    drawn = expected = spread = torch.zeros(())
    for (name, p), (_, q) in zip(
        parts.model.encoders[ahead].named_parameters(),
        joint.model.encoders[ahead].named_parameters(),
        strict=True,
    ):
        assert p.grad is not None
        assert q.grad is not None
        if p.grad.ndim != 4:
            assert torch.equal(p.grad, q.grad), name
            continue
        drawn = drawn + p.grad.square().sum()
        expected = expected + q.grad.var() * q.grad.numel()
        spread = spread + 2 * q.grad.var().square() * q.grad.numel()
    entries = sum(p.numel() for p in parts.model.encoders[ahead].parameters() if p.ndim == 4)
    assert drawn.item() == pytest.approx(expected.item(), abs=5 * spread.sqrt().item())
    assert row[f"noise.{ahead}"].item() == pytest.approx(drawn.sqrt().item(), rel=1e-4)
    assert row[f"noise_std.{ahead}"].item() == pytest.approx((expected / entries).sqrt().item(), rel=1e-4)


def test_the_modality_that_is_not_braked_gets_noise_as_well() -> None:
    parts, step = prepared()
    row = parts.strategy.step(step)
    assert sorted(row[f"k.{m}"].item() == 1.0 for m in M) == [False, True]
    assert all(row[f"noise.{m}"].item() > 0 for m in M)


class Linear(Encoder):
    """No BatchNorm: per-sample gradients exist."""

    def __init__(self, shape: tuple[int, ...], settings: OGMGESettings) -> None:
        super().__init__(shape, settings)
        self.width = 3
        self.stages = nn.ModuleList([nn.Linear(shape[0], 3, bias=False), nn.Tanh()])


def linear_model() -> tuple[Model, dict[str, Tensor], Tensor]:
    torch.manual_seed(3)
    model = Model(
        {m: Linear((4,), OGMGESettings()) for m in M}, Concat(dict.fromkeys(M, 3), 3, OGMGESettings())
    )
    return model.double(), {m: torch.randn(24, 4).double() for m in M}, torch.randint(3, (24,))


def exact_variance(model: Model, inputs: dict[str, Tensor], target: Tensor, weight: Tensor) -> Tensor:
    """The per-sample variance of the gradient over the batch size: Σ_sgd's diagonal, the slow way."""
    each = []
    for i in range(len(target)):
        one = model({m: x[i : i + 1] for m, x in inputs.items()}).logits
        each.append(torch.autograd.grad(cross_entropy(one, target[i : i + 1]), weight)[0])
    return torch.stack(each).var(0) / len(target)


@pytest.mark.parametrize("parts", [2, 4, 24])
def test_micro_batches_estimate_the_mini_batch_gradients_covariance_without_bias(parts: int) -> None:
    """The mean estimate over random cuts of the batch into parts meets the exact per-sample result."""
    model, inputs, target = linear_model()
    strategy = OGMGE(model, OGMGESettings(noise="sgd-diagonal", micro_batches=parts, scope="all"))
    weight = cast("nn.Linear", model.encoders["audio"].stages[0]).weight
    exact = exact_variance(model, inputs, target, weight)
    optimizer, precision = torch.optim.SGD(model.parameters()), Precision("float32", torch.device("cpu"))
    result = []
    for _ in range(1 if parts == 24 else 400):
        order = torch.randperm(24)
        cut = {m: x[order] for m, x in inputs.items()}
        step = Step(model, optimizer, precision, cut, target[order], 0)
        result.append(sgd_deviations(strategy, step, [weight], parts)[0].square())
    estimate = torch.stack(result)
    if parts == 24:
        torch.testing.assert_close(estimate[0], exact, rtol=1e-4, atol=1e-12)
        return
    error = estimate.std(0) / len(result) ** 0.5
    assert ((estimate.mean(0) - exact).abs() <= 5 * error).all()


def test_estimating_leaves_the_step_what_it_was() -> None:
    """Statistics of BatchNorm, weights and gradients but for the noise are those of the other estimator."""
    one, step_one = prepared(noise_scale=0.0, noise="tensor-std")
    two, step_two = prepared(noise_scale=0.0, noise="sgd-diagonal")
    row_one, row_two = one.strategy.step(step_one), two.strategy.step(step_two)
    assert {k: v.item() for k, v in row_one.items()} == {k: v.item() for k, v in row_two.items()}
    for (name, a), b in zip(one.model.state_dict().items(), two.model.state_dict().values(), strict=True):
        assert torch.equal(a, b), name


def test_both_estimators_are_of_one_order_at_the_start_of_training() -> None:
    rows = {}
    for noise in ("tensor-std", "sgd-diagonal"):
        parts, step = prepared(noise=noise)
        rows[noise] = parts.strategy.step(step)
    for m in M:
        ratio = rows["sgd-diagonal"][f"noise_std.{m}"] / rows["tensor-std"][f"noise_std.{m}"]
        assert 0.2 < ratio.item() < 5.0


@pytest.mark.parametrize(("batch", "parts"), [(64, 64), (6, 4)])
def test_batch_norm_refuses_micro_batches_of_one_before_training_starts(batch: int, parts: int) -> None:
    settings = {"device": "cpu", "noise": "sgd-diagonal", "micro_batches": parts, "batch_size": batch}
    with pytest.raises(InvalidInput, match="BatchNorm") as refused:
        build(RunSpec(strategy="ogm-ge", settings=settings))
    assert refused.value.errors[0].field == "micro_batches"


@pytest.mark.parametrize("strategy", ["ogm", "ogm-ge"])
def test_an_encoder_that_would_get_no_modulation_is_refused_at_launch(strategy: str) -> None:
    spec = {"strategy": strategy, "encoders": {"audio": "mlp"}, "device": "cpu"}
    with pytest.raises(InvalidInput, match=r"'audio' \(MLP\) has no convolution weights.*'all'"):
        build(RunSpec.model_validate(spec | {"scope": "conv"}))
    build(RunSpec.model_validate(spec | {"scope": "all"}))
    build(RunSpec.model_validate(spec))
