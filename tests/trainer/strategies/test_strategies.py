"""Each rival against what its paper says: by hand, or against a naive loop over samples."""

import copy
import math
from collections.abc import Callable
from typing import Any, cast

import pytest
import torch
from recorded import Trained
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec
from trainer.attempt.assembly import Parts, build
from trainer.fusion import Fusion
from trainer.rehearsal import Rehearsal
from trainer.strategies.agm import AGM, responses
from trainer.strategies.gradient_blending import FLOOR, GradientBlending, blend
from trainer.strategies.pmr import PMR, Prototypes
from trainer.strategies.umt import UMT
from trainer.strategy import Step, gradients

M = ("fast", "slow")


def parts_of(strategy: str, modalities: int = 2, **settings: Any) -> Parts:
    """A small network of fully connected encoders."""
    given = {"device": "cpu", "train_size": 128, "batch_size": 16, "hidden": 8, "modalities": modalities}
    spec = RunSpec(strategy=strategy, dataset="synthetic", settings=given | settings)
    parts = build(spec)
    parts.model.train()
    return parts


def step_of(parts: Parts, first: int = 0, epoch: int = 0) -> Step:
    inputs, target = next(parts.splits["train"].batches([torch.arange(first, first + 16)]))
    return Step(parts.model, parts.optimizer, parts.precision, inputs, target, epoch)


def taken(parts: Parts, count: int = 1) -> list[dict[str, float]]:
    rows = [parts.strategy.step(step_of(parts, 16 * (n % 8))) for n in range(count)]
    return [{name: float(value) for name, value in row.items()} for row in rows]


def encoder_gradients(parts: Parts) -> dict[str, Tensor]:
    """Each encoder's gradient, flat."""
    return {
        m: torch.cat([g.flatten() for g in gradients(ps)]) for m, ps in parts.model.encoder_parameters.items()
    }


def probability(logits: Tensor, target: Tensor) -> list[float]:
    """Sample by sample, without any of torch's."""
    found = []
    for row, y in zip(logits.tolist(), target.tolist(), strict=True):
        top = max(row)
        found.append(math.exp(row[y] - top) / sum(math.exp(z - top) for z in row))
    return found


NEUTRAL: list[tuple[str, dict[str, Any]]] = [
    ("ogm", {"alpha": 0.0}),
    ("ogm-ge", {"alpha": 0.0, "noise_scale": 0.0}),
    ("ge", {"noise_scale": 0.0}),
    ("modality-drop", {"drop_rate": 0.0}),
    ("opm", {"opm_rate": 0.0}),
    ("agm", {"agm_alpha": 0.0}),
    ("pmr", {"pmr_alpha": 0.0, "pmr_mu": 0.0}),
    ("umt", {"distillation_weight": 0.0}),
]


