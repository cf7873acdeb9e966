"""Golden item `agm-step`: whole training steps, through `AGM.step` with the product's network and SGD."""

from collections.abc import Mapping
from typing import Any

from _networks import Layers, each, gradients_of, mlp, model_of, names_of, put, sgd, step_of
from agm_target import settings_of, start
from comparison import Case, Difference, exact, relative
from torch import Tensor, nn

from trainer.strategies.agm import AGM

EXACT = 1e-8


def differences(case: Case) -> list[Difference]:
    """Compare each step's figures and gradients, and the weights at the end."""
    settings, inputs, expected = case["settings"], case["inputs"], case["expected"]
    encoders = {m: _encoder(settings, m) for m in settings["width"]}
    model = model_of(encoders, settings["classes"])
    model.train()
    named = names_of(model)
    put(named, inputs["weights"])
    strategy = AGM(model, settings_of(case))
    start(strategy, settings["start"])
    optimizer = sgd(model, strategy, settings)
    compared = []
    for place, (rows, theirs) in enumerate(zip(inputs["batches"], expected["steps"], strict=True)):
        data = {name: [values[row] for row in rows] for name, values in inputs["data"].items()}
        labels = data.pop("labels")
        step = step_of(model, strategy, data, labels, number=place, optimizer=optimizer)
        values = strategy.step(step)
        compared += _figures(f"step {place}", values, theirs)
        compared += each(f"step {place} gradient", gradients_of(named), theirs.get("gradients") or {}, EXACT)
    compared += each("after", named, expected["weights_after"], EXACT)
    compared += each("after", named, expected.get("running_after") or {}, EXACT)
    after = dict(zip(strategy.modalities, strategy.mean_nll.tolist(), strict=True))
    return compared + each("mean_nll_after", after, expected["mean_nll_after"], EXACT)


def _figures(at: str, values: Mapping[str, Tensor], theirs: Mapping[str, Any]) -> list[Difference]:
    compared = [relative(f"{at} loss", values["loss"], theirs["loss"], EXACT)]
    names = {"k": ("k", 1), "lead": ("lead", 1), "target": ("lead_target", 1), "nll": ("response", -1)}
    for figure, (series, sign) in names.items():
        ours = {m: sign * values[f"{series}.{m}"] for m in theirs[figure]}
        compared += each(f"{at} {figure}", ours, theirs[figure], EXACT)
    compared.append(exact(f"{at} clipped", bool(values["agm_clip_factor"] != 1), theirs["clipped"]))
    length = theirs["gradient_norm_before_clipping"]
    return [*compared, relative(f"{at} norm", values["agm_norm"], length, EXACT)]


def _encoder(settings: Mapping[str, Any], modality: str) -> Layers:
    shape, width = settings["input_shape"][modality], settings["width"][modality]
    if settings["encoder"] == "mlp":
        first, second = (width, width) if isinstance(width, int) else width
        return mlp(shape[0], first, second)
    first, second = width
    blocks = [
        {"conv1": nn.Conv2d(shape[0], first, 3, 1, 1, bias=False), "norm1": nn.BatchNorm2d(first)},
        {"conv2": nn.Conv2d(first, second, 3, 2, 1, bias=False), "norm2": nn.BatchNorm2d(second)},
    ]
    return Layers(second, blocks)
