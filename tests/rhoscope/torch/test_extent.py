"""Sums over many tensors: as precise as one at a time, whatever their sizes and types."""

import math

import pytest
import torch
from torch import Tensor

from rhoscope.torch.extent import JOINED, Extent

TENSORS: dict[str, Tensor] = {
    "small": torch.randn(3, 4),
    "one entry": torch.tensor([3.0]),
    "no entry": torch.zeros(0),
    "large": torch.randn(2, JOINED) * 1e-3,
    "large, far from 0": torch.randn(2, JOINED) + 1000,
    "large, all the same": torch.full((2, JOINED), 3.0),
    "small, all the same": torch.full((7,), 3.0),
    "tiny numbers": torch.randn(500, 100) * 1e-20,
    "other order in memory": torch.randn(8, 8, 3, 3).to(memory_format=torch.channels_last),
    "half precision": torch.randn(9).to(torch.bfloat16),
    "large half precision": torch.randn(2, JOINED).to(torch.bfloat16),
}


def test_norms_and_deviations_are_those_of_each_tensor() -> None:
    each = list(TENSORS.values())
    extent = Extent(each)
    known = zip(TENSORS, each, extent.squares, extent.deviations(), strict=True)
    for name, tensor, square, deviation in known:
        assert square == pytest.approx(tensor.double().square().sum().item(), rel=1e-5), name
        expected = tensor.double().std().item() if tensor.numel() > 1 else 0.0
        assert deviation == pytest.approx(expected, rel=1e-5), name


def test_deviations_of_some_tensors_are_those_among_all() -> None:
    extent = Extent(list(TENSORS.values()))
    every = extent.deviations()
    assert extent.deviations([4, 0]) == [every[4], every[0]]


def test_of_no_tensor_there_is_nothing() -> None:
    assert Extent([]).squares == []


def test_a_number_that_is_not_finite_stays_with_its_tensor() -> None:
    broken = torch.tensor([1.0, float("nan")])
    first, second, third = Extent([torch.ones(2), broken, torch.full((2,), float("inf"))]).squares
    assert (first, third) == (2.0, float("inf"))
    assert math.isnan(second)