@pytest.mark.parametrize(("strategy", "settings"), NEUTRAL, ids=[name for name, _ in NEUTRAL])
def test_a_strategy_set_to_nothing_is_joint_training(strategy: str, settings: dict[str, Any]) -> None:
    joint, other = parts_of("joint"), parts_of(strategy, **settings)
    for expected, found in zip(taken(joint, 3), taken(other, 3), strict=True):
        assert found["loss"] == expected["loss"]
        assert all(found[f"k.{m}"] == 1 for m in M)
    for a, b in zip(joint.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(a, b)


class TestGE:
    def test_it_adds_noise_and_brakes_nobody(self) -> None:
        joint, ge = parts_of("joint"), parts_of("ge")
        (row,), _ = taken(ge), taken(joint)
        for m, plain in encoder_gradients(joint).items():
            drawn = encoder_gradients(ge)[m] - plain
            assert row[f"k.{m}"] == 1
            assert drawn.norm().item() == pytest.approx(row[f"noise.{m}"], rel=1e-4)
            assert row[f"noise.{m}"] > 0

    def test_the_head_gets_none(self) -> None:
        joint, ge = parts_of("joint"), parts_of("ge")
        taken(joint), taken(ge)
        for a, b in zip(joint.model.fusion.parameters(), ge.model.fusion.parameters(), strict=True):
            assert a.grad is not None
            assert b.grad is not None
            assert torch.equal(a.grad, b.grad)


class TestModalityDrop:
    def test_a_modality_that_is_always_dropped_learns_nothing(self) -> None:
        parts = parts_of("modality-drop", drop="fast", drop_rate=1.0)
        (row,) = taken(parts)
        assert row["dropped.fast"] == 1
        assert row["dropped.slow"] == 0
        assert encoder_gradients(parts)["fast"].norm() == 0
        assert encoder_gradients(parts)["slow"].norm() > 0

    @pytest.mark.parametrize("per", ["step", "sample"])
    def test_it_drops_as_often_as_it_says_and_never_two_at_once(self, per: str) -> None:
        """Five standard errors: a right program fails with one in about a million other seeds."""
        parts = parts_of("modality-drop", modalities=3, drop_rate=0.6, drop_per=per)
        rows = taken(parts, 400)
        shares = [sum(row[f"dropped.{m}"] for m in parts.model.modalities) for row in rows]
        lots = 400 * (1 if per == "step" else 16)
        assert sum(shares) / 400 == pytest.approx(0.6, abs=5 * math.sqrt(0.24 / lots))
        assert max(shares) <= 1 + 1e-6
        if per == "step":
            assert set(shares) <= {0.0, 1.0}

    def test_a_modality_there_is_not_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="smell"):
            parts_of("modality-drop", drop="smell")


class TestOPM:
    def test_the_probability_is_the_formulas_and_nobody_behind_is_dropped(self) -> None:
        parts = parts_of("opm", opm_rate=0.4, opm_lambda=0.8)
        for row in taken(parts, 12):
            for m in M:
                rho = row[f"rho.{m}"]
                expected = min(1.0, 0.4 * (1 + 0.8 * math.tanh(rho - 1))) if rho > 1 else 0.0
                assert row[f"drop_probability.{m}"] == pytest.approx(expected, abs=1e-5)

    def test_who_leads_is_left_out_of_the_fused_logits(self) -> None:
        parts = parts_of("opm", opm_rate=1.0)
        taken(parts, 8)
        step = step_of(parts)
        output = parts.strategy.forward(step)
        rates = {m: float(step.values[f"drop_probability.{m}"]) for m in M}
        leader = max(M, key=lambda m: rates[m])
        assert rates[leader] == 1
        alone = {m: f if m != leader else torch.zeros_like(f) for m, f in output.features.items()}
        torch.testing.assert_close(output.logits, parts.model.fusion.fuse(alone))


class TestMMCosine:
    def test_logits_are_scaled_cosines_summed(self) -> None:
        parts = parts_of("mmcosine", cosine_scale=7.0)
        step = step_of(parts)
        output = parts.strategy.forward(step)
        weights = parts.model.fusion.class_weights()
        for i in range(3):
            for c in range(4):
                total = 0.0
                for m in M:
                    a, b = output.features[m][i].tolist(), weights[m][c].tolist()
                    dot = sum(x * y for x, y in zip(a, b, strict=True))
                    lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(y * y for y in b))
                    total += 7 * dot / max(lengths, 1e-12)
                assert output.logits[i, c].item() == pytest.approx(total, abs=1e-4)

    def test_longer_features_change_nothing(self) -> None:
        parts = parts_of("mmcosine")
        features = {m: torch.randn(5, 8) for m in M}
        longer = {m: 100 * f for m, f in features.items()}
        one, other = (parts.strategy.unimodal(parts.model, f) for f in (features, longer))
        for m in M:
            torch.testing.assert_close(one[m], other[m])

    def test_testing_uses_the_same_logits(self) -> None:
        parts = parts_of("mmcosine")
        step = step_of(parts)
        logits, _ = parts.strategy.predict(parts.model, step.inputs)
        torch.testing.assert_close(logits, parts.strategy.forward(step).logits)


