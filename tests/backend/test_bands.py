"""Means and bands over runs, against the plainest way to say them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.bands import band
from backend.store.rows import Curve


def curve(values: list[float], start: int = 0, every: int = 1) -> Curve:
    steps = np.arange(start, start + every * len(values), every, dtype=np.int32)
    return steps, np.array(values, np.float32)


numbers = st.floats(-1000, 1000, width=32)
several = st.lists(st.lists(numbers, min_size=1, max_size=40), min_size=1, max_size=5)


@given(several)
def test_with_a_point_a_step_it_is_numpys_mean_and_deviation_of_the_runs_that_came_so_far(
    runs: list[list[float]],
) -> None:
    steps, mean, deviation, counts = band([curve(values) for values in runs], 100)
    assert list(steps) == list(range(max(map(len, runs))))
    for step in steps:
        there = np.array([values[step] for values in runs if len(values) > step], np.float32).astype(float)
        assert counts[step] == len(there)
        assert mean[step] == pytest.approx(there.mean(), abs=1e-9, rel=1e-9)
        expected = there.std(ddof=1) if len(there) > 1 else 0
        assert deviation[step] == pytest.approx(expected, abs=1e-6, rel=1e-6)


@given(several, st.integers(1, 10))
def test_thinned_it_lies_within_the_runs_and_counts_each_run_once(
    runs: list[list[float]], points: int
) -> None:
    steps, mean, deviation, counts = band([curve(values) for values in runs], points)
    assert len(steps) <= points
    assert np.all(np.diff(steps) > 0)
    assert steps[-1] == max(map(len, runs)) - 1
    assert np.all(counts <= len(runs))
    least, most = min(map(min, runs)), max(map(max, runs))
    assert np.all((mean >= least - 1e-6) & (mean <= most + 1e-6))
    assert np.all(deviation >= 0)


def test_sparse_values_meet_at_their_own_steps() -> None:
    one, other = curve([0.2, 0.4], start=22, every=23), curve([0.4, 0.6], start=22, every=23)
    steps, mean, deviation, counts = band([one, other], 300)
    assert list(steps) == [22, 45]
    assert mean == pytest.approx([0.3, 0.5])
    assert deviation == pytest.approx([0.2 / np.sqrt(2)] * 2)
    assert list(counts) == [2, 2]


def test_nan_of_one_run_is_nan_of_all_and_only_there() -> None:
    _, mean, _, _ = band([curve([1, np.nan, 1]), curve([1, 1, 1])], 10)
    assert np.isnan(mean).tolist() == [False, True, False]


def test_no_run_with_a_value_is_no_band() -> None:
    assert all(len(part) == 0 for part in band([curve([])], 10))
