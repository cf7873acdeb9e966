"""Plain numbers stand for tensors: rounded as these are, and found in a step's values like these."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rhoscope.torch.gradients import multiply
from rhoscope.torch.host import HostVector, host_vector, tensor_of
from rhoscope.torch.step_values import StepValues

KINDS = (torch.float32, torch.float64, torch.bfloat16, torch.float16)


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=5), st.sampled_from(KINDS))
def test_numbers_are_rounded_as_a_tensor_of_their_kind_rounds_them(
    numbers: list[float], kind: torch.dtype
) -> None:
    made = host_vector(numbers, kind)
    expected = torch.tensor(numbers, dtype=torch.float32 if kind.itemsize < 4 else kind).to(kind)
    assert torch.equal(made.tensor(), expected)
    assert made.values == expected.tolist()
    assert tensor_of(made).dtype == kind


def test_what_single_precision_does_not_hold_is_infinite() -> None:
    assert host_vector([1e300, -1e300], torch.float32).values == [float("inf"), float("-inf")]


def test_a_steps_values_are_tensors_whatever_they_came_in() -> None:
    values = StepValues()
    values.put(("rho.a", "rho.b"), HostVector([2.0, 0.5], torch.float64))
    values["loss"] = torch.tensor(3.0)
    assert values["rho.b"].item() == 0.5
    assert values["rho.b"].dtype == torch.float64
    assert values.vector(["rho.a", "rho.b"]) == HostVector([2.0, 0.5], torch.float64)
    together = values.vector(["loss", "rho.a"])
    assert isinstance(together, Tensor)
    assert together.tolist() == [3.0, 2.0]
    names = ("loss", "rho.b", "k", "rho.a")
    assert values.plain(names) == values.joined(names, torch.device("cpu")).tolist() == [3.0, 0.5, 0.0, 2.0]


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_tensors_are_multiplied_by_plain_factors_as_by_a_tensors(kind: torch.dtype) -> None:
    torch.manual_seed(0)
    numbers = [0.3, 1.0, 0.7]
    lists = [[torch.randn(3, 4), torch.randn(5)], [torch.randn(2)], []]
    others = [[one.clone() for one in each] for each in lists]
    multiply(lists, host_vector(numbers, kind))
    multiply(others, torch.tensor(numbers, dtype=kind))
    for each, same in zip(lists, others, strict=True):
        assert all(torch.equal(one, other) for one, other in zip(each, same, strict=True))
