"""Each rival against what its paper says: by hand, or against a naive loop over samples."""

import copy
import dataclasses
import math
import re
from typing import Any, cast

import pytest
import torch
from recorded import Trained
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec
from rhoscope.torch.gradients import gradients
from trainer.attempt.assembly import Parts, build
from trainer.fusion import Features, Fusion
from trainer.measures.responses import fused_without, responses
from trainer.plugins import load, sources
from trainer.rehearsal import Interrupted, Rehearsal, first_of
from trainer.strategies.agm import AGM
from trainer.strategies.gradient_blending import GradientBlending, blend
from trainer.strategies.mmpareto import MMPareto, combine
from trainer.strategies.opm import OPM, Lots
from trainer.strategies.pmr import PMR, ClassSums, Prototypes
from trainer.strategies.umt import UMT
from trainer.strategy import Step

M = ("fast", "slow")
pytestmark = pytest.mark.usefixtures("few_are_tested")


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
    result = []
    for row, y in zip(logits.tolist(), target.tolist(), strict=True):
        top = max(row)
        result.append(math.exp(row[y] - top) / sum(math.exp(z - top) for z in row))
    return result


NEUTRAL: list[tuple[str, dict[str, Any]]] = [
    ("ogm", {"alpha": 0.0}),
    ("ogm-ge", {"alpha": 0.0, "noise_scale": 0.0}),
    ("ge", {"noise_scale": 0.0}),
    ("modality-drop", {"drop_rate": 0.0}),
    ("opm", {"opm_rate": 0.0}),
    ("agm", {"agm_alpha": 0.0, "agm_clip": False}),
    ("opm", {"opm_rate": 0.9, "opm_warmup": 1}),
    ("opm", {"opm_rate": 0.9, "opm_warmup": 0, "opm_execution": 0.0, "variant": "official-code"}),
    ("pmr", {"pmr_alpha": 0.0, "pmr_mu": 0.0}),
    ("pmr", {"variant": "official-code", "modulation_starts": 1}),
    ("umt", {"distillation_weight": 0.0}),
]


@pytest.mark.parametrize(
    ("strategy", "settings"), NEUTRAL, ids=[f"{name}-{len(given)}" for name, given in NEUTRAL]
)
def test_a_strategy_set_to_nothing_is_joint_training(strategy: str, settings: dict[str, Any]) -> None:
    joint, other = parts_of("joint"), parts_of(strategy, **settings)
    for expected, result in zip(taken(joint, 3), taken(other, 3), strict=True):
        assert result["loss"] == expected["loss"]
        assert all(result[f"k.{m}"] == 1 for m in M)
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
        rows = taken(parts, 200)
        shares = [sum(row[f"dropped.{m}"] for m in parts.model.modalities) for row in rows]
        lots = 200 * (1 if per == "step" else 16)
        assert sum(shares) / 200 == pytest.approx(0.6, abs=5 * math.sqrt(0.24 / lots))
        assert max(shares) <= 1 + 1e-6
        if per == "step":
            assert set(shares) <= {0.0, 1.0}

    def test_a_modality_there_is_not_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="smell"):
            parts_of("modality-drop", drop="smell")


