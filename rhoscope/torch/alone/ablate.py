"""The head once more, without the other modalities. Letters: N samples, M modalities."""

import torch
from torch import Tensor

from rhoscope.torch.head import Question, question_of
from rhoscope.torch.stand_in import Features, Material, StandIn, absent


class Ablate(StandIn):
    """One call of the head on M · N rows: in each N the others' features are replaced."""

    name = "ablate"
    way = "the head, with the other modalities' features replaced"

    def __init__(self, ask: Question, *, mean: bool) -> None:
        self._ask, self._mean = ask, mean

    @classmethod
    def of(cls, material: Material) -> "StandIn | None":
        return cls(question_of(material), mean=material.mean)

    def __call__(self, features: Features, target: Tensor) -> dict[str, Tensor]:
        given = {}
        for m, own in features.items():
            gone = absent(own, mean=self._mean)
            given[m] = torch.cat([own if kept == m else gone for kept in features])
        return dict(zip(features, torch.split(self._ask(given), len(target)), strict=True))


ALONE = Ablate
