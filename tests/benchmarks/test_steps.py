"""Steps that benchmarks take: nothing of ours is left out where nothing is computed."""

import pytest
from torch import nn

from benchmarks.rig.steps import Way, av_digits, weightless
from trainer.modulation import Modulation
from trainer.training import Training


@pytest.mark.parametrize("strategy", ["ogm", "ogm-ge"])
def test_a_network_without_numbers_is_modulated_all_the_same(strategy: str) -> None:
    training = Training(device="cpu", batch_size=8)
    made = weightless(av_digits(strategy, training))
    assert isinstance(made.strategy, Modulation)
    Way(strategy, made, training, made.strategy.step).step(1)
    trained = {id(parameter) for parameter in nn.ModuleList([made.model]).parameters()}
    for modulated in made.strategy.modulated.values():
        assert {id(parameter) for parameter in modulated} <= trained
        assert all(parameter.grad is not None for parameter in modulated)
