"""Predictions of each sample, and over all of them. Letters: N samples, C classes, M modalities.

Small vectors are numpy's on a CPU, whose calls cost a fraction of an operator's.
"""

import math
from collections.abc import Sequence
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


def stacked(each: Sequence[Tensor]) -> Matrix:
    """A CPU's logits [N, C] side by side, [M, N, C]."""
    return array(torch.stack(list(each))).astype(np.float64, copy=False)


def picked(logits: Matrix, target: NDArray[Any], classes: NDArray[Any]) -> Matrix:
    """As `outcomes`, of a CPU's numbers."""
    log_p = np.empty(logits.shape)
    torch.log_softmax(torch.from_numpy(logits), -1, out=torch.from_numpy(log_p))
    each = np.empty((2, *logits.shape[:2]))
    each[0] = log_p[:, np.arange(len(target)), classes]
    each[1] = logits.argmax(-1) == target
    return each


def over_samples(each: Matrix) -> Matrix:
    """Logarithm of the score, loss, and accuracy of a CPU's `outcomes` [2, M, N]: [3, M]."""
    rows = np.empty((3, each.shape[1]))
    rows[0] = _log_sums(each[0])
    sums = np.add.reduce(each, -1) / each.shape[-1]
    rows[1], rows[2] = -sums[0], sums[1]
    return rows


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
        return torch.from_numpy(picked(array(logits).astype(np.float64, copy=False), right, chosen))
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
