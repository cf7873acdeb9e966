"""Alerts on the mean of the last values, however the records are cut; and what a rule would have done."""

import math
from collections.abc import Callable, Sequence

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instrument import wait_for
from served import Attempt

from backend.recording.streaks import Means, Streaks
from rhoscope.alerts import Alert, AlertRule


def alert(**rule: object) -> Alert:
    return Alert(id="a", created=0, armed=0, **AlertRule.model_validate(rule).model_dump())


def plain(values: Sequence[float], steps: Sequence[int], size: int) -> list[float]:
    """The mean of the last `size` values at each, NaN where they do not follow each other."""
    means = []
    for i in range(len(values)):
        first = i - size + 1
        whole = first >= 0 and steps[i] - steps[first] == size - 1
        means.append(float(np.mean(values[first : i + 1])) if whole else math.nan)
    return means


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-5, 5), st.sampled_from([1, 1, 1, 1, 2])), min_size=1, max_size=30),
    st.integers(1, 6),
    st.integers(1, 7),
)
def test_the_mean_of_the_last_values_is_the_same_however_the_rows_are_cut(
    rows: list[tuple[float, int]], size: int, piece: int
) -> None:
    values = [value for value, _ in rows]
    steps = np.cumsum([gap for _, gap in rows]).tolist()
    means = Means(size)
    means.grow(1)
    result: list[float] = []
    for at in range(0, len(rows), piece):
        part = steps[at : at + piece]
        before = steps[at - 1] if at else part[0] - 1
        breaks = np.diff([before, *part]) > 1
        result += means.of(np.array([0]), np.array([values[at : at + piece]]), breaks[None])[0].tolist()
    assert result == pytest.approx(plain(values, steps, size), nan_ok=True)


def test_a_noisy_series_whose_mean_is_high_fires_though_no_streak_is_long() -> None:
    values = np.array([[2.0, 9.0] * 20], np.float32)
    steps = np.arange(40, dtype=np.int32)
    row = Streaks(alert(series="rho.*", condition="above", threshold=5, steps=5), set())
    mean = Streaks(alert(series="rho.*", condition="above", threshold=5, mean_of=20), set())
    assert row.rows(["rho.audio"], steps, values, lambda *_: {}) == []
    assert mean.rows(["rho.audio"], steps, values, lambda *_: {}) == [("rho.audio", 19, 5.5)]


def test_what_was_stored_before_counts_towards_the_mean() -> None:
    rule = alert(series="loss", condition="above", threshold=1, mean_of=4)
    request = []

    def seed(names: list[str], start: int, end: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        request.append((start, end))
        steps = np.arange(start, end + 1, dtype=np.int32)
        return {name: (steps, np.full(len(steps), 2.0, np.float32)) for name in names}

    one = np.array([[2.0]], np.float32)
    assert Streaks(rule, set()).rows(["loss"], np.array([10], np.int32), one, seed) == [("loss", 10, 2.0)]
    assert request == [(7, 9)]
    assert Streaks(rule, set()).rows(["loss"], np.array([2], np.int32), one, seed) == []


def test_sparse_values_have_a_mean_too() -> None:
    rule = alert(series="val.accuracy", condition="below", threshold=0.5, mean_of=2)
    streaks = Streaks(rule, set())
    nothing = lambda *_: {}  # noqa: E731 -- nothing is stored
    assert streaks.values(0, {"val.accuracy": 0.1}, nothing) == []
    assert streaks.values(10, {"val.accuracy": 0.7}, nothing) == [("val.accuracy", 10, pytest.approx(0.4))]


def test_a_rule_is_held_against_the_runs_there_are(api: httpx.Client, begun: Callable[..., Attempt]) -> None:
    low, high = begun(("rho.audio", "rho.visual")), begun(("rho.audio",))
    low.rows(range(6), [0, 1, 0, 1, 0, 1])
    high.rows(range(6), [8, 0, 9, 0, 8, 9])
    for attempt in (low, high):
        wait_for(lambda run=attempt.run: api.get(f"/runs/{run}").json()["step"] == 6, 10, "6 steps")
    before = api.get("/alerts").json()
    rule = {"series": "rho.*", "condition": "above", "threshold": 4, "mean_of": 2, "tag": ""}
    answer = api.post("/alerts/check", json=rule).json()
    assert answer["fired"] == [high.run]
    assert api.post("/alerts/check", json=rule | {"run": low.run}).json() == {"runs": 1, "fired": []}
    assert api.post("/alerts/check", json=rule | {"series": "nothing"}).json()["runs"] == 0
    assert api.post("/alerts/check", json={"condition": "stalled"}).json() == {"runs": 0, "fired": []}
    assert api.get("/alerts").json() == before
