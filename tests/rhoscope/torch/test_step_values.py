"""A step's numbers by name, in the vectors they came in."""

import torch

from rhoscope.torch.step_values import StepValues

CPU = torch.device("cpu")


def made() -> StepValues:
    values = StepValues()
    values.put(("rho.a", "rho.b"), torch.tensor([2.0, 0.5]))
    values["loss"] = torch.tensor(3.0)
    values.put(("k.a", "k.b"), torch.tensor([0.1, 1.0], dtype=torch.float64))
    return values


def test_it_is_a_mapping_of_numbers() -> None:
    values = made()
    assert {name: value.item() for name, value in values.items()} == {
        "rho.a": 2.0,
        "rho.b": 0.5,
        "loss": 3.0,
        "k.a": 0.1,
        "k.b": 1.0,
    }
    assert all(value.ndim == 0 for value in values.values())
    assert values.pop("rho.b", None) is not None
    assert "rho.b" not in values
    assert len(values) == 4


def test_a_name_that_comes_again_has_its_last_value() -> None:
    values = made()
    values.put(("k.b",), torch.tensor([0.7]))
    assert round(values.joined(("k.b", "k.a"), CPU)[0].item(), 4) == 0.7


def test_a_row_is_in_the_order_asked_for_with_0_where_nothing_is_known() -> None:
    row = made().joined(("k.b", "rho.b", "noise", "loss", "rho.a"), CPU)
    assert row.dtype == torch.float32
    assert row.tolist() == [1.0, 0.5, 0.0, 3.0, 2.0]
    assert StepValues().joined(("loss",), CPU).tolist() == [0.0]


def test_neighbors_are_a_view_and_others_are_put_together() -> None:
    values = made()
    assert values.vector(["rho.a", "rho.b"]).data_ptr() == values._vectors[0].data_ptr()
    assert values.vector(["rho.b", "rho.a"]).tolist() == [0.5, 2.0]
    assert values.vector(["rho.b", "loss"]).tolist() == [0.5, 3.0]
