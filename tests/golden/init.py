"""Golden item `init`: how layers start, drawn through `trainer.initialization` and our parts."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import numpy as np
import torch
from comparison import Case, Difference, absolute, exact
from numpy.typing import NDArray
from torch import nn

from trainer.encoders.avga import Attention, AVGASettings
from trainer.fusions.psp import PSP, PSPSettings
from trainer.initialization import Law, initialize
from trainer.segments import Reading

LAWS: dict[str, Law] = {
    "OGM-GE_CVPR2022": "ogm-ge",
    "BML_TPAMI2024": "ogm-ge",
    "Modal-Imbalance-PMR": "ogm-ge",
    "AGM_ICCV2023": "agm",
    "MMPareto_ICML2024": "mmpareto",
}
MOST_KURTOSIS = 500
Values = NDArray[np.float64]


def differences(case: Case) -> list[Difference]:
    """Compare drawn weights and biases with the case's laws."""
    assert set(LAWS.values()) <= set(get_args(Law))
    torch.manual_seed(0)
    layers = [_layer(case) for _ in range(case["settings"]["draws"])]
    compared: list[Difference] = []
    for part, law in case["expected"]["law"].items():
        drawn = [parameters.get(part) for parameters in layers]
        values = [p.detach().double().numpy().ravel() for p in drawn if p is not None]
        compared.append(exact(f"has {part}", bool(values), law is not None))
        if law is not None and values:
            compared += _compared(part, np.concatenate(values), law)
    return compared


def _compared(part: str, values: Values, law: Mapping[str, Any]) -> list[Difference]:
    if law["distribution"] == "constant":
        return [absolute(part, values, np.full(values.shape, law["value"]), 0)]
    n, std, normal = len(values), law["std"], law["distribution"] == "normal"
    slack = 5 / math.sqrt(2 * n) / (1 if normal else 2)
    compared = [
        absolute(f"{part} mean", values.mean(), law["mean"], 5 * std / math.sqrt(n)),
        absolute(f"{part} std", values.std() / std, 1, slack),
    ]
    if not normal:
        beyond = max(law["least"] - values.min(), values.max() - law["most"], 0)
        compared.append(Difference(f"{part} ends", beyond, 1e-6 * law["most"]))
    if n >= MOST_KURTOSIS:
        centered = values - values.mean()
        kurtosis = (centered**4).mean() / (centered**2).mean() ** 2
        theirs, width = (3, 6 * math.sqrt(24 / n)) if normal else (1.8, 0.3)
        compared.append(absolute(f"{part} kurtosis", kurtosis, theirs, width))
    return compared


def _layer(case: Case) -> dict[str, nn.Parameter]:
    """A fresh layer's weight and bias, as a run starts it."""
    settings, shape = case["settings"], case["settings"]["shape"]
    if settings["repository"] not in LAWS:
        return dict(_parts(settings, shape, case["expected"]["law"]["bias"] is not None))
    bias = case["expected"]["law"]["bias"] is not None
    kinds: dict[str, Callable[[], nn.Module]] = {
        "linear": lambda: nn.Linear(shape[1], shape[0], bias=bias),
        "conv": lambda: nn.Conv2d(shape[1], shape[0], tuple(shape[2:]), bias=bias),
        "norm": lambda: nn.BatchNorm2d(shape[0]),
    }
    network = nn.Sequential(kinds[settings["layer"]]())
    initialize(network, LAWS[settings["repository"]])
    return dict(network[0].named_parameters())


def _parts(settings: Mapping[str, Any], shape: Sequence[int], bias: bool) -> dict[str, nn.Parameter]:
    """The layers of PSP's and AVGA's code, which start by laws of their own."""
    part, (outputs, inputs) = settings["part"], shape[:2]
    if part == "lstm":
        lstm = Reading(inputs, outputs // 4).lstm
        return {"weight": lstm.weight_ih_l0, "bias": lstm.bias_ih_l0}
    if part == "head":
        fusion = PSP({"audio": inputs, "visual": inputs}, 2, PSPSettings(psp_head_width=outputs))
        return dict(fusion.hidden.named_parameters())
    if part == "propagation":
        fusion = PSP({"audio": inputs, "visual": inputs}, 2, PSPSettings())
        return dict(fusion.asks["visual"].named_parameters())
    if bias:
        settings_in = AVGASettings(attention_width=outputs)
        return dict(Attention(inputs, 1, settings_in).regions_in.named_parameters())
    attention = Attention(8, 1, AVGASettings(attention_width=inputs, compared_width=outputs))
    return dict(attention.regions_out.named_parameters())
