"""Golden item `avga`: attention and attended maps by the formula and by the code, through the encoder."""

import math

import torch
from comparison import Case, Difference, absolute, exact

from rhoscope.errors import InvalidInput
from trainer.encoders.avga import AVGA, AVGASettings

EXACT, SINGLE = 1e-9, 1e-5
VARIANTS = {"published_formula": "paper", "code": "official-code"}


def differences(case: Case) -> list[Difference]:
    """Compare every variant the case has; one it can't have must be refused."""
    compared: list[Difference] = []
    for theirs, ours in VARIANTS.items():
        if theirs in case["expected"]:
            compared += _variant(case, ours, case["expected"][theirs])
        else:
            compared.append(exact(f"{ours} refused", _refused(case, ours), True))
    return compared


def _variant(case: Case, variant: str, expected: dict[str, list[float]]) -> list[Difference]:
    dtype = getattr(torch, case["settings"].get("dtype", "float64"))
    allowed = EXACT if dtype == torch.float64 else SINGLE
    maps, heard = (torch.tensor(case["inputs"][m], dtype=dtype) for m in ("visual", "audio"))
    attention = _encoder(case, variant).attention.to(dtype)
    weights = case["inputs"]["weights"]
    attention.load_state_dict(
        {
            name.replace("visual", "regions").replace("audio", "guide"): torch.tensor(value, dtype=dtype)
            for name, value in weights.items()
        }
    )
    with torch.no_grad():
        attended = attention(maps, heard)
        attention_weights = attention.weights(maps.flatten(2, 3), heard)
    return [
        absolute(f"{variant} attention", attention_weights, expected["attention"], allowed),
        absolute(f"{variant} attended", attended, expected["attended"], allowed),
    ]


def _encoder(case: Case, variant: str) -> AVGA:
    maps, heard = (torch.tensor(case["inputs"][m]) for m in ("visual", "audio"))
    assert math.prod(maps.shape[2:4]) == case["settings"]["regions"]
    settings = AVGASettings(
        attention_width=case["settings"]["inner_width"],
        compared_width=case["settings"]["compared_width"],
        avga_variant=variant,
    )
    encoder = AVGA(tuple(maps.shape[1:]), settings)
    encoder.meet({"audio": tuple(heard.shape[1:])})
    return encoder


def _refused(case: Case, variant: str) -> bool:
    try:
        _encoder(case, variant)
    except InvalidInput as error:
        return "number of regions" in error.detail
    return False
