"""What a run can be asked to measure besides: single modalities, probes, noise budget, protocols."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from recorded import Trained

from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec
from trainer.attempt import noise_budget
from trainer.attempt.assembly import Parts, build
from trainer.measures.probe import probe
from trainer.measures.series import NOISE, SHARED
from trainer.strategy import Step
from trainer.training import Training

SMALL: dict[str, Any] = {
    "dataset": "synthetic",
    "train_size": 128,
    "batch_size": 16,
    "epochs": 3,
    "device": "cpu",
    "hidden": 8,
}
M = ("fast", "slow")


def parts_of(**given: Any) -> Parts:
    parts = build(RunSpec.model_validate(SMALL | given))
    parts.model.train()
    return parts


def step_of(parts: Parts, n: int = 16) -> Step:
    inputs, target = next(parts.splits["train"].batches([torch.arange(n)]))
    return Step(parts.model, parts.optimizer, parts.precision, inputs, target, 0)


class TestOneModality:
    def test_a_run_on_one_modality_is_the_joint_run_of_a_data_set_that_has_no_other(self) -> None:
        trained = Trained(SMALL | {"only": "slow", "strategy": "joint"})
        assert trained.sink.of("started")[0].data["modalities"] == ["slow"]
        assert {name for name in trained.sink.names() if ".fast" in name} == set()
        np.testing.assert_allclose(trained.sink.series("loss"), trained.sink.series("loss.slow"), rtol=1e-6)

    def test_two_of_three_can_be_named(self) -> None:
        parts = parts_of(modalities=3, only="slow, fast")
        assert set(parts.model.modalities) == {"fast", "slow"}

    def test_one_there_is_not_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="smell"):
            parts_of(only="smell")


class TestBaseline:
    def test_it_tells_how_far_each_branch_stays_behind_the_modality_alone(self) -> None:
        answer = Trained(SMALL | {"strategy": "joint", "baseline_epochs": 4}).sink.sparse()
        for m in M:
            assert len(set(answer[f"alone.{m}"])) == 1
            for alone, branch, behind in zip(
                answer[f"alone.{m}"], answer[f"val.accuracy.{m}"], answer[f"shortfall.{m}"], strict=True
            ):
                assert behind == pytest.approx(alone - branch)

    def test_the_run_itself_is_the_same_with_and_without(self) -> None:
        plain, measured = Trained(SMALL), Trained(SMALL | {"baseline_epochs": 2})
        np.testing.assert_array_equal(plain.sink.series("loss"), measured.sink.series("loss"))

    def test_alone_means_as_good_as_a_run_of_that_modality(self) -> None:
        """The rehearsal draws a head of its own; the encoder, the order and the schedule are the run's."""
        answer = Trained(SMALL | {"epochs": 6, "baseline_epochs": 6, "strategy": "joint"}).sink.sparse()
        alone = Trained(SMALL | {"epochs": 6, "only": "fast", "strategy": "joint"}).sink.sparse()
        assert answer["alone.fast"][0] == pytest.approx(max(alone["val.accuracy"]), abs=0.1)


class TestProbe:
    def test_features_that_tell_the_classes_apart_are_found_to_and_noise_is_not(self) -> None:
        parts = parts_of(strategy="joint")
        generator = torch.Generator().manual_seed(0)
        for split in parts.splits.values():
            classes = len(set(split.target.tolist()))
            clear = torch.nn.functional.one_hot(split.target, classes).float()
            shape = split.inputs["fast"].shape[1:]
            wide = torch.zeros(len(split), *shape).flatten(1)
            wide[:, :classes] = 3 * clear
            split.inputs["fast"] = wide.reshape(len(split), *shape)
            split.inputs["slow"] = torch.randn(split.inputs["slow"].shape, generator=generator)
        result = probe(parts.model, parts.splits, "validation", ("fast", "slow"))
        assert result["fast"] == 1.0
        assert result["slow"] < 0.5

    def test_only_the_named_modalities_are_probed(self) -> None:
        answer = Trained(SMALL | {"probe_every": 2, "probe": "slow"}).sink.sparse()
        assert {name for name in answer if "probe" in name} == {
            "probe.accuracy.slow",
            "test.probe.accuracy.slow",
        }
        with pytest.raises(InvalidInput, match="smell"):
            parts_of(probe="smell")

    def test_it_changes_nothing_of_the_run(self) -> None:
        plain, probed = Trained(SMALL), Trained(SMALL | {"probe_every": 1})
        np.testing.assert_array_equal(plain.sink.series("loss"), probed.sink.series("loss"))
        assert len(probed.sink.sparse()["probe.accuracy.fast"]) == 3
        assert len(probed.sink.sparse()["test.probe.accuracy.slow"]) == 1


