"""The budget of a step's way: every hop's share, from who saw the step where and when."""

import numpy as np
import pytest

from benchmarks.rig.hops import API, BINS, CANVAS, PAGE, SCREEN, STREAM, WAYS, Places, budget, reached


def test_a_step_is_at_a_place_with_the_first_passage_that_reaches_it() -> None:
    times = reached([(1, 10.0), (0, 11.0), (3, 12.0)], 5)
    assert times[:4].tolist() == [10.0, 10.0, 12.0, 12.0]
    assert np.isnan(times[4])


def test_hops_add_up_to_the_way_and_each_says_its_own_part() -> None:
    taken = {"r": [float(step) for step in range(10)]}
    places = Places()
    for delay, place in ((0.010, STREAM), (0.030, API)):
        places.seen[place] = {"r": [(step, step + delay) for step in range(10)]}
    places.page([("r", step, step + 0.035, step + 0.036) for step in range(10)])
    places.frames([(step + 0.080, step + 0.050, {"r": step}) for step in range(10)])
    rows = budget(taken, places, warm_up=2.0)
    assert list(places.seen) == [STREAM, API, PAGE, BINS, CANVAS, SCREEN]
    assert [name for name, *_ in rows] == list(WAYS.values())
    assert [hop for _, hop, *_ in rows] == pytest.approx([10, 20, 5, 1, 14, 30])
    assert [way for *_, way, _ in rows] == pytest.approx([10, 30, 35, 36, 50, 80])


def test_a_step_that_is_missing_at_a_place_counts_at_none() -> None:
    taken = {"r": [0.0, 1.0, 2.0]}
    places = Places({place: {"r": [(2, 5.0)]} for place in WAYS})
    places.seen[API] = {"r": [(1, 4.0)]}
    places.seen[STREAM] = {"r": [(1, 3.0), (2, 3.5)]}
    rows = budget(taken, places, warm_up=0.5)
    assert rows[0][1] == pytest.approx(2000.0), "step 1 alone counts"
