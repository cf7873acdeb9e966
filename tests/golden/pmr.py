"""Golden item `pmr`: steps of both variants through `PMR.loss`, prototypes through `PMR.renew`."""

from typing import Any, cast

import torch
from _networks import CPU, each, model_of, plain, put, step_of, tensor
from comparison import Case, Difference, relative

from rhoscope.torch.balance import measure
from trainer.model import Model
from trainer.modulation import within
from trainer.precision import Precision
from trainer.rehearsal import first_of
from trainer.strategies.pmr import PMR, PMRSettings

EXACT = 1e-9
VARIANTS = {"code": "official-code", "paper": "paper"}
SHARES = {"official-default": 0.1, "official-ave": 1.0}


def differences(case: Case) -> list[Difference]:
    """Compare the figures of this kind of case."""
    if case["kind"] == "prototypes":
        return _prototypes(case)
    return [one for kind in VARIANTS for one in _step(case, kind)]


def _strategy(case: Case, settings: PMRSettings, names: list[str]) -> tuple[Model, PMR]:
    given = case["settings"]
    model = model_of({m: plain(given["width"]) for m in names}, given["classes"])
    return model, PMR(model, settings).double()


def _step(case: Case, kind: str) -> list[Difference]:
    given, inputs, expected = case["settings"], case["inputs"], case["expected"]
    settings = PMRSettings(variant=cast("Any", VARIANTS[kind]), pmr_alpha=given["alpha"], pmr_mu=0.0)
    if kind == "code":  # the paper's variant has no window
        settings.modulation_starts, settings.modulation_ends = given["window"]
    model, strategy = _strategy(case, settings, list(inputs["features"]))
    head = {f"head.{n}": p for n, p in cast("Any", model.fusion).head.named_parameters()}
    put(head, {name: inputs[name] for name in head})
    protos = {m: cast("Any", strategy.prototypes[m]) for m in strategy.modalities}
    put({m: p.centres for m, p in protos.items()}, inputs["prototypes"])
    step = step_of(model, strategy, inputs["features"], inputs["labels"], epoch=given["epoch"])
    features = {m: f.requires_grad_() for m, f in step.inputs.items()}
    loss = strategy.loss(step, strategy.forward(step))
    loss.backward()  # type: ignore[no-untyped-call]
    near = {m: protos[m](f.detach()) for m, f in features.items()}
    balance = measure(near, step.target)
    ratios = balance.ratios()
    weights = strategy.weights(ratios, inside=within(settings, step))
    weights = weights if kind == "paper" else weights * given["alpha"]
    losses = {m: step.values[f"prototype_loss.{m}"] for m in features}
    grads = {**{m: f.grad for m, f in features.items()}, **{name: p.grad for name, p in head.items()}}
    theirs = expected[kind]
    joint = torch.nn.functional.cross_entropy(model(step.inputs).logits.detach(), step.target)
    entropies = {m: step.values[f"prototype_entropy.{m}"] for m in features}
    return [
        *each("distances", {m: -z for m, z in near.items()}, expected["distances"], EXACT),
        *each("scores", _named(strategy, balance.score() * balance.samples), expected["scores"], EXACT),
        *each("rho", _named(strategy, ratios), expected["rho"], EXACT),
        *each("prototype_losses", losses, expected["prototype_losses"], EXACT),
        relative("joint_loss", joint, expected["joint_loss"], EXACT),
        *each(f"{kind} weights", _named(strategy, weights), theirs["weights"], EXACT),
        *each(f"{kind} entropies", entropies, theirs.get("entropies") or {}, EXACT),
        relative(f"{kind} loss", loss.detach(), theirs["loss"], EXACT),
        *each(f"{kind} gradient", grads, theirs["gradients"], EXACT),
    ]


def _named(strategy: PMR, values: torch.Tensor) -> dict[str, torch.Tensor]:
    return dict(zip(strategy.modalities, values, strict=True))


def _prototypes(case: Case) -> list[Difference]:
    given, inputs = case["settings"], case["inputs"]
    settings = PMRSettings(pmr_momentum=given["share_kept"], pmr_share=SHARES[given["variant"]])
    labels = torch.tensor(inputs["labels"])
    names = [key for key in inputs["epochs"][0] if key not in ("official_epoch", "batches")]
    model, strategy = _strategy(case, settings, names)
    compared = []
    for place, (epoch, theirs) in enumerate(
        zip(inputs["epochs"], case["expected"]["prototypes"], strict=True)
    ):
        batches = [
            ({m: tensor(epoch[m])[rows] for m in names}, labels[rows])
            for rows in map(torch.tensor, epoch["batches"])
        ]
        chosen = batches[: first_of(len(batches), settings.pmr_share)]
        strategy.renew(model, chosen, epoch["official_epoch"] + 1, Precision("float32", CPU))
        ours = {m: cast("Any", strategy.prototypes[m]).centres for m in names}
        compared += each(f"epoch {place}", ours, theirs, EXACT)
    return compared
