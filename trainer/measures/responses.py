"""Contributions of modalities to the fused logits. Letters: M modalities, N samples, C classes."""

import itertools
import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from trainer.encoder import Encoder
from trainer.model import Model
from trainer.precision import Precision


def shapley(modalities: Sequence[str]) -> dict[frozenset[str], list[float]]:
    """Weight of the fused logits of each choice of modalities in each modality's response.

    `|S|! (M − 1 − |S|)! / M!` of every S without it, taken off, and added with it; what none gives is shared
    equally, so that the responses add up to the logits of all, and by that cancels out.

    >>> shapley(["a", "v"])[frozenset("a")]
    [0.5, -0.5]
    """
    count = len(modalities)
    whole = math.factorial(count)
    weights = {}
    for size in range(1, count + 1):
        gain = math.factorial(size - 1) * math.factorial(count - size) / whole
        loss = math.factorial(size) * math.factorial(max(0, count - 1 - size)) / whole
        for there in map(frozenset, itertools.combinations(modalities, size)):
            weights[there] = [gain if m in there else -loss for m in modalities]
    return weights


def responses(fused: Mapping[frozenset[str], Tensor], modalities: Sequence[str]) -> dict[str, Tensor]:
    """Each modality's response [N, C] from the fused logits of every choice of modalities.

    For two `½ [f(a, v) − f(0, v) + f(a, 0)]`.
    """
    weights = shapley(modalities)
    return {
        m: torch.stack([w[place] * fused[there] for there, w in weights.items()]).sum(0)
        for place, m in enumerate(modalities)
    }


def fused_without(
    model: Model, inputs: Mapping[str, Tensor], precision: Precision
) -> dict[frozenset[str], Tensor]:
    """Fused logits [N, C] of every smaller choice of modalities, in evaluation mode, with their graph.

    The others' inputs are zeros. Encoders that no other modality guides see each input once.
    """
    choices = [
        frozenset(there)
        for size in range(1, len(model.modalities))
        for there in itertools.combinations(model.modalities, size)
    ]
    if not choices:
        return {}
    mode, blank = model.training, {m: torch.zeros_like(x) for m, x in inputs.items()}
    model.eval()
    with precision.autocast():
        if any(type(encoder).see is not Encoder.see for encoder in model.encoders.values()):
            features = [model.encode({m: (inputs if m in s else blank)[m] for m in blank}) for s in choices]
        else:
            seen, dark = model.encode(inputs), model.encode(blank)
            features = [{m: (seen if m in s else dark)[m] for m in seen} for s in choices]
        fused = {s: model.fusion.fuse(f) for s, f in zip(choices, features, strict=True)}
    model.train(mode)
    return fused