class TestAGM:
    @pytest.mark.parametrize("fusion", ["concat", "film", "gated"])
    @pytest.mark.parametrize("modalities", [2, 3])
    def test_responses_add_up_to_the_fused_logits(self, fusion: str, modalities: int) -> None:
        spec = {"device": "cpu", "train_size": 128, "modalities": modalities}
        parts = build(RunSpec(strategy="agm", fusion=fusion, dataset="synthetic", settings=spec))
        features = parts.model.encode(step_of(parts).inputs)
        shares = responses(parts.model.fusion, features)
        torch.testing.assert_close(
            torch.stack(list(shares.values())).sum(0), parts.model.fusion.fuse(features).detach()
        )

    def test_two_modalities_are_the_papers_formula(self) -> None:
        parts = build(
            RunSpec(strategy="agm", fusion="gated", dataset="synthetic", settings={"device": "cpu"})
        )
        features = parts.model.encode(step_of(parts).inputs)
        zeros = {m: torch.zeros_like(f) for m, f in features.items()}
        fuse: Callable[[dict[str, Tensor]], Tensor] = parts.model.fusion.fuse
        both, none = fuse(features), fuse(zeros)
        fast, slow = fuse({**zeros, "fast": features["fast"]}), fuse({**zeros, "slow": features["slow"]})
        expected = 0.5 * (both - slow + fast - none) + 0.5 * none
        torch.testing.assert_close(responses(parts.model.fusion, features)["fast"], expected.detach())

    def test_k_answers_the_lead_against_its_running_mean(self) -> None:
        parts = parts_of("agm", agm_alpha=0.7)
        leads: dict[str, list[float]] = {m: [] for m in M}
        for row in taken(parts, 10):
            for m, other in (M, M[::-1]):
                lead = math.exp(row[f"response.{m}"] - row[f"response.{other}"])
                leads[m].append(lead)
                mean = sum(leads[m]) / len(leads[m])
                assert row[f"lead.{m}"] == pytest.approx(lead, rel=1e-5)
                assert row[f"lead_target.{m}"] == pytest.approx(mean, rel=1e-5)
                assert row[f"k.{m}"] == pytest.approx(math.exp(0.7 * min(mean - lead, 7)), rel=1e-4)
        assert isinstance(parts.strategy, AGM)
        assert float(parts.strategy.steps) == 10


