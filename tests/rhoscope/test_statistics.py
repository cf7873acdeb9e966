"""Intervals cover as often as they say; what is called certain survives the correction for several rows."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rhoscope.statistics import BCA_FROM, bca, holm, mean_std, paired, power_line, seeds_for, sign_flip

FINITE = st.floats(-1e3, 1e3)
TRUTH = 2.0
Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
NORMAL: Draw = lambda dice, n: dice.normal(TRUTH, 1, n)  # noqa: E731
SKEWED: Draw = lambda dice, n: dice.exponential(1, n) + TRUTH - 1  # noqa: E731


def coverage(draw: Draw, n: int, draws: int) -> float:
    """How often the interval of n pairs holds the truth."""
    dice = np.random.default_rng(n)
    intervals = [paired(draw(dice, n), np.zeros(n)) for _ in range(draws)]
    return float(np.mean([d is not None and d.low <= TRUTH <= d.high for d in intervals]))


@pytest.mark.parametrize("n", [3, 5, 10, 19])
def test_the_interval_covers_normal_differences_as_often_as_it_says(n: int) -> None:
    assert 0.93 <= coverage(NORMAL, n, 2000) <= 0.97


@pytest.mark.parametrize("n", [3, 5, 10, 19])
def test_it_loses_little_where_differences_are_skewed(n: int) -> None:
    assert coverage(SKEWED, n, 2000) >= 0.86


@pytest.mark.parametrize(("draw", "least", "most"), [(NORMAL, 0.91, 0.95), (SKEWED, 0.9, 0.94)])
def test_of_twenty_pairs_the_bootstrap_covers_what_is_said(draw: Draw, least: float, most: float) -> None:
    """Some points fewer than its 95 %, whatever the distribution; fewer resamples than a report has."""
    d = draw(np.random.default_rng(20), 2000 * BCA_FROM).reshape(2000, BCA_FROM)
    low, high = bca(d, resamples=999)
    assert least <= np.mean((low <= TRUTH) & (high >= TRUTH)) <= most
    one = paired(d[0], np.zeros(BCA_FROM))
    assert one is not None
    assert one.method == "BCa"
    assert (one.low, one.high) == pytest.approx((low[0], high[0]), abs=0.1)


def test_of_true_nothings_few_come_out_as_certain() -> None:
    """Of tables of twelve rows of five seeds, one in twenty has a bold row, although nothing differs."""
    dice = np.random.default_rng(3)
    nothing = np.zeros(5)
    tables = [holm([paired(dice.normal(0, 1, 5), nothing) for _ in range(12)]) for _ in range(400)]
    wrong = np.mean([any(d is not None and d.certain for d in table) for table in tables])
    assert wrong <= 0.08


@given(st.lists(FINITE, min_size=3, max_size=8), FINITE)
def test_a_shift_of_every_seed_is_exact(values: list[float], shift: float) -> None:
    difference = paired(np.array(values) + shift, np.array(values))
    assert difference is not None
    assert np.allclose([difference.mean, difference.low, difference.high], shift, atol=1e-6)


@given(st.lists(st.tuples(FINITE, FINITE), min_size=3, max_size=8))
def test_the_interval_lies_around_the_mean_and_turns_with_the_sign(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs).T
    there, back = paired(a, b), paired(b, a)
    assert there is not None
    assert back is not None
    assert there.low - 1e-9 <= there.mean <= there.high + 1e-9
    assert math.isclose(there.mean, -back.mean, abs_tol=1e-9)
    assert math.isclose(there.low, -back.high, rel_tol=1e-9, abs_tol=1e-9)
    assert math.isclose(there.p, back.p, rel_tol=1e-9)
    assert 0 <= there.p <= there.adjusted <= 1


def test_two_seeds_give_a_mean_and_no_interval() -> None:
    assert paired(np.array([1.0, 2.0]), np.array([0.0, 0.0])) is None
    mean, std = mean_std(np.array([0.5]))
    assert mean == 0.5
    assert math.isnan(std)


def test_holm_multiplies_the_smallest_first_and_never_lets_a_larger_one_overtake() -> None:
    dice = np.random.default_rng(0)
    rows = [paired(dice.normal(effect, 1, 6), np.zeros(6)) for effect in (0.0, 3.0, 1.0)]
    after = holm([*rows, None])
    assert after[3] is None
    p = [d.p for d in rows if d is not None]
    order = np.argsort(p)
    expected = np.maximum.accumulate(np.minimum(1, np.array(p)[order] * [3, 2, 1]))
    assert [d.adjusted for d in (after[i] for i in order) if d is not None] == pytest.approx(list(expected))


def test_signs_are_all_tried_up_to_sixteen_pairs_and_drawn_beyond() -> None:
    assert sign_flip(np.arange(1.0, 6.0)) == 2 / 2**5
    assert sign_flip(np.array([1.0, -1.0, 1.0, -1.0])) == 1
    assert sign_flip(np.full(40, 2.0)) < 0.001


def test_the_seeds_needed_show_the_difference_in_four_of_five_repetitions() -> None:
    n = seeds_for(0.8, 1.0)
    assert n is not None
    dice = np.random.default_rng(5)
    rows = [paired(dice.normal(0.8, 1, n), np.zeros(n)) for _ in range(2000)]
    assert 0.77 <= np.mean([d is not None and d.certain for d in rows]) <= 0.85
    assert seeds_for(1e-9, 1.0) is None


def test_a_table_says_what_it_can_not_show() -> None:
    difference = paired(np.array([0.72, 0.73, 0.75]), np.array([0.71, 0.70, 0.73]))
    assert difference is not None
    said = power_line([difference.spread, (3, 0.0)], "points", 100, 1)
    assert "With 3 seeds and this spread, differences under 3.3 points can't be seen" in said
    assert power_line([], "points", 100, 1) == power_line([(5, 0.0)], "points", 100, 1) == ""


@pytest.mark.parametrize(
    ("n", "sentence"),
    [
        (0, "Without a common seed no difference can be separated from chance; an interval takes 3."),
        (1, "1 common seed can't tell a difference from chance: an interval takes 3."),
        (2, "2 common seeds can't tell a difference from chance: an interval takes 3."),
    ],
)
def test_fewer_than_three_seeds_are_one_sentence(n: int, sentence: str) -> None:
    assert power_line([(n, 0.0), (0, 0.0)], "points", 100, 1) == sentence
