"""Steps as epochs, on the clock, and as seconds of training without pauses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.curves.align import Axis, Start, starts
from backend.curves.digest import Digest
from rhoscope.records import Event

STEPS = np.arange(6, dtype=np.int32)


def axis(times: list[float], began: tuple[Start, ...] = ()) -> Axis:
    at = np.arange(len(times), dtype=np.int32)
    return Axis(4.0, began, Digest.of((at, np.array(times))))


def started(step: int, attempt: int, time: float) -> Event:
    return Event(run="r", attempt=attempt, kind="started", step=step, time=time, data={"start_step": step})


def test_epochs_count_finished_ones_and_need_their_length() -> None:
    assert axis([0.0]).place(STEPS, "epoch").tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25]
    assert np.isnan(Axis(None, ()).place(STEPS, "epoch")).all()


def test_without_a_clock_there_is_no_time() -> None:
    assert np.isnan(Axis(4.0, ()).place(STEPS, "clock")).all()
    assert np.isnan(Axis(4.0, ()).place(STEPS, "time")).all()


def test_the_clock_is_read_between_the_times_that_are_known() -> None:
    known = Axis(None, (), Digest.of((np.array([0, 4], np.int32), np.array([100.0, 108.0]))))
    assert known.place(STEPS, "clock").tolist() == [100, 102, 104, 106, 108, 108]


def test_a_pause_is_no_training() -> None:
    """Three steps in three seconds, an hour's pause, three more."""
    run = axis([101, 102, 103, 3704, 3705, 3706], ((0, 100.0), (3, 3703.0)))
    assert run.place(STEPS, "time").tolist() == [1, 2, 3, 4, 5, 6]
    assert run.place(STEPS, "clock")[-1] == 3706


def test_what_was_lost_and_done_again_counts_once() -> None:
    """Attempt 1 came to step 5, attempt 2 went on from step 2 at second 50."""
    lives = [([started(0, 1, 10.0), started(2, 2, 50.0)], 2**31 - 1)]
    run = axis([11, 12, 51, 52, 53, 54], starts(lives))
    assert run.place(STEPS, "time").tolist() == [1, 2, 3, 4, 5, 6]


def test_only_starts_whose_steps_still_count_are_starts() -> None:
    own = [started(0, 1, 0.0), started(8, 2, 5.0), started(4, 3, 9.0), started(6, 3, 10.0)]
    assert starts([(own, 2**31 - 1)]) == ((0, 0.0), (4, 9.0))
    fork = [started(3, 1, 20.0)]
    assert starts([(own, 3), (fork, 2**31 - 1)]) == ((0, 0.0), (3, 20.0))


@given(
    st.lists(st.floats(-1, 50), min_size=1, max_size=30),
    st.lists(st.integers(0, 30), max_size=4),
    st.sampled_from(["epoch", "clock", "time"]),
    st.integers(1, 40),
)
def test_no_axis_ever_falls_whatever_the_clock_did(
    ticks: list[float], cuts: list[int], align: str, most: int
) -> None:
    times = 1e9 + np.cumsum(ticks)
    at = np.arange(len(times), dtype=np.int32)
    began = tuple((step, float(times[min(step, len(times) - 1)])) for step in sorted({0, *cuts}))
    borders = np.array([step for step, _ in began], np.int32)
    run = Axis(3.0, began, Digest.of((at, times)).small(borders, most))
    x = run.place(at, align)  # type: ignore[arg-type]
    assert np.isfinite(x).all()
    assert np.all(np.diff(x) >= 0)
    if align == "time":
        assert x[-1] == pytest.approx(max(x))
        assert x[-1] <= sum(abs(tick) for tick in ticks) + 1e-3