class TestMMPareto:
    def naive(self, parts: Parts) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Gradients of the joint and of each own loss, each by a pass of its own."""
        step = step_of(parts)
        output = parts.model(step.inputs)
        alone = parts.model.fusion.unimodal(output.features)
        joint, own = {}, {}
        for m, parameters in parts.model.encoder_parameters.items():
            for loss, found in ((output.logits, joint), (alone[m], own)):
                grads = torch.autograd.grad(cross_entropy(loss, step.target), parameters, retain_graph=True)
                found[m] = torch.cat([g.flatten() for g in grads]).double()
        return joint, own

    def test_the_encoders_gradient_is_the_papers_combination(self) -> None:
        parts = parts_of("mmpareto", pareto_scale=1.3)
        taken(parts, 30)
        joint, own = self.naive(parts)
        (row,) = taken(parts)
        for m, found in encoder_gradients(parts).items():
            g, h = joint[m], own[m]
            cosine = float(g @ h / (g.norm() * h.norm()))
            weight = float(((h - g) @ h / (h - g).square().sum()).clamp(0, 1)) if cosine < 0 else 0.5
            mixed = weight * g + (1 - weight) * h
            expected = 1.3 * mixed / mixed.norm() * (g + h).norm()
            assert row[f"gradient_cosine.{m}"] == pytest.approx(cosine, abs=1e-5)
            assert row[f"joint_weight.{m}"] == pytest.approx(weight, abs=1e-5)
            torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize("seed", range(20))
    def test_the_combination_never_goes_against_either_loss(self, seed: int) -> None:
        strategy = cast("Any", parts_of("mmpareto").strategy)
        generator = torch.Generator().manual_seed(seed)
        g, h = torch.randn(2, 2, generator=generator).unbind()
        mixed = h.clone()
        strategy._combine(step_of(parts_of("mmpareto")), "fast", [g.clone()], [mixed])
        assert float(mixed @ g) >= -1e-5
        assert float(mixed @ h) >= -1e-5
        assert float(mixed.norm()) == pytest.approx(1.5 * float((g + h).norm()), rel=1e-4)

    def test_heads_get_the_sum_of_all_losses_gradients(self) -> None:
        parts, plain = parts_of("mmpareto"), parts_of("joint")
        taken(parts)
        step = step_of(plain)
        output = plain.model(step.inputs)
        losses = [output.logits, *plain.model.fusion.unimodal(output.features).values()]
        sum(cross_entropy(z, step.target) for z in losses).backward()  # type: ignore[union-attr]
        for a, b in zip(parts.model.fusion.parameters(), plain.model.fusion.parameters(), strict=True):
            torch.testing.assert_close(a.grad, b.grad)


class TestPMR:
    def test_prototypes_are_running_means_of_their_class(self) -> None:
        prototypes = Prototypes(3, 2)
        first = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 5.0]])
        prototypes.move(first, torch.tensor([0, 0, 2]), momentum=0.9)
        assert prototypes.centres.tolist() == [[2.0, 0.0], [0.0, 0.0], [0.0, 5.0]]
        prototypes.move(torch.tensor([[12.0, 0.0], [4.0, 4.0]]), torch.tensor([0, 1]), momentum=0.9)
        torch.testing.assert_close(prototypes.centres, torch.tensor([[3.0, 0.0], [4.0, 4.0], [0.0, 5.0]]))

    def test_logits_are_less_the_distances(self) -> None:
        prototypes = Prototypes(2, 2)
        prototypes.move(torch.tensor([[3.0, 4.0], [0.0, 0.0]]), torch.tensor([0, 1]), momentum=0.5)
        found = prototypes(torch.tensor([[0.0, 0.0]]))
        torch.testing.assert_close(found, torch.tensor([[-5.0, 0.0]]), atol=1e-5, rtol=0)

    def test_only_who_is_behind_is_helped_by_the_formulas_weight(self) -> None:
        parts = parts_of("pmr", pmr_mu=0.0)
        rows = taken(parts, 12)
        for row in rows:
            for m in M:
                rho = row[f"prototype_rho.{m}"]
                expected = min(1.0, max(0.0, 1 / rho - 1))
                assert row[f"prototype_weight.{m}"] == pytest.approx(expected, abs=1e-4)
            assert min(row[f"prototype_weight.{m}"] for m in M) == 0

    def test_the_loss_is_the_sum_of_its_parts(self) -> None:
        parts = parts_of("pmr", pmr_alpha=2.0, pmr_mu=0.5, pmr_entropy_epochs=1)
        taken(parts, 5)
        for epoch in (0, 1):
            step = step_of(parts, epoch=epoch)
            output = parts.strategy.forward(step)
            found = parts.strategy.loss(step, output)
            v = {name: float(value) for name, value in step.values.items()}
            expected = float(cross_entropy(output.logits, step.target).detach())
            for m in M:
                expected += 2 * v[f"prototype_weight.{m}"] * v[f"prototype_loss.{m}"]
                if epoch == 0 and v[f"prototype_rho.{m}"] > 1:
                    expected -= 0.5 * v[f"prototype_entropy.{m}"]
            assert float(found.detach()) == pytest.approx(expected, rel=1e-5)

    def test_the_prototype_ratio_is_the_naive_one(self) -> None:
        parts = parts_of("pmr")
        taken(parts, 5)
        strategy = cast("PMR", parts.strategy)
        step = step_of(parts)
        output = strategy.forward(step)
        near = {m: strategy.prototypes[m](output.features[m]) for m in M}
        strategy.loss(step, output)
        score = {m: sum(probability(near[m], step.target)) for m in M}
        assert float(step.values["prototype_rho.fast"]) == pytest.approx(
            score["fast"] / score["slow"], rel=1e-5
        )


class TestGradientBlending:
    def test_weights_of_a_case_worked_by_hand(self) -> None:
        """|ΔG| / ΔO² = 0.4/0.04 = 10, 0.1/0.01 = 10, 0.3/0.25 = 1.2: of 21.2."""
        assert blend([0.4, 0.1, -0.3], [0.2, 0.1, 0.5]) == pytest.approx([10 / 21.2, 10 / 21.2, 1.2 / 21.2])

    @pytest.mark.parametrize("small", [0.0, -3.0, 1e-9])
    def test_no_growth_of_overfitting_does_not_explode(self, small: float) -> None:
        assert blend([0.2, 0.2], [small, FLOOR]) == pytest.approx([0.5, 0.5])

    def test_no_gain_anywhere_gives_equal_weights(self) -> None:
        assert blend([0.0, 0.0, 0.0], [0.1, 0.2, 0.3]) == pytest.approx([1 / 3] * 3)

    def test_the_loss_is_the_weighed_sum_of_all_heads(self) -> None:
        parts = parts_of("gradient-blending")
        strategy = cast("GradientBlending", parts.strategy)
        strategy.weights.copy_(torch.tensor([0.5, 0.2, 0.3]))
        step = step_of(parts)
        output = strategy.forward(step)
        heads = strategy.unimodal(parts.model, output.features)
        parts_of_loss = [*(heads[m] for m in M), output.logits]
        expected = sum(
            w * float(cross_entropy(z, step.target).detach())
            for w, z in zip((0.5, 0.2, 0.3), parts_of_loss, strict=True)
        )
        assert float(strategy.loss(step, output).detach()) == pytest.approx(expected, rel=1e-5)

    def test_an_estimate_leaves_the_network_and_heads_as_they_were(self) -> None:
        parts = parts_of("gradient-blending", estimate_epochs=1)
        before = copy.deepcopy(nn.ModuleList([parts.model, cast("Any", parts.strategy).heads]).state_dict())
        parts.strategy.prepare(rehearsal(parts))
        after = nn.ModuleList([parts.model, cast("Any", parts.strategy).heads]).state_dict()
        assert all(torch.equal(before[name], after[name]) for name in before)
        weights = cast("GradientBlending", parts.strategy).weights
        assert float(weights.sum()) == pytest.approx(1)
        assert weights.tolist() != pytest.approx([1 / 3] * 3)

    def test_offline_weights_stay_and_online_ones_are_estimated_anew(self) -> None:
        for blending, again in (("offline", False), ("online", True)):
            parts = parts_of("gradient-blending", blending=blending, super_epoch=1, estimate_epochs=1)
            parts.strategy.prepare(rehearsal(parts))
            before = parts.strategy.epoch_end(-5, rehearsal(parts))
            taken(parts, 8)
            after = parts.strategy.epoch_end(0, rehearsal(parts))
            assert (before != after) == again


class TestUMT:
    def test_teachers_are_trained_alone_then_frozen(self) -> None:
        parts = parts_of("umt", teacher_epochs=3)
        strategy = cast("UMT", parts.strategy)
        parts.strategy.prepare(rehearsal(parts))
        frozen = copy.deepcopy(strategy.teachers.state_dict())
        taken(parts, 8)
        assert all(torch.equal(frozen[name], value) for name, value in strategy.teachers.state_dict().items())
        told = strategy.epoch_end(0, rehearsal(parts))
        assert told is not None
        assert all(0 < told[f"teacher.accuracy.{m}"] <= 1 for m in M)
        assert not strategy.train().teachers.training

    def test_the_loss_holds_the_distance_to_their_features(self) -> None:
        parts = parts_of("umt", distillation_weight=3.0)
        strategy = cast("UMT", parts.strategy)
        for teacher in strategy.teachers.values():
            for p in teacher.parameters():
                p.data += 0.1
        step = step_of(parts)
        output = strategy.forward(step)
        distances = 0.0
        for m in M:
            wanted = strategy.teachers[m](step.inputs[m])
            distances += float((output.features[m] - wanted).detach().square().mean())
        expected = float(cross_entropy(output.logits, step.target).detach()) + 3 * distances
        assert float(strategy.loss(step, output).detach()) == pytest.approx(expected, rel=1e-5)


def rehearsal(parts: Parts) -> Rehearsal:
    return Rehearsal(
        model=parts.model,
        training=parts.training,
        splits=parts.splits,
        device=parts.device,
        attention=lambda: False,
        report=lambda _line: None,
    )


@pytest.mark.parametrize("absent", ["zeros", "batch-mean"])
@pytest.mark.parametrize("name", ["film", "gated"])
def test_a_fusion_that_can_not_be_split_scores_a_modality_with_the_others_taken_away(
    name: str, absent: str
) -> None:
    spec = RunSpec(fusion=name, dataset="synthetic", settings={"device": "cpu", "absent": absent})
    fusion: Fusion = build(spec).model.fusion
    features = {m: torch.randn(6, width, requires_grad=True) for m, width in fusion.widths.items()}
    gone = {
        m: torch.zeros_like(f) if absent == "zeros" else f.mean(0).repeat(len(f), 1)
        for m, f in features.items()
    }
    for m, logits in fusion.unimodal(features).items():
        torch.testing.assert_close(logits, fusion.fuse({**gone, m: features[m]}))
        own, *others = torch.autograd.grad(
            logits.sum(), [features[m], *(f for o, f in features.items() if o != m)], materialize_grads=True
        )
        assert not any(grad.any() for grad in others)  # its own loss teaches nobody else
        assert own.shape == features[m].shape


@pytest.mark.parametrize("fusion", ["film", "gated", "mmtm", "centralnet"])
def test_every_fusion_learns_the_digits_with_convolutional_encoders(fusion: str) -> None:
    """Of ten classes, so that 0.1 is chance."""
    trained = Trained({"fusion": fusion, "strategy": "ogm-ge", "alpha": 0.8, "epochs": 6})
    assert max(trained.sink.sparse()["val.accuracy"]) > 0.2


def test_mmtm_gates_start_near_one_and_lie_between_nothing_and_double() -> None:
    trained = Trained({"fusion": "mmtm", "strategy": "joint", "epochs": 1})
    for m in ("audio", "visual"):
        gates = trained.sink.series(f"gate.{m}")
        assert gates[0] == pytest.approx(1.0, abs=0.1)
        assert 0 < gates.min() <= gates.max() < 2


def test_the_official_codes_half_bias_in_testing_can_be_reproduced_and_changes_no_answer() -> None:
    parts = {
        bias: build(RunSpec(fusion="sum", dataset="synthetic", settings={"device": "cpu", "test_bias": bias}))
        for bias in ("full", "half")
    }
    inputs, _ = next(parts["full"].splits["test"].batches([torch.arange(8)]))
    for p in parts.values():
        p.model.eval()
        for head in cast("Any", p.model.fusion).heads.values():
            nn.init.ones_(head.bias)
    features = parts["full"].model.encode(inputs)
    full, half = (parts[bias].model.fusion for bias in ("full", "half"))
    torch.testing.assert_close(full.fuse(features), half.fuse(features))
    for m, logits in full.unimodal(features).items():
        torch.testing.assert_close(half.unimodal(features)[m], logits - 0.5)
    half.train()
    torch.testing.assert_close(half.unimodal(features), full.unimodal(features))