class TestNoiseBudget:
    def test_what_is_left_and_what_is_made_follow_from_k_and_the_added_noise(self) -> None:
        answer = Trained(SMALL | {"strategy": "ogm-ge", "noise_budget_every": 4, "alpha": 0.5})
        sparse, rows = answer.sink.sparse(), answer.sink
        entries = sum(p.numel() for p in answer.session.parts.model.encoder_parameters["fast"])
        steps = list(range(0, 24, 4))
        assert len(sparse["sgd_noise.fast"]) == len(steps)
        for n, step in enumerate(steps):
            own, k = sparse["sgd_noise.fast"][n], float(rows.series("k.fast")[step])
            added = entries * float(rows.series("noise_std.fast")[step]) ** 2
            assert own > 0
            assert sparse["sgd_noise_left.fast"][n] == pytest.approx(k**2 * own, rel=1e-5)
            assert sparse["sgd_noise_total.fast"][n] == pytest.approx(k**2 * own + added, rel=1e-5)

    def test_measuring_changes_nothing_of_the_run(self) -> None:
        for strategy in ("joint", "ogm-ge", "modality-drop", "pmr"):
            plain = Trained(SMALL | {"strategy": strategy})
            measured = Trained(SMALL | {"strategy": strategy, "noise_budget_every": 3})
            np.testing.assert_array_equal(plain.sink.series("loss"), measured.sink.series("loss"))

    def test_it_is_the_trace_of_the_covariance_that_sgd_has(self) -> None:
        """Against the gradients of 4000 drawn mini-batches; within a quarter, since micro-batches are few."""
        parts = parts_of(strategy="joint", batch_size=32)
        fast = parts.model.encoder_parameters["fast"]
        inputs, target = next(parts.splits["train"].batches([torch.arange(128)]))
        generator = torch.Generator().manual_seed(1)
        total, squares = torch.zeros(()), torch.zeros(())
        drawn = 600
        for _ in range(drawn):
            index = torch.randint(128, (32,), generator=generator)
            cut = Step(
                parts.model,
                parts.optimizer,
                parts.precision,
                {m: x[index] for m, x in inputs.items()},
                target[index],
                0,
            )
            loss = parts.strategy.loss(cut, parts.strategy.forward(cut))
            gradient = torch.cat([g.flatten() for g in torch.autograd.grad(loss, fast)])
            total, squares = total + gradient, squares + gradient.square()
        exact = float((squares / drawn - (total / drawn).square()).sum())
        result = [
            float(noise_budget.own_variance(parts.strategy, _cut(parts, inputs, target, generator))["fast"])
            for _ in range(100)
        ]
        assert sum(result) / len(result) == pytest.approx(exact, rel=0.25)

    def test_a_batch_too_small_to_be_cut_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="noise_budget_every"):
            build(RunSpec(settings={"batch_size": 4, "noise_budget_every": 1, "device": "cpu"}))


def _cut(parts: Parts, inputs: dict[str, torch.Tensor], target: torch.Tensor, generator: Any) -> Step:
    index = torch.randint(128, (32,), generator=generator)
    rows = {m: x[index] for m, x in inputs.items()}
    return Step(parts.model, parts.optimizer, parts.precision, rows, target[index], 0)


class TestProtocols:
    @pytest.mark.parametrize("strategy", ["umt", "gradient-blending"])
    def test_a_strategy_that_needs_a_validation_split_refuses_the_one_that_has_none(
        self, strategy: str
    ) -> None:
        with pytest.raises(InvalidInput, match="validation"):
            parts_of(strategy=strategy, protocol="official-code")

    def test_the_official_codes_trains_on_validation_and_chooses_on_test(self) -> None:
        paper, official = parts_of(), parts_of(protocol="official-code")
        assert len(official.splits["train"]) == len(paper.splits["train"]) + len(paper.splits["validation"])
        assert torch.equal(official.splits["validation"].target, paper.splits["test"].target)
        answer = Trained(SMALL | {"protocol": "official-code"}).sink.sparse()
        assert answer["test.accuracy"] == [max(answer["val.accuracy"])]


