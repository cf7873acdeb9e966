"""Golden item `opm`: probabilities, lots, masking and whole steps, through `OPM` and its functions."""

from typing import Any, cast

import torch
from _networks import each, model_of, plain, put, step_of, tensor
from comparison import Case, Difference, exact, relative

from rhoscope.torch.balance import Balance, measure
from trainer.model import Model
from trainer.strategies.opm import OPM, Lots, OPMSettings, mask
from trainer.strategy import Step

EXACT = 1e-9
VARIANTS = {"gradients_plain": "paper", "gradients_code": "official-code"}
NAMES = ("audio", "visual")


def differences(case: Case) -> list[Difference]:
    """Compare the figures of this kind of case."""
    kinds = {
        "probabilities": _probabilities,
        "warm-up": _warm_up,
        "execution": _execution,
        "masking": _masking,
        "whole": _whole,
    }
    return kinds[case["kind"]](case)


def _strategy(case: Case, variant: str = "paper", classes: int = 2) -> tuple[Model, OPM]:
    given = case["settings"]
    names = {"rate": "opm_rate", "lambda": "opm_lambda", "execution_probability": "opm_execution"}
    settings = OPMSettings(**{ours: given[name] for name, ours in names.items() if name in given})
    settings.variant = cast("Any", variant)
    model = model_of({m: plain(given.get("width", 1)) for m in NAMES}, classes)
    return model, OPM(model, settings)


def _balance(scores: list[float]) -> Balance:
    log_score = tensor(scores).log()
    return Balance(NAMES, log_score, torch.zeros_like(log_score), torch.zeros_like(log_score), 1)


def _probabilities(case: Case) -> list[Difference]:
    _, strategy = _strategy(case)
    ours = [strategy.rates(_balance(row), 99).tolist() for row in case["inputs"]["scores"]]
    return [relative("drop_probability", ours, case["expected"]["drop_probability"], EXACT)]


def _warm_up(case: Case) -> list[Difference]:
    _, strategy = _strategy(case)
    sure = tensor(1.0)
    ours = [bool(strategy.executes(sure, epoch)) for epoch in case["inputs"]["epochs"]]
    return [exact("active", ours, case["expected"]["active"])]


def _execution(case: Case) -> list[Difference]:
    _, strategy = _strategy(case)
    ours = [bool(strategy.executes(tensor(lot), 99)) for lot in case["inputs"]["uniform"]]
    return [exact("executed", ours, case["expected"]["executed"])]


def _masking(case: Case) -> list[Difference]:
    _, strategy = _strategy(case)
    inputs, expected = case["inputs"], case["expected"]
    features = {m: tensor(f) for m, f in inputs["features"].items()}
    executed = strategy.executes(tensor(inputs["execute_uniform"]), 99)
    rates = torch.where(executed, tensor(inputs["drop_probability"]), 0)
    masked = mask(features, rates, tensor(inputs["uniforms"]))
    kept = {m: f[masked.remains] for m, f in masked.features.items()}
    return [
        exact("remains", masked.remains.tolist(), expected["remains"]),
        *each("features", kept, expected["features"], EXACT),
    ]


def _whole(case: Case) -> list[Difference]:
    return [one for kind in VARIANTS if kind in case["expected"] for one in _whole_of(case, kind)]


def _whole_of(case: Case, kind: str) -> list[Difference]:
    settings, inputs, expected = case["settings"], case["inputs"], case["expected"]
    model, strategy = _strategy(case, VARIANTS[kind], settings["classes"])
    head = {"weight": cast("Any", model.fusion).head.weight, "bias": cast("Any", model.fusion).head.bias}
    put({f"head.{name}": p for name, p in head.items()}, {n: inputs[n] for n in ("head.weight", "head.bias")})
    lots = Lots(tensor(inputs["execute_uniform"]), tensor(inputs["uniforms"]))
    strategy.draw = lambda *_: lots  # type: ignore[method-assign]
    step = step_of(model, strategy, inputs["features"], inputs["labels"], epoch=inputs["epoch"])
    features = {m: f.requires_grad_() for m, f in step.inputs.items()}
    output = strategy.forward(step)
    loss = strategy.loss(step, output)
    loss.backward()  # type: ignore[no-untyped-call]
    remains = step.terms["remains"]
    grads = {**{m: f.grad for m, f in features.items()}, **{f"head.{n}": p.grad for n, p in head.items()}}
    return [
        *_measured(strategy, step, expected),
        exact("remains", remains.tolist(), expected["remains"]),
        relative("logits", output.logits.detach()[remains].numpy(), expected["logits"], EXACT),
        relative("loss", loss.detach(), expected["loss"], EXACT),
        *each(kind, grads, expected[kind], EXACT),
    ]


def _measured(strategy: OPM, step: Step, expected: dict[str, Any]) -> list[Difference]:
    unimodal = strategy.unimodal(step.model, {m: x.detach() for m, x in step.inputs.items()})
    balance = measure(unimodal, step.target)
    rates = strategy.rates(balance, step.epoch)
    executed = bool(step.values["dropping"])
    scale = mask(
        step.inputs, rates if executed else torch.zeros_like(rates), strategy.draw(0, 0, None).keep
    ).scale  # type: ignore[arg-type]
    scores = balance.score() * balance.samples
    return [
        *each("unimodal_logits", unimodal, expected["unimodal_logits"], EXACT),
        *each("scores", dict(zip(NAMES, scores, strict=True)), expected["scores"], EXACT),
        *each("drop_probability", dict(zip(NAMES, rates, strict=True)), expected["drop_probability"], EXACT),
        exact("executed", executed, expected["executed"]),
        relative("scale", scale.detach(), expected["scale"], EXACT),
    ]
