"""Rows leave the device in blocks, in order, none lost, and only the declared ones."""

import time

import numpy as np
import pytest
import torch

from rhoscope.torch.ring import CAPACITY, Ring, Rows

CPU = torch.device("cpu")
HOST = {"lr": 0.5}


def ring(age_s: float = 1000.0) -> tuple[Ring, list[Rows]]:
    taken: list[Rows] = []
    return Ring(("loss", "rho.audio"), ("lr",), CPU, taken.append, age_s=age_s), taken


def row(value: float) -> dict[str, torch.Tensor]:
    return {"rho.audio": torch.tensor(value + 0.5), "loss": torch.tensor(value)}


def test_rows_come_out_once_and_in_order_over_many_blocks() -> None:
    made, taken = ring()
    for step in range(2 * CAPACITY + 7):
        made.append(step, row(step), {"lr": step / 2})
    assert [len(rows.steps) for rows in taken] == [CAPACITY, CAPACITY]
    made.flush()
    steps = np.concatenate([rows.steps for rows in taken])
    values = np.concatenate([rows.values() for rows in taken], axis=1)
    assert steps.tolist() == list(range(2 * CAPACITY + 7))
    assert taken[0].names == ("loss", "rho.audio", "lr")
    np.testing.assert_array_equal(values, np.stack([steps, steps + 0.5, steps / 2]).astype(np.float32))


def test_a_block_handed_on_does_not_change_when_the_ring_goes_on() -> None:
    made, taken = ring()
    made.append(0, row(1.0), HOST)
    made.flush()
    made.append(1, row(2.0), HOST)
    assert taken[0].values()[:, 0].tolist() == [1.0, 1.5, 0.5]


def test_blocks_keep_their_rows_when_a_ring_that_was_full_goes_on_elsewhere() -> None:
    made, taken = ring()
    for step in range(2 * CAPACITY + 10):
        made.append(step, row(step), HOST)
        if step % 100 == 0:
            made.flush()
    made.flush()
    steps = np.concatenate([rows.steps for rows in taken])
    assert steps.tolist() == list(range(2 * CAPACITY + 10))
    losses = np.concatenate([rows.values()[0] for rows in taken])
    assert losses.tolist() == steps.tolist()


def test_a_row_is_handed_on_with_the_step_once_40_ms_have_passed() -> None:
    made, taken = ring(age_s=0.04)
    made.flush()
    made.append(0, row(0), HOST)
    assert taken == []
    time.sleep(0.05)
    made.append(1, row(1), HOST)
    assert [rows.steps.tolist() for rows in taken] == [[0, 1]]
    assert taken[0].times[0] <= taken[0].times[1] <= time.time()


def test_slow_steps_are_handed_on_at_once() -> None:
    made, taken = ring(age_s=0.01)
    for step in range(3):
        time.sleep(0.02)
        made.append(step, row(step), HOST)
    assert [rows.steps.tolist() for rows in taken] == [[0], [1], [2]]


def test_an_empty_ring_hands_on_nothing() -> None:
    made, taken = ring()
    made.flush()
    assert taken == []


@pytest.mark.parametrize(
    ("values", "named"),
    [({"loss": torch.tensor(1.0)}, "rho.audio"), ({**row(1.0), "extra": torch.tensor(0.0)}, "extra")],
)
def test_a_step_that_emits_other_series_than_declared_is_refused_by_name(
    values: dict[str, torch.Tensor], named: str
) -> None:
    made, _ = ring()
    with pytest.raises(ValueError, match=named):
        made.append(0, values, HOST)


def test_half_precision_values_become_single_precision() -> None:
    made, taken = ring()
    made.append(0, {"loss": torch.tensor(1.5).bfloat16(), "rho.audio": torch.tensor(2.5).double()}, HOST)
    made.flush()
    assert taken[0].values()[:, 0].tolist() == [1.5, 2.5, 0.5]
