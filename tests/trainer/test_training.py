"""Settings of the loop: optimizers, schedules, precision, order of examples, refusals."""

import logging
from typing import Any

import numpy as np
import pytest
import torch
from recorded import Trained

from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec
from trainer.attempt.assembly import build
from trainer.dataset import order
from trainer.encoders.avga import Attention
from trainer.fusions.avga_head import AVGAHead
from trainer.fusions.psp import PSP
from trainer.initialization import initialize
from trainer.measures.evaluate import evaluate
from trainer.training import Training

SPEC = {
    "strategy": "ogm-ge",
    "dataset": "synthetic",
    "train_size": 100,
    "batch_size": 16,
    "epochs": 2,
    "device": "cpu",
}


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("schedule", ["step", "cosine", "constant"])
def test_every_optimizer_and_schedule_trains(optimizer: str, schedule: str) -> None:
    lr = 0.05 if optimizer == "sgd" else 0.005
    given = {"optimizer": optimizer, "schedule": schedule, "lr": lr, "epochs": 4}
    losses = Trained(SPEC | {"strategy": "joint"} | given).sink.series("loss")
    assert np.isfinite(losses).all()
    assert losses[-6:].mean() < losses[:6].mean() - 0.1


def test_the_learning_rate_follows_its_schedule() -> None:
    total = 10
    factors = {
        schedule: [Training(schedule=schedule).factor(step, total) for step in range(total)]
        for schedule in ("step", "cosine", "constant")
    }
    assert factors["step"] == [1.0] * 7 + [0.1] * 3
    assert factors["constant"] == [1.0] * 10
    assert factors["cosine"] == sorted(factors["cosine"], reverse=True)
    assert factors["cosine"][0] == 1.0
    assert factors["cosine"][5] == pytest.approx(0.5)
    answer = Trained(SPEC | {"schedule": "step", "decay_at": 0.5}).sink.series("lr")
    assert answer.tolist() == pytest.approx([0.05] * 6 + [0.005] * 6)


def test_only_every_nth_step_is_told_and_training_is_the_same() -> None:
    whole, thin = Trained(SPEC).sink, Trained(SPEC | {"log_every": 5}).sink
    assert thin.steps() == whole.steps()[::5]
    assert thin.series("loss").tolist() == whole.series("loss")[::5].tolist()
    assert thin.sparse() == whole.sparse()


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
@pytest.mark.parametrize("noise", ["tensor-std", "sgd-diagonal"])
def test_mixed_precision_trains_close_to_single_precision(precision: str, noise: str) -> None:
    exact, mixed = (Trained(SPEC | {"precision": p, "noise": noise, "noise_scale": 0.0}) for p in
                    ("float32", precision))  # fmt: skip
    assert mixed.sink.series("loss")[0] == pytest.approx(exact.sink.series("loss")[0], rel=0.02)
    assert np.isfinite(mixed.sink.series("loss")).all()
    early = slice(0, 3)
    for name in ("grad_norm.fast", "noise_std.slow", "rho.fast"):
        assert mixed.sink.series(name)[early] == pytest.approx(
            exact.sink.series(name)[early], rel=0.1, abs=1e-6
        )


def test_a_first_step_left_out_for_its_overflow_leaves_no_momentum_behind() -> None:
    parameter = torch.nn.Parameter(torch.ones(1000))
    optimizer = Training(precision="float16").build_optimizer([parameter], torch.device("cpu"))
    scaler = torch.amp.GradScaler("cpu")  # type: ignore[attr-defined]  # torch does not list it
    scaler.scale((parameter * torch.inf).sum()).backward()
    scaler.step(optimizer)
    assert optimizer.state[parameter].get("momentum_buffer") is None
    assert torch.equal(parameter.detach(), torch.ones(1000))


def test_a_compiled_network_takes_the_same_steps() -> None:
    plain = Trained(SPEC | {"strategy": "joint", "epochs": 1, "train_size": 32})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.nn.Module, "compile", compile_without_code_generation)
        compiled = Trained(SPEC | {"strategy": "joint", "epochs": 1, "train_size": 32, "compile": True})
    np.testing.assert_allclose(compiled.sink.series("loss"), plain.sink.series("loss"), rtol=1e-5)


def compile_without_code_generation(module: Any) -> None:
    """As `Module.compile`, traced and differentiated ahead of time, but run by PyTorch's own kernels."""
    logging.getLogger("torch._dynamo").setLevel(logging.ERROR)
    module._compiled_call_impl = torch.compile(module._call_impl, backend="aot_eager")


def test_every_epoch_has_an_order_of_its_own_that_depends_on_the_seed_alone() -> None:
    assert torch.equal(order(3, 1, 50), order(3, 1, 50))
    assert not torch.equal(order(3, 1, 50), order(3, 2, 50))
    assert not torch.equal(order(3, 1, 50), order(4, 1, 50))
    assert sorted(order(3, 1, 50).tolist()) == list(range(50))


