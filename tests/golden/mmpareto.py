"""Golden item `mmpareto`: combined gradients through `combine`, whole steps through `MMPareto.step`."""

from typing import Any

from _networks import each, gradients_of, mlp, model_of, names_of, put, sgd, step_of, tensor
from comparison import Case, Difference

from trainer.strategies.mmpareto import MMPareto, MMParetoSettings, combine

EXACT = 1e-9


def differences(case: Case) -> list[Difference]:
    """Compare cosine, weight and gradients, of a network also losses and the weights after the step."""
    return {"tensors": _tensors, "network": _network}[case["kind"]](case)


def _tensors(case: Case) -> list[Difference]:
    scale, expected = case["settings"]["scale"], case["expected"]
    compared = []
    for modality, given in case["inputs"].items():
        mixture = combine(*([tensor(t) for t in given[kind]] for kind in ("joint", "own")), scale)
        compared += each("cosine", {modality: mixture.cosine}, _of(expected["cosine"], modality), EXACT)
        weight = {modality: mixture.joint_weight}
        compared += each("joint_weight", weight, _of(expected["joint_weight"], modality), EXACT)
        ours = {f"{modality} {place}": t for place, t in enumerate(mixture.gradients)}
        theirs = {f"{modality} {place}": t for place, t in enumerate(expected["combined"][modality])}
        compared += each("combined", ours, theirs, EXACT)
    return compared


def _of(values: dict[str, Any], modality: str) -> dict[str, Any]:
    return {modality: values[modality]}


def _network(case: Case) -> list[Difference]:
    settings, inputs, expected = case["settings"], case["inputs"], case["expected"]
    names, width = settings["inputs"], settings["width"]
    widths = width if isinstance(width, dict) else dict.fromkeys(names, width)
    model = model_of({m: mlp(n, widths[m], widths[m]) for m, n in names.items()}, settings["classes"])
    model.train()
    strategy = MMPareto(model, MMParetoSettings(pareto_scale=settings["scale"])).double()
    named = names_of(model, {f"{m}_head": head for m, head in strategy.heads.items()})
    named = {
        name.replace("head.", "joint_head.") if name.startswith("head.") else name: p
        for name, p in named.items()
    }
    put(named, inputs["weights"])
    optimizer = sgd(model, strategy, settings)
    data = {m: inputs[m] for m in settings["inputs"]}
    step = step_of(model, strategy, data, inputs["labels"], optimizer=optimizer)
    values = strategy.step(step)
    losses = {"joint": step.terms["joint"], **{m: step.terms[f"own.{m}"] for m in strategy.modalities}}
    return [
        *each("cosine", {m: values[f"gradient_cosine.{m}"] for m in data}, expected["cosine"], EXACT),
        *each(
            "joint_weight", {m: values[f"joint_weight.{m}"] for m in data}, expected["joint_weight"], EXACT
        ),
        *each("loss", losses, expected["losses"], EXACT),
        *each("gradient", gradients_of(named), expected["gradients"], EXACT),
        *each("after", named, expected["weights_after"], EXACT),
    ]
