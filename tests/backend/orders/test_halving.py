"""What a trial of remedies costs where nothing is said: bounded by the run that it is to help."""

import pytest

from backend.orders import halving
from backend.orders.remedies import SEEDS

DEFAULT_EPOCHS, SUGGESTED = 24, 6
"""Of a run with default settings, and candidates that the verdict suggests for one beside the control."""


@pytest.mark.parametrize("candidates", range(2, 13))
@pytest.mark.parametrize("epochs", [DEFAULT_EPOCHS, 60, 100, 1000])
def test_all_trainings_together_have_at_most_three_times_the_run_s_steps(
    epochs: int, candidates: int
) -> None:
    horizon = halving.horizon_of(epochs, candidates, SEEDS)
    together = halving.epochs_of(horizon, candidates, SEEDS)
    least = halving.epochs_of(halving.LEAST, candidates, SEEDS)
    assert together <= max(halving.COST * epochs, least)
    assert halving.LEAST <= horizon <= epochs // halving.SHARE


def test_the_default_run_s_candidates_are_compared_twice_with_three_seeds() -> None:
    horizon = halving.horizon_of(DEFAULT_EPOCHS, 1 + SUGGESTED, SEEDS)
    assert halving.rungs_of(horizon, 1 + SUGGESTED) == [2, 4]
    assert SEEDS == 3
    assert halving.epochs_of(horizon, 1 + SUGGESTED, SEEDS) == 66


def test_the_estimate_counts_steps_and_starts() -> None:
    assert halving.seconds([46, 92], 7, 3, 0.05) == pytest.approx(33 * halving.START_S + 66 * 23 * 0.05)