class TestOPM:
    def test_the_probability_is_the_formulas_and_nobody_behind_is_dropped(self) -> None:
        parts = parts_of("opm", opm_rate=0.4, opm_lambda=0.8, opm_warmup=0)
        for row in taken(parts, 12):
            for m in M:
                rho = row[f"rho.{m}"]
                expected = min(1.0, 0.4 * (1 + 0.8 * math.tanh(rho - 1))) if rho > 1 else 0.0
                assert row[f"drop_probability.{m}"] == pytest.approx(expected, abs=1e-5)

    def test_who_leads_is_left_out_and_what_stays_makes_up_for_it(self) -> None:
        parts = parts_of("opm", opm_rate=1.0, opm_warmup=0, opm_execution=1.0)
        taken(parts, 8)
        step = step_of(parts)
        output = parts.strategy.forward(step)
        rates = {m: float(step.values[f"drop_probability.{m}"]) for m in M}
        leader = max(M, key=lambda m: rates[m])
        assert rates[leader] == 1
        alone = {m: 2 * f if m != leader else torch.zeros_like(f) for m, f in output.features.items()}
        torch.testing.assert_close(output.logits, parts.model.fusion.fuse(alone))

    def test_seven_steps_of_ten_drop_anything_and_none_of_the_first_epochs(self) -> None:
        """Five standard errors."""
        parts = parts_of("opm")
        strategy = cast("OPM", parts.strategy)
        lots = [strategy.draw(2, 16, torch.device("cpu")).execute for _ in range(2000)]
        assert not any(strategy.executes(lot, 5) for lot in lots)
        share = sum(bool(strategy.executes(lot, 6)) for lot in lots) / 2000
        assert share == pytest.approx(0.7, abs=5 * math.sqrt(0.21 / 2000))

    def test_an_example_that_lost_everything_leaves_the_step(self) -> None:
        parts = parts_of("opm", opm_rate=0.5, opm_warmup=0)
        strategy, step = cast("OPM", parts.strategy), step_of(parts)
        strategy.rates = lambda *_: torch.tensor([0.5, 0.5])  # type: ignore[method-assign]
        keep = torch.ones(2, 16)
        keep[:, 3] = 0
        strategy.draw = lambda *_: Lots(torch.tensor(0.9), keep)  # type: ignore[method-assign]
        output = strategy.forward(step)
        rest = torch.arange(16) != 3
        expected = cross_entropy(output.logits[rest], step.target[rest])
        torch.testing.assert_close(strategy.loss(step, output), expected)


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
        step, names = step_of(parts), parts.model.modalities
        logits = parts.model(step.inputs).logits
        fused = fused_without(parts.model, step.inputs, parts.precision) | {frozenset(names): logits}
        assert len(fused) == 2**modalities - 1
        shares = responses(fused, names)
        torch.testing.assert_close(torch.stack(list(shares.values())).sum(0), logits)

    def test_the_network_is_evaluated_without_a_modality_and_trains_on(self) -> None:
        spec: dict[str, Any] = {"device": "cpu"}
        parts = build(RunSpec(strategy="agm", dataset="av-digits", settings=spec))
        inputs, _ = next(parts.splits["train"].batches([torch.arange(16)]))
        parts.model.train()
        before = {name: value.clone() for name, value in parts.model.state_dict().items()}
        fused = fused_without(parts.model, inputs, parts.precision)
        assert all(torch.equal(before[name], value) for name, value in parts.model.state_dict().items())
        assert all(module.training for module in parts.model.modules())
        parts.model.eval()
        dark = inputs | {"visual": torch.zeros_like(inputs["visual"])}
        torch.testing.assert_close(fused[frozenset({"audio"})], parts.model(dark).logits)

    def test_k_answers_the_lead_against_the_steps_before(self) -> None:
        parts = parts_of("agm", agm_alpha=0.7)
        earlier: dict[str, list[float]] = {m: [] for m in M}
        for row in taken(parts, 10):
            for m, other in (M, M[::-1]):
                lead = math.exp(row[f"response.{m}"] - row[f"response.{other}"])
                means = [sum(earlier[n]) / max(1, len(earlier[n])) for n in (m, other)]
                target = math.exp(means[0] - means[1])
                assert row[f"lead.{m}"] == pytest.approx(lead, rel=1e-5)
                assert row[f"lead_target.{m}"] == pytest.approx(target, rel=1e-5)
                assert row[f"k.{m}"] == pytest.approx(math.exp(0.7 * min(target - lead, 10)), rel=1e-4)
            for m in M:
                earlier[m].append(row[f"response.{m}"])
        assert isinstance(parts.strategy, AGM)
        assert float(parts.strategy.steps) == 10

    def test_after_the_window_the_last_k_stays_in_force(self) -> None:
        parts = parts_of("agm", modulation_starts=1, modulation_ends=1)
        k = [float(parts.strategy.step(step_of(parts, epoch=epoch))["k.fast"]) for epoch in (0, 1, 2, 3)]
        assert k[0] == 1
        assert k[1] != 1
        assert k[1] == k[2] == k[3]

    @pytest.mark.parametrize("guided", [False, True])
    @pytest.mark.parametrize("modalities", [2, 3])
    def test_gradients_are_those_of_responses_that_are_each_scaled(
        self, guided: bool, modalities: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By hooks on the responses, with a fusion that has a loss of its own and with guided encoders."""
        parts = parts_of("agm", modalities=modalities, agm_clip=False)
        model, step, names = parts.model, step_of(parts), parts.model.modalities
        taken(parts, 3)
        if guided:
            monkeypatch.setattr(type(model.encoders["fast"]), "see", _guided)
        monkeypatch.setattr(type(model.fusion), "own_loss", _shrinking)
        output = model(step.inputs)
        fused = fused_without(model, step.inputs, parts.precision) | {frozenset(names): output.logits}
        shares = responses(fused, names)
        strategy = cast("AGM", parts.strategy)
        before = copy.deepcopy(strategy.state_dict())
        k = strategy.leads(shares, step.target, inside=True).k.float()
        strategy.load_state_dict(before)
        for factor, share in zip(k, shares.values(), strict=True):
            share.register_hook(lambda g, factor=factor: factor * g)
        loss = cross_entropy(torch.stack(list(shares.values())).sum(0), step.target)
        own = _shrinking(model.fusion, output.features, step.target)
        expected = torch.autograd.grad(loss + own, list(model.parameters()))
        strategy.step(step)
        for theirs, parameter in zip(expected, model.parameters(), strict=True):
            torch.testing.assert_close(parameter.grad, theirs, rtol=1e-4, atol=1e-6)

    def test_steep_steps_are_shortened_to_one_and_others_left_alone(self) -> None:
        parts = parts_of("agm", agm_alpha=0.0)
        step = step_of(parts)
        step.inputs = {m: 50 * x for m, x in step.inputs.items()}
        row = parts.strategy.step(step)
        length = torch.stack([g.norm() for g in gradients(parts.model.parameters())]).norm()
        assert float(row["agm_norm"]) > 1
        assert float(length) == pytest.approx(1, rel=1e-4)
        plain = parts_of("agm", agm_alpha=0.0)
        assert float(plain.strategy.step(step_of(plain))["agm_clip_factor"]) == 1


def _guided(encoder: Any, modality: str, inputs: dict[str, Tensor]) -> Tensor:
    """Features that depend on the other modalities' inputs."""
    features: Tensor = encoder(inputs[modality])
    return features + sum(x.flatten(1).mean(1, keepdim=True) for x in inputs.values())


def _shrinking(_fusion: Fusion, features: Features, _target: Tensor) -> Tensor:
    """A fusion's own loss."""
    return torch.stack([f.square().mean() for f in features.values()]).sum()


class TestMMPareto:
    def naive(self, parts: Parts) -> tuple[dict[str, list[Tensor]], dict[str, list[Tensor]]]:
        """Gradients of the joint and of each own loss, each by a pass of its own."""
        step = step_of(parts)
        output = parts.model(step.inputs)
        alone = parts.strategy.unimodal(parts.model, output.features)
        joint, own = {}, {}
        for m, parameters in parts.model.encoder_parameters.items():
            for loss, result in ((output.logits, joint), (alone[m], own)):
                grads = torch.autograd.grad(cross_entropy(loss, step.target), parameters, retain_graph=True)
                result[m] = [g.double() for g in grads]
        return joint, own

    def test_the_encoders_gradient_is_the_combination_tensor_by_tensor(self) -> None:
        parts = parts_of("mmpareto", pareto_scale=1.3)
        taken(parts, 30)
        joint, own = self.naive(parts)
        (row,) = taken(parts)
        for m, parameters in parts.model.encoder_parameters.items():
            g, h = (torch.cat([t.flatten() for t in each[m]]) for each in (joint, own))
            cosine = float(g @ h / (g.norm() * h.norm()))
            weight = 0.5 if cosine > 0 else float((h - g) @ h / (h - g).square().sum())
            assert row[f"gradient_cosine.{m}"] == pytest.approx(cosine, abs=1e-5)
            assert row[f"joint_weight.{m}"] == pytest.approx(weight, abs=1e-5)
            for one, other, result in zip(joint[m], own[m], gradients(parameters), strict=True):
                mixed = 2 * (weight * one + (1 - weight) * other)
                longer = max(1.0, float((one + other).norm() / mixed.norm()))
                torch.testing.assert_close(result.double(), 1.3 * longer * mixed, rtol=1e-4, atol=1e-6)

    def test_a_right_angle_takes_the_shortest_combination_and_a_zero_gradient_hardly_counts(self) -> None:
        g, h = torch.tensor([2.0, 0.0]), torch.tensor([0.0, 1.0])
        assert float(combine([g], [h], 1.0).joint_weight) == pytest.approx(0.2)
        assert float(combine([g], [0 * h], 1.0).joint_weight) == pytest.approx(0.001)
        assert float(combine([0 * g], [h], 1.0).joint_weight) == pytest.approx(0.999)
        nothing = combine([0 * g], [0 * h], 1.0)
        assert nothing.gradients[0].tolist() == [0, 0]
        assert float(nothing.cosine) == 0

    @pytest.mark.parametrize("seed", range(5))
    def test_the_combination_never_goes_against_either_loss(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        g, h = torch.randn(2, 2, generator=generator).unbind()
        (mixed,) = combine([g], [h], 1.5).gradients
        assert float(mixed @ g) >= -1e-5
        assert float(mixed @ h) >= -1e-5
        assert float(mixed.norm()) >= 1.5 * float((g + h).norm()) * (1 - 1e-5)

    def test_heads_get_the_plain_gradient_of_their_own_losses(self) -> None:
        parts, plain = parts_of("mmpareto"), parts_of("mmpareto")
        taken(parts)
        step = step_of(plain)
        output = plain.model(step.inputs)
        heads = plain.strategy.unimodal(plain.model, output.features)
        losses = [cross_entropy(z, step.target) for z in [output.logits, *heads.values()]]
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        for one, other in ((parts.model.fusion, plain.model.fusion), (parts.strategy, plain.strategy)):
            for a, b in zip(one.parameters(), other.parameters(), strict=True):
                torch.testing.assert_close(a.grad, b.grad)

    @pytest.mark.parametrize("fusion", ["film", "gated"])
    def test_no_own_loss_reaches_another_encoder(self, fusion: str) -> None:
        given: dict[str, Any] = {"device": "cpu", "absent": "batch-mean"}
        parts = build(RunSpec(strategy="mmpareto", fusion=fusion, dataset="synthetic", settings=given))
        step = step_of(parts)
        strategy = cast("MMPareto", parts.strategy)
        strategy.loss(step, strategy.forward(step))
        other = parts.model.encoder_parameters["slow"]
        grads = torch.autograd.grad(step.terms["own.fast"], other, materialize_grads=True)
        assert not any(g.any() for g in grads)


class TestPMR:
    def sums(self, features: list[list[float]], target: list[int], classes: int) -> ClassSums:
        result = ClassSums(torch.zeros(classes, len(features[0])))
        result.add(torch.tensor(features), torch.tensor(target))
        return result

    def test_prototypes_keep_a_share_and_a_class_seen_first_gets_its_mean_whole(self) -> None:
        prototypes = Prototypes(3, 2)
        prototypes.move(self.sums([[1.0, 0.0], [3.0, 0.0], [0.0, 5.0]], [0, 0, 2], 3), kept=0.9)
        assert prototypes.centres.tolist() == [[2.0, 0.0], [0.0, 0.0], [0.0, 5.0]]
        prototypes.move(self.sums([[12.0, 0.0], [4.0, 4.0]], [0, 1], 3), kept=0.9)
        torch.testing.assert_close(prototypes.centres, torch.tensor([[3.0, 0.0], [4.0, 4.0], [0.0, 5.0]]))

    def test_logits_are_less_the_distances_and_a_distance_of_0_has_a_gradient(self) -> None:
        prototypes = Prototypes(2, 2)
        prototypes.move(self.sums([[3.0, 4.0], [0.0, 0.0]], [0, 1], 2), kept=0.5)
        features = torch.zeros(1, 2, requires_grad=True)
        result = prototypes(features)
        torch.testing.assert_close(result, torch.tensor([[-5.0, 0.0]]))
        result.sum().backward()
        assert features.grad is not None
        assert features.grad.isfinite().all()

    def test_they_come_from_an_evaluation_pass_over_the_first_tenth_and_stay_between(self) -> None:
        parts = build(RunSpec(strategy="pmr", dataset="av-digits", settings={"device": "cpu"}))
        strategy, beside = cast("PMR", parts.strategy), rehearsal(parts)
        parts.model.train()
        running = {name: value.clone() for name, value in parts.model.named_buffers()}
        strategy.prepare(beside)
        assert all(torch.equal(running[name], value) for name, value in parts.model.named_buffers())
        assert parts.model.training
        first = {m: cast("Prototypes", p).centres.clone() for m, p in strategy.prototypes.items()}
        chosen = list(beside.batches(0, 0.1))
        assert len(chosen) == first_of(parts.steps_per_epoch, 0.1)
        target = torch.cat([y for _, y in chosen])
        parts.model.eval()
        features = [parts.model.encode(x)["audio"] for x, _ in chosen]
        mean = torch.cat(features).detach()[target == 3].mean(0)
        torch.testing.assert_close(first["audio"][3], mean, rtol=1e-4, atol=1e-5)
        parts.model.train()
        inputs, labels = chosen[0]
        strategy.step(Step(parts.model, parts.optimizer, parts.precision, inputs, labels, 0))
        assert torch.equal(cast("Prototypes", strategy.prototypes["audio"]).centres, first["audio"])

    def test_a_run_that_wants_attention_leaves_them_as_they_are(self) -> None:
        parts = parts_of("pmr")
        parts.strategy.prepare(rehearsal(parts))
        before = copy.deepcopy(parts.strategy.state_dict())
        with pytest.raises(Interrupted):
            parts.strategy.epoch_end(3, dataclasses.replace(rehearsal(parts), attention=lambda: True))
        assert all(torch.equal(before[name], value) for name, value in parts.strategy.state_dict().items())
        assert parts.model.training

    def test_only_who_is_behind_is_helped_by_the_formulas_weight(self) -> None:
        parts = parts_of("pmr", pmr_mu=0.0)
        parts.strategy.prepare(rehearsal(parts))
        rows = taken(parts, 12)
        for row in rows:
            for m in M:
                rho = row[f"prototype_rho.{m}"]
                expected = min(1.0, max(0.0, 1 / rho - 1))
                assert row[f"prototype_weight.{m}"] == pytest.approx(expected, abs=1e-4)
            assert min(row[f"prototype_weight.{m}"] for m in M) == 0

    def test_the_official_code_helps_wholly_and_has_no_entropy_term(self) -> None:
        parts = parts_of("pmr", variant="official-code", pmr_alpha=2.0, pmr_mu=5.0)
        parts.strategy.prepare(rehearsal(parts))
        taken(parts, 5)
        step = step_of(parts)
        output = parts.strategy.forward(step)
        loss = parts.strategy.loss(step, output)
        behind = min(M, key=lambda m: step.values[f"prototype_rho.{m}"])
        assert {m: float(step.values[f"prototype_weight.{m}"]) for m in M} == {
            m: float(m == behind) for m in M
        }
        expected = cross_entropy(output.logits, step.target) + 2 * step.values[f"prototype_loss.{behind}"]
        torch.testing.assert_close(loss, expected)

    def test_the_loss_is_the_sum_of_its_parts(self) -> None:
        parts = parts_of("pmr", pmr_alpha=2.0, pmr_mu=0.5, pmr_entropy_epochs=1)
        parts.strategy.prepare(rehearsal(parts))
        taken(parts, 5)
        for epoch in (0, 1):
            step = step_of(parts, epoch=epoch)
            output = parts.strategy.forward(step)
            result = parts.strategy.loss(step, output)
            v = {name: float(value) for name, value in step.values.items()}
            expected = float(cross_entropy(output.logits, step.target).detach())
            for m in M:
                expected += 2 * v[f"prototype_weight.{m}"] * v[f"prototype_loss.{m}"]
                if epoch == 0 and v[f"prototype_rho.{m}"] > 1:
                    expected -= 0.5 * v[f"prototype_entropy.{m}"]
            assert float(result.detach()) == pytest.approx(expected, rel=1e-5)

    def test_the_prototype_ratio_is_the_naive_one(self) -> None:
        parts = parts_of("pmr")
        parts.strategy.prepare(rehearsal(parts))
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
        """ΔG / ΔO² = 0.4/0.04 = 10, 0.1/0.01 = 10, and 0 where the validation loss rose."""
        assert blend([0.4, 0.1, -0.3], [0.2, -0.1, 0.5], 0.01) == pytest.approx([0.5, 0.5, 0])

    @pytest.mark.parametrize("small", [0.0, -0.005, 1e-9])
    def test_no_growth_of_overfitting_does_not_explode(self, small: float) -> None:
        assert blend([0.2, 0.2], [small, 0.01], 0.01) == pytest.approx([0.5, 0.5])

    def test_no_gain_anywhere_leaves_the_weights_in_force(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert blend([0.0, -0.1, 0.0], [0.1, 0.2, 0.3], 0.01) is None
        parts = parts_of("gradient-blending")
        strategy = cast("GradientBlending", parts.strategy)
        weights = torch.tensor([0.5, 0.2, 0.3], dtype=torch.float64)
        strategy.weights.copy_(weights)
        monkeypatch.setattr(strategy, "_trial", lambda *_: (-0.1, 0.2))
        reported: list[str] = []
        strategy.prepare(dataclasses.replace(rehearsal(parts), report=reported.append))
        assert torch.equal(strategy.weights, weights)
        assert "no head generalize" in reported[0]

    def test_an_estimate_goes_on_with_the_runs_learning_rates(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of 10 epochs, the rate falls at 7: an estimate after 6 has one epoch before and one after."""
        parts = parts_of(
            "gradient-blending", epochs=10, decay_at=0.7, lr=0.1, super_epoch=6, estimate_epochs=2
        )
        rates: list[float] = []
        build_optimizer = type(parts.training).build_optimizer

        def watched(*given: Any) -> torch.optim.Optimizer:
            optimizer = build_optimizer(*given)
            optimizer.register_step_pre_hook(lambda o, *_: rates.append(o.param_groups[0]["lr"]))
            return optimizer

        monkeypatch.setattr(type(parts.training), "build_optimizer", watched)
        steps = parts.steps_per_epoch
        expected = pytest.approx(([0.1] * steps + [0.01] * steps) * 3)
        parts.strategy.epoch_end(5, rehearsal(parts))
        assert rates == expected
        rates.clear()
        parts.strategy.prepare(dataclasses.replace(rehearsal(parts), epochs=6))  # as in a fork
        assert rates == expected

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
            before = parts.strategy.epoch_end(1, rehearsal(parts))
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
        answer = strategy.epoch_end(0, rehearsal(parts))
        assert answer is not None
        assert all(0 < answer[f"teacher.accuracy.{m}"] <= 1 for m in M)
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


@pytest.mark.parametrize(("fusion", "epochs"), [("film", 2), ("gated", 4), ("mmtm", 2), ("centralnet", 2)])
def test_every_fusion_learns_the_digits_with_convolutional_encoders(fusion: str, epochs: int) -> None:
    """Of ten classes, so that 0.1 is chance."""
    trained = Trained({"fusion": fusion, "strategy": "ogm-ge", "alpha": 0.8, "epochs": epochs})
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


@pytest.mark.parametrize("name", sources("strategy"))
def test_every_strategy_says_how_it_compares_with_its_authors_program(name: str) -> None:
    fidelity = load("strategy", name).fidelity
    assert fidelity.startswith(("Equal to the published code", "Differs from the published code in"))
    for path in re.findall(r"tests/\S+\.py", fidelity):
        assert path.startswith("tests/golden/")


@pytest.mark.parametrize(
    ("strategy", "settings", "field"),
    [
        ("pmr", {"variant": "journal"}, "variant"),
        ("opm", {"variant": "code"}, "variant"),
        ("agm", {"variant": "paper"}, "variant"),
        ("mmpareto", {"variant": "official-code"}, "variant"),
        ("joint", {"variant": "official-code"}, "variant"),
        ("ogm", {"k_rule": "code"}, "k_rule"),
    ],
)
def test_a_variant_that_a_strategy_does_not_have_is_refused_in_a_sentence(
    strategy: str, settings: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        parts_of(strategy, **settings)
    (error,) = refused.value.errors
    assert error.field == field
    assert "'pmr'" in error.message or "paper" in error.message
