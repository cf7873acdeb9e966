"""Predictions of each sample, and over all of them. Letters: N samples, C classes, M modalities.

Small vectors are numpy's on a CPU, whose calls cost a fraction of an operator's.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rhoscope.torch.extent import array
from rhoscope.torch.tally import precise_on

Matrix = NDArray[np.float64]
SAFE = 1e-200
"""A sum of probabilities that is larger lost nothing to those that are no numbers of the machine."""


def picked(logits: Tensor, target: NDArray[Any], classes: NDArray[Any]) -> Matrix:
    """As `outcomes`, on a CPU."""
    given = array(logits).astype(np.float64, copy=False)
    log_p = np.empty(given.shape)
    torch.log_softmax(torch.from_numpy(given), -1, out=torch.from_numpy(log_p))
    each = np.empty((2, *given.shape[:2]))
    each[0] = log_p[:, _numbers(len(target)), classes]
    each[1] = given.argmax(-1) == target
    return each


@lru_cache(maxsize=64)
def _numbers(count: int) -> NDArray[np.intp]:
    """From 0 on. Nobody may change them."""
    return np.arange(count)


def over_samples(each: Matrix) -> tuple[list[float], list[float], list[float]]:
    """Logarithm of the score, loss, and accuracy of a CPU's `outcomes` [2, M, N], each [M]."""
    n = each.shape[-1]
    logs, hits = np.add.reduce(each, -1).tolist()
    scores = np.add.reduce(np.exp(each[0]), -1).tolist()
    plain = all(SAFE < score < math.inf for score in scores)
    log_scores = list(map(math.log, scores)) if plain else _log_sums(each[0]).tolist()
    return log_scores, [-total / n for total in logs], [total / n for total in hits]


@torch.no_grad()
def outcomes(logits: Tensor, target: Tensor, classes: Tensor | None = None) -> Tensor:
    """Predictions of the class `target` [N] by `logits` [M, N, C]: [2, M, N], as precise as can be.

    The logarithm of the probability given to it, or to `classes` [N] in its place; and whether it is the
    likeliest, 1 or 0. Not differentiable.

    Raises:
        IndexError, RuntimeError: for a class that there is not.
    """
    if logits.is_cpu:
        right = array(target)
        chosen = right if classes is None else array(classes)
        return torch.from_numpy(picked(logits, right, chosen))
    both = torch.empty(2, *logits.shape[:2], dtype=precise_on(logits.device), device=logits.device)
    index = (target if classes is None else classes).expand(len(logits), -1).unsqueeze(-1)  # [M, N, 1]
    log_p = logits.to(both.dtype).log_softmax(-1)
    torch.gather(log_p, -1, index, out=both[0].unsqueeze(-1))
    torch.eq(logits.argmax(-1), target, out=both[1])
    return both


def log_sums(logs: Tensor) -> Tensor:
    """Logarithm of the sum over the last dimension of what has these logarithms, in as precise numbers.

    On a CPU by numpy, whose calls cost a fraction of the ten operators that `logsumexp` is made of.
    """
    if logs.is_cpu and logs.numel():
        return torch.from_numpy(_log_sums(logs.numpy()))
    return logs.logsumexp(-1)


def _log_sums(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        sums: NDArray[np.float64] = np.add.reduce(np.exp(logs), -1)
    if all(SAFE < one < math.inf for one in sums.flat):
        simple: NDArray[np.float64] = np.log(sums)
        return simple
    highest = np.maximum.reduce(logs, -1, keepdims=True)
    shift = highest if all(map(math.isfinite, highest.flat)) else np.where(np.isfinite(highest), highest, 0)
    sums = np.add.reduce(np.exp(logs - shift), -1)
    with np.errstate(divide="ignore"):
        whole: NDArray[np.float64] = np.log(sums) + shift[..., 0]
    return whole