class TestSchedule:
    def test_warming_up_starts_at_a_tenth_and_ends_at_the_rate(self) -> None:
        rates = Trained(SMALL | {"warmup": 1.0, "schedule": "constant", "lr": 0.1}).sink.series("lr")
        np.testing.assert_allclose(rates[:8], 0.1 * (0.1 + 0.9 * np.arange(8) / 8), rtol=1e-5)
        np.testing.assert_allclose(rates[8:], 0.1, rtol=1e-5)

    @pytest.mark.parametrize("schedule", ["step", "cosine", "constant"])
    def test_every_schedule_ends_no_higher_than_it_began(self, schedule: Any) -> None:
        factors = [Training(schedule=schedule).factor(n / 10, 10) for n in range(101)]
        assert factors[0] == 1
        assert all(a >= b for a, b in pairwise(factors))


class TestEffectiveStep:
    def test_it_is_the_change_of_the_encoder_relative_to_its_size(self) -> None:
        parts = parts_of(strategy="ogm-ge")
        before = {
            m: torch.cat([p.detach().flatten() for p in ps])
            for m, ps in parts.model.encoder_parameters.items()
        }
        row = parts.strategy.step(step_of(parts))
        for m, ps in parts.model.encoder_parameters.items():
            after = torch.cat([p.detach().flatten() for p in ps])
            expected = (after - before[m]).norm() / before[m].norm()
            assert float(row[f"effective_step.{m}"]) == pytest.approx(float(expected), rel=1e-5)

    def test_the_settings_say_how_often_it_and_the_norms_are_measured(self) -> None:
        """A series has a value at just these steps; the run itself is the same."""
        given = SMALL | {"strategy": "ogm-ge", "epochs": 1}
        run = Trained(given | {"norms_every": 2, "effects_every": 3})
        every, never = (
            Trained(given | {"effects_every": 1}),
            Trained(given | {"norms_every": 0, "effects_every": 0}),
        )
        for m in M:
            assert run.sink.steps(f"grad_norm.{m}") == [0, 2, 4, 6]
            assert run.sink.steps(f"grad_norm_modulated.{m}") == [0, 6]
            assert run.sink.steps(f"effective_step.{m}") == run.sink.steps(f"noise.{m}") == [0, 3, 6]
            assert run.sink.steps(f"noise_std.{m}") == list(range(8))
            assert every.sink.steps(f"effective_step.{m}") == list(range(8))
            assert not {
                f"{n}.{m}" for n in ("grad_norm", "grad_norm_modulated", "noise", "effective_step")
            } & set(never.sink.names())
        for other in (every, never):
            np.testing.assert_array_equal(run.sink.series("loss"), other.sink.series("loss"))

    def test_every_series_names_the_setting_that_says_how_often(self) -> None:
        named = {one.name: one.every for one in (*SHARED, *NOISE) if one.every}
        assert set(named.values()) <= set(Training.model_fields)
        assert named["effective_step.{m}"] == named["noise.{m}"] == "effects_every"

    def test_under_adam_a_constant_k_hardly_shortens_it_and_under_sgd_it_does(self) -> None:
        """alpha brakes the same encoder at every step; weight decay and noise are off."""
        given = {
            "momentum": 0.9,
            "weight_decay": 0.0,
            "epochs": 6,
            "schedule": "constant",
            "effects_every": 1,
        }
        for optimizer, lr, shortened in (("sgd", 0.05, True), ("adam", 1e-3, False)):
            run = SMALL | given | {"optimizer": optimizer, "lr": lr}
            free = Trained(run | {"strategy": "joint"}).sink
            braked = Trained(run | {"strategy": "ogm", "alpha": 0.5}).sink
            ahead = max(M, key=lambda m: float(braked.series(f"rho.{m}")[8:].mean()))
            assert braked.series(f"k.{ahead}")[8:].mean() < 0.7
            ratio = float(
                np.median(braked.series(f"effective_step.{ahead}")[8:])
                / np.median(free.series(f"effective_step.{ahead}")[8:])
            )
            assert (ratio < 0.8) == shortened


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_k_and_noise_come_before_the_optimizer_whichever_it_is(optimizer: str) -> None:
    """What the optimizer got is k times the plain gradient, before any of its own arithmetic."""
    plain, braked = (
        parts_of(strategy="joint", optimizer=optimizer),
        parts_of(strategy="ogm", optimizer=optimizer),
    )
    row = braked.strategy.step(step_of(braked))
    plain.strategy.step(step_of(plain))
    for m in M:
        for p, q in zip(braked.model.encoder_parameters[m], plain.model.encoder_parameters[m], strict=True):
            assert p.grad is not None
            assert q.grad is not None
            torch.testing.assert_close(p.grad, row[f"k.{m}"] * q.grad)