def test_only_whole_batches_are_trained_on() -> None:
    trained = Trained(SPEC)
    assert len(trained.sink.steps()) == 2 * (100 // 16)


def test_strategies_see_the_same_batches_whatever_random_numbers_they_draw() -> None:
    joint, noisy = Trained(SPEC | {"strategy": "joint"}), Trained(SPEC)
    assert joint.sink.series("loss")[0] == noisy.sink.series("loss")[0]
    assert joint.sink.series("loss")[1] != noisy.sink.series("loss")[1]


def test_validation_can_be_rarer_but_the_last_epoch_always_has_one() -> None:
    trained = Trained(SPEC | {"epochs": 5, "validate_every": 2})
    steps = [e.step for e in trained.sink.of("values") if "val.accuracy" in e.values()]
    assert steps == [12, 24, 30]


def test_the_gap_is_training_accuracy_of_the_epoch_less_validation_accuracy() -> None:
    sink = Trained(SPEC).sink
    for name in ("", ".fast", ".slow"):
        means = sink.series(f"accuracy{name}").reshape(2, 6).mean(1)
        expected = means - np.array(sink.sparse()[f"val.accuracy{name}"])
        assert sink.sparse()[f"gap{name}"] == pytest.approx(expected.tolist(), abs=1e-6)


def test_the_test_split_is_measured_once_with_the_best_validation_epochs_weights() -> None:
    trained = Trained(SPEC | {"epochs": 6})
    parts, progress = trained.session.parts, trained.session.progress
    validations = trained.sink.sparse()["val.accuracy"]
    assert len(trained.sink.sparse()["test.accuracy"]) == 1
    assert progress.best_accuracy == max(validations)
    assert parts.evaluate("validation").accuracy == pytest.approx(max(validations), abs=1e-9)


def test_evaluation_over_several_batches_is_the_mean_over_all_examples() -> None:
    parts = build(RunSpec.model_validate(SPEC))
    split = parts.splits["test"]
    result = parts.evaluate("test")
    parts.model.eval()
    with torch.no_grad():
        logits, unimodal = parts.strategy.predict(parts.model, split.inputs)
    assert result.accuracy == pytest.approx((logits.argmax(1) == split.target).double().mean().item())
    assert result.loss == pytest.approx(
        torch.nn.functional.cross_entropy(logits, split.target).item(), rel=1e-5
    )
    for m, z in unimodal.items():
        assert result.accuracies[m] == pytest.approx((z.argmax(1) == split.target).double().mean().item())
    assert result.samples == 2000
    assert evaluate(lambda x: parts.strategy.predict(parts.model, x), split) == result


def test_a_delay_slows_a_run_down() -> None:
    """n steps hold n - 1 delays: with two steps or more, at most twice the pace of the delay alone."""
    slow = Trained(SPEC | {"step_delay_ms": 20})
    assert slow.sink.series("throughput")[-1] < 2 * 16 / 0.02


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"strategy": "nope"}, "strategy"),
        ({"fusion": "nope"}, "fusion"),
        ({"dataset": "nope"}, "dataset"),
        ({"encoders": {"fast": "nope"}}, "encoder"),
        ({"encoders": {"smell": "mlp"}}, "encoders.smell"),
        ({"nothing": 1}, "nothing"),
        ({"alpha": -1}, "alpha"),
        ({"alpha": float("nan")}, "alpha"),
        ({"alpha": 1e9}, "alpha"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 101}, "batch_size"),
        ({"epochs": 1.5}, "epochs"),
        ({"modulation_ends": -1}, "modulation_ends"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        build(RunSpec.model_validate(SPEC | wrong))
    assert [e.field for e in refused.value.errors] == [field]


def test_a_gpu_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InvalidInput, match="no GPU"):
        build(RunSpec.model_validate(SPEC | {"device": "cuda"}))


@pytest.mark.parametrize("law", ["ogm-ge", "agm", "mmpareto", "pytorch"])
def test_layers_start_by_the_law_that_was_chosen(law: str) -> None:
    given = {"strategy": "joint", "fusion": "concat", "initialization": law}
    network = build(RunSpec.model_validate({"device": "cpu", **given})).model
    head = network.fusion.get_parameter("head.weight").detach()
    bias, (fan_out, fan_in) = network.fusion.get_parameter("head.bias").detach(), head.shape
    xavier = law in {"ogm-ge", "agm"}
    std = (2 / (fan_in + fan_out)) ** 0.5 if xavier else (3 * fan_in) ** -0.5
    assert head.std().item() == pytest.approx(std, rel=0.15)
    assert (bias == 0).all() == xavier
    norms = [one for one in network.modules() if isinstance(one, torch.nn.BatchNorm2d)]
    assert all((one.weight == 1).all() == (law != "mmpareto") for one in norms)
    first = next(one for one in network.modules() if isinstance(one, torch.nn.Conv2d)).weight.detach()
    if law != "pytorch":
        fan_out = first.shape[0] * 9
        assert first.std().item() == pytest.approx((2 / fan_out) ** 0.5, rel=0.25)
        assert (first.abs().max().item() <= (6 / fan_out) ** 0.5) == (law == "agm")


def test_weights_from_a_file_are_not_started_again_and_psp_starts_as_published() -> None:
    loaded, plain = (torch.nn.Sequential(torch.nn.Linear(3, 3)) for _ in range(2))
    loaded.own_start = True
    before = [[p.detach().clone() for p in one.parameters()] for one in (loaded, plain)]
    network = torch.nn.Sequential(loaded, plain)
    initialize(network, "ogm-ge")
    assert all(torch.equal(a, b) for a, b in zip(loaded.parameters(), before[0], strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(plain.parameters(), before[1], strict=True))
    assert PSP.own_start
    assert AVGAHead.own_start
    assert Attention.own_start
