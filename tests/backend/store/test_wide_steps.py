"""Steps beyond 32 bits and values with all their digits, near and from far away; old ones read back."""

from itertools import pairwise

import numpy as np
import pytest
from entries import block, commit, event, new_run, wide

from backend.store import Store, events, outlines, overview, packing, portions, rows, runs
from rhoscope.errors import Corrupt
from rhoscope.guests import Guest
from rhoscope.series import LAST_STEP

NEAR = 2**31 - 3
FAR = LAST_STEP - 400


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks and buckets of few rows, so that short runs have many."""
    monkeypatch.setattr(rows, "CHUNK_ROWS", 64)
    monkeypatch.setattr(outlines, "BUCKET_ROWS", 8)


@pytest.mark.parametrize(("first", "every"), [(0, 1), (NEAR - 150, 2), (NEAR, 1), (FAR, 2)])
def test_rows_at_any_step_read_back_whole_in_part_and_from_far_away(
    store: Store, first: int, every: int
) -> None:
    run = new_run(store, guest=Guest())
    steps = first + every * np.arange(200)
    values = 1e300 + 1e287 * np.arange(200)
    entries = [
        wide(run, 1, 1 + i, steps[i * 10 : i * 10 + 10], values[i * 10 : i * 10 + 10]) for i in range(20)
    ]
    commit(store, run, *entries[:15])
    commit(store, run, *entries[15:])
    with store.reading() as db:
        result = rows.read(db, run, ["loss"])["loss"]
        part = rows.read(db, run, ["loss"], int(steps[60]), int(steps[70]))["loss"]
        shown, count = overview.read_line(db, [(run, rows.LAST)], ["loss"], (0, rows.LAST), 8)["loss"]
        present = runs.get(db, run)
        covered = portions.windows(db, run, 50)
    assert result[0].tolist() == steps.tolist()
    assert result[1].tolist() == values.tolist()
    assert part[0].tolist() == steps[60:71].tolist()
    assert (count, present.step) == (200, int(steps[-1]) + 1)
    assert set(shown[0].tolist()) <= set(steps.tolist())
    assert set(shown[1].tolist()) <= set(values.tolist())
    assert {values[0], values[-1]} <= set(shown[1].tolist())
    assert (covered[0][0], covered[-1][1]) == (0, rows.LAST)
    assert all(before[1] + 1 == after[0] for before, after in pairwise(covered))


def test_an_attempt_that_begins_again_beyond_32_bits_replaces_what_follows(store: Store) -> None:
    run = new_run(store, guest=Guest())
    steps = NEAR + 3 * np.arange(70)
    commit(store, run, wide(run, 1, 1, steps, np.arange(70.0)))
    at = int(steps[40])
    commit(store, run, event(run, 2, 1, "started", at, start_step=at), wide(run, 2, 2, [at], [7.5]))
    commit(store, run, event(run, 2, 3, "values", at + 1, values={"val.loss": 3.0}))
    with store.reading() as db:
        result = rows.read(db, run, ["loss", "val.loss"])
        assert [one.step for one in events.of_run(db, run, ["values"])] == [at + 1]
    assert result["loss"][0].tolist() == steps[:41].tolist()
    assert result["loss"][1].tolist() == [*range(40), 7.5]
    assert result["val.loss"][0].tolist() == [at + 1]


def test_a_fork_has_its_own_value_at_the_step_it_took_over_whatever_the_digits(store: Store) -> None:
    parent, child = new_run(store, guest=Guest()), new_run(store, guest=Guest())
    commit(store, parent, wide(parent, 1, 1, [0, 1, 2], [0.0, 1.0, 2.0]))
    commit(store, child, wide(child, 1, 1, [1, 2], [10.0, 20.0]))
    with store.reading() as db:
        result = rows.read_line(db, [(parent, 1), (child, rows.LAST)], ["loss"])["loss"]
    assert (result[0].tolist(), result[1].tolist()) == ([0, 1, 2], [0.0, 10.0, 20.0])


def test_a_step_that_json_can_not_hold_is_refused(store: Store) -> None:
    run = new_run(store)
    for entry in (wide(run, 1, 1, [LAST_STEP + 1], [0.0]), event(run, 1, 1, "log", LAST_STEP + 1, line="x")):
        assert isinstance(entry.content, Corrupt)
    assert not isinstance(block(run, 1, 1, [5], [0.0]).content, Corrupt)


def test_what_was_stored_before_there_were_wide_steps_reads_back() -> None:
    steps, values = np.array([3, 5, 9], "<i4"), np.array([1.5, -2.0, np.inf], "<f4")
    old = steps.tobytes() + values.tobytes()
    read = packing.unpacked(old)
    assert (read[0].tolist(), read[1].tolist()) == (steps.tolist(), values.tolist())
    assert packing.packed(steps, values) == old
    assert packing.packed_steps(steps) == steps.tobytes()
    assert packing.unpacked_steps(steps.tobytes(), 9).tolist() == steps.tolist()


@pytest.mark.parametrize("last", [9, 2**31])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_packed_steps_and_values_of_any_width_read_back(last: int, kind: type) -> None:
    for n in range(1, 14):
        steps = np.arange(last - n + 1, last + 1)
        values = np.linspace(0, 1, n).astype(kind)
        read = packing.unpacked(packing.packed(steps, values))
        assert read[0].tolist() == steps.tolist()
        assert (read[1].dtype, read[1].tolist()) == (values.dtype, values.tolist())
