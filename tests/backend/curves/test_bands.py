"""Digests, and means and bands over runs, against the plainest way to say them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.curves.bands import Placed, band
from backend.curves.digest import Digest
from backend.store.rows import Curve


def curve(values: list[float], start: int = 0, every: int = 1) -> Curve:
    steps = np.arange(start, start + every * len(values), every, dtype=np.int32)
    return steps, np.array(values, np.float32)


def placed(curve: Curve, scale: float = 1.0, most: int = 2048) -> Placed:
    digest = Digest.of(curve).small(most=most)
    return Placed(digest.last * scale, digest)


numbers = st.floats(-1000, 1000, width=32)
values = st.lists(numbers, min_size=1, max_size=40)
several = st.lists(values, min_size=1, max_size=5)


@given(values, st.integers(1, 9), st.lists(st.integers(0, 40), max_size=3))
def test_a_digest_keeps_counts_means_and_extremes_and_is_the_same_however_it_grew(
    given_values: list[float], most: int, cuts: list[int]
) -> None:
    borders = np.unique(np.array(cuts, np.int32))
    steps, numbers = curve(given_values)
    whole = Digest.of((steps, numbers)).small(borders, most)
    assert len(whole) <= max(most, len(borders) + 1)
    assert np.array_equal(whole.last[:-1] + 1, whole.first[1:])
    for i in range(len(whole)):
        inside = numbers[whole.first[i] : whole.last[i] + 1].astype(float)
        assert whole.count[i] == len(inside)
        assert whole.mean[i] == pytest.approx(inside.mean(), abs=1e-9, rel=1e-9)
        assert (whole.low[i], whole.high[i]) == (inside.min(), inside.max())
        assert not any(whole.first[i] < cut <= whole.last[i] for cut in borders)
    half = len(steps) // 2
    grown = (
        Digest.of((steps[:half], numbers[:half]))
        .small(borders)
        .grown((steps[half:], numbers[half:]), borders)
    )
    for mine, other in zip(grown.small(borders, most).columns(), whole.columns(), strict=True):
        assert mine == pytest.approx(other, abs=1e-9)


@given(several, st.sampled_from([1.0, 0.125, 1 / 3]))
def test_with_a_point_a_value_it_is_numpys_mean_and_deviation_of_the_runs_that_came_so_far(
    runs: list[list[float]], scale: float
) -> None:
    result = band([placed(curve(values), scale) for values in runs], 100, whole=scale == 1)
    assert list(result.steps) == list(range(max(map(len, runs))))
    assert result.x == pytest.approx(result.steps * scale)
    for step in result.steps:
        there = np.array([values[step] for values in runs if len(values) > step], np.float32).astype(float)
        assert result.runs[step] == len(there)
        assert result.mean[step] == pytest.approx(there.mean(), abs=1e-9, rel=1e-9)
        expected = there.std(ddof=1) if len(there) > 1 else 0
        assert result.deviation[step] == pytest.approx(expected, abs=1e-6, rel=1e-6)
        assert (result.low[step], result.high[step]) == (there.min(), there.max())


@given(several, st.integers(1, 10), st.sampled_from([1.0, 0.4]), st.integers(1, 40))
def test_thinned_it_lies_within_the_runs_hides_no_spike_and_counts_each_run_once(
    runs: list[list[float]], points: int, scale: float, most: int
) -> None:
    result = band([placed(curve(values), scale, most) for values in runs], points, whole=scale == 1)
    assert len(result.steps) <= points + 2
    assert np.all(np.diff(result.steps) > 0)
    assert np.all(np.diff(result.x) > 0)
    assert result.steps[-1] == max(map(len, runs)) - 1
    assert np.all(result.runs <= len(runs))
    every = np.concatenate([np.array(values, np.float32) for values in runs])
    assert (result.low.min(), result.high.max()) == (every.min(), every.max())
    assert np.all((result.mean >= result.low - 1e-6) & (result.mean <= result.high + 1e-6))
    assert np.all(result.deviation >= 0)


@given(values, st.integers(0, 40), st.integers(0, 40), st.integers(2, 50))
def test_a_window_holds_all_that_lies_in_it_and_a_value_on_either_side(
    given_values: list[float], a: int, b: int, points: int
) -> None:
    start, end = sorted((a, b))
    steps, _ = curve(given_values)
    result = band([placed(curve(given_values), 0.5)], points, start=start / 2, end=end / 2)
    inside = steps[(steps >= start) & (steps <= end)]
    kept = steps[max(0, int((steps < start).sum()) - 1) : int((steps <= end).sum()) + 1]
    assert list(result.steps[result.runs > 0][-1:]) == list(kept[-1:])
    if points > len(steps):
        assert list(result.steps) == list(kept)
    assert set(result.steps) >= set(inside[-1:])


def test_sparse_values_meet_at_their_own_steps() -> None:
    one, other = curve([0.2, 0.4], start=22, every=23), curve([0.4, 0.6], start=22, every=23)
    result = band([placed(one), placed(other)], 300, whole=True)
    assert list(result.steps) == [22, 45]
    assert result.mean == pytest.approx([0.3, 0.5])
    assert result.deviation == pytest.approx([0.2 / np.sqrt(2)] * 2)
    assert list(result.runs) == [2, 2]


def test_runs_of_another_pace_meet_in_stretches_as_long_as_the_way_between_their_values() -> None:
    slow, fast = placed(curve([1, 1, 1, 1, 1]), 10.0), placed(curve([3, 3, 3, 3, 3]), 9.0)
    result = band([slow, fast], 300)
    assert list(result.runs) == [2, 2, 2, 2]
    assert result.mean == pytest.approx([2, 2, 2, 2])


def test_nan_of_one_run_is_nan_of_all_and_only_there() -> None:
    result = band([placed(curve([1, np.nan, 1])), placed(curve([1, 1, 1]))], 10, whole=True)
    assert np.isnan(result.mean).tolist() == [False, True, False]
    assert result.low.tolist() == [1, 1, 1]


def test_no_run_with_a_value_is_no_band() -> None:
    result = band([placed(curve([])), Placed(np.array([np.nan]), Digest.of(curve([1.0])))], 10)
    assert len(result.steps) == len(result.mean) == 0


@given(values, st.integers(2, 50), st.sampled_from([1.0, 0.5]), st.booleans())
def test_a_run_alone_is_the_band_of_itself_twice(
    given_values: list[float], points: int, scale: float, whole: bool
) -> None:
    one = placed(curve([*given_values, np.nan, np.inf, *given_values]), 1.0 if whole else scale, most=16)
    alone, twice = band([one], points, whole=whole), band([one, one], points, whole=whole)
    for name in ("steps", "x", "mean", "low", "high", "deviation"):
        assert np.array_equal(getattr(alone, name), getattr(twice, name), equal_nan=True), name
    assert np.array_equal(2 * alone.runs, twice.runs)
