"""Exact Shapley values of the head's outputs. Letters: N samples, C outputs, M modalities."""

from itertools import chain, combinations
from math import factorial

import torch
from torch import Tensor

from rhoscope.torch.head import Question, question_of
from rhoscope.torch.stand_in import Features, Material, StandIn, absent


class Shapley(StandIn):
    """A modality's mean contribution to each output over all orders of joining, and an equal share of none's.

    Exact over all 2^M coalitions, in one call of the head. The parts add up to the network's own outputs; of
    a linear head they are `split`'s, so that it carries equation 8 of Peng et al. over to any fusion.
    """

    name = "shapley"
    most = 4  # each one more doubles the cost
    way = (
        "its exact Shapley value in the head's outputs, and an equal share of what the head says without any"
    )

    def __init__(self, ask: Question, modalities: int, *, mean: bool) -> None:
        self._ask, self._mean = ask, mean
        every = range(modalities)
        self._coalitions = list(
            chain.from_iterable(combinations(every, size) for size in range(modalities + 1))
        )
        self._weights = torch.tensor([[_weight(u, s, modalities) for s in self._coalitions] for u in every])

    @classmethod
    def of(cls, material: Material) -> "StandIn | None":
        return cls(question_of(material), len(material.features), mean=material.mean)

    def __call__(self, features: Features, target: Tensor) -> dict[str, Tensor]:
        given = {}
        for u, (m, own) in enumerate(features.items()):
            gone = absent(own, mean=self._mean)
            given[m] = torch.cat([own if u in members else gone for members in self._coalitions])
        answers = self._ask(given)
        if self._weights.device != answers.device:
            self._weights = self._weights.to(answers.device)
        every = answers.reshape(len(self._coalitions), -1)  # [2^M, N · C]
        values = self._weights.to(every.dtype) @ every
        shaped = values.view(len(features), len(target), *answers.shape[1:])
        return dict(zip(features, shaped.unbind(), strict=True))


def _weight(u: int, members: tuple[int, ...], m: int) -> float:
    """The factor of one coalition's output in the value of modality u."""
    size = len(members)
    nobody = 0.0 if members else 1 / m
    if u in members:
        return factorial(size - 1) * factorial(m - size) / factorial(m)
    return nobody - factorial(size) * factorial(m - size - 1) / factorial(m)


ALONE = Shapley
