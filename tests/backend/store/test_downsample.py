"""What a thinned curve must still show."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backend.store import downsample

numbers = st.floats(width=32, allow_infinity=False)
curves = arrays(np.float32, st.integers(1, 3000), elements=numbers)


@given(curves, st.integers(downsample.SMALLEST, 400))
def test_at_most_so_many_points_in_order_with_both_ends_and_both_extremes(
    values: np.ndarray, points: int
) -> None:
    kept = downsample.positions(values, points)
    assert len(kept) <= max(points, 2)
    assert np.all(np.diff(kept) > 0)
    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    if not np.all(np.isnan(values)):
        assert np.nanmax(values[kept]) == np.nanmax(values)
        assert np.nanmin(values[kept]) == np.nanmin(values)
    assert np.any(np.isnan(values[kept])) == np.any(np.isnan(values))


@given(curves, st.integers(3000, 4000))
def test_few_enough_values_all_stay(values: np.ndarray, points: int) -> None:
    assert len(downsample.positions(values, points)) == len(values)


@pytest.mark.parametrize("at", [0, 1, 499_999, 999_998, 999_999])
def test_one_spike_and_one_nan_among_a_million_steps_are_seen(at: int) -> None:
    values = np.zeros(1_000_000, np.float32)
    values[at] = 7
    assert 7 in values[downsample.positions(values, 300)]
    values[at] = math.nan
    assert math.isnan(values[downsample.positions(values, 300)].sum())


def test_every_column_keeps_its_own_spikes() -> None:
    values = np.zeros((3, 10_000), np.float32)
    for column, at in enumerate((10, 5000, 9990)):
        values[column, at] = 1
    kept = downsample.rows(values, 60)
    assert {10, 5000, 9990} <= set(kept.tolist())
