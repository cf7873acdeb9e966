"""Digests that are kept: on each database the same as reading all again, whatever happened in between."""

from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from instrument import wait_for
from served import Attempt
from sqlalchemy import Connection, event, update

from backend.curves.cache import Curves
from backend.curves.grouping import Drawing, GroupQuery
from backend.store import Store, rows, runs, stream
from backend.store.schema import runs as table
from rhoscope.records import Block, Event
from rhoscope.runs import Run
from rhoscope.spec import RunSpec

NAMES = ["loss", "val.accuracy"]


class RunInStore:
    """A run whose stream is committed piece by piece."""

    def __init__(self, store: Store) -> None:
        self.store, self.seq, self.attempt = store, 0, 0
        with store.writing() as db:
            self.id = runs.create(db, RunSpec(), {})

    def begin(self, step: int, time: float) -> None:
        """The launcher wanted another attempt, and it starts."""
        self.attempt, self.seq = self.attempt + 1, 0
        with self.store.writing() as db:
            db.execute(
                update(table).where(table.c.id == self.id).values(attempt=self.attempt, state="queued")
            )
        self.tell("started", step, time, start_step=step, total_steps=100, epochs=10, steps_per_epoch=8)

    def tell(self, kind: Any, step: int, time: float = 0.0, **data: Any) -> None:
        made = Event(run=self.id, attempt=self.attempt, kind=kind, step=step, time=time, data=data)
        self._commit({b"e": made.encode()})

    def rows(self, start: int, end: int, times: tuple[float, float]) -> None:
        steps = np.arange(start, end, dtype=np.int32)
        values = (100 * self.attempt + steps).astype(np.float32)[None]
        self._commit({b"b": Block.make(self.id, self.attempt, ["loss"], steps, values, times).encode()})

    def _commit(self, fields: dict[bytes, bytes]) -> None:
        self.seq += 1
        with self.store.writing() as db:
            stream.commit(db, self.id, [stream.decode(self.id, (self.attempt, self.seq), fields)])


def same_as_read_anew(store: Store, curves: Curves, run: str) -> list[float]:
    """The times of all steps, after a look at every column."""
    with store.reading() as db:
        axis, kept = curves.of(db, runs.get(db, run), NAMES, clock=True)
        _, anew = Curves().of(db, runs.get(db, run), NAMES, clock=True)
        line = rows.read(db, run, NAMES)
    for name in NAMES:
        for mine, other in zip(kept[name].columns(), anew[name].columns(), strict=True):
            assert mine.tolist() == other.tolist()
        assert kept[name].last.tolist() == line[name][0].tolist()
        assert kept[name].mean.tolist() == line[name][1].tolist()
    assert axis.place(np.array([8], np.int32), "epoch").tolist() == [1.0]
    return axis.place(kept["loss"].last, "time").tolist()


def test_what_is_kept_grows_is_cut_by_a_later_attempt_and_ends_as_the_store_has_it(store: Store) -> None:
    run, curves = RunInStore(store), Curves()
    run.begin(0, 100.0)
    assert same_as_read_anew(store, curves, run.id) == []
    run.rows(0, 4, (101.0, 104.0))
    assert same_as_read_anew(store, curves, run.id) == [1, 2, 3, 4]
    run.rows(4, 8, (105.0, 108.0))
    run.tell("values", 8, values={"val.accuracy": 0.25})
    assert same_as_read_anew(store, curves, run.id)[-1] == 8
    run.begin(6, 1000.0)
    run.rows(6, 10, (1001.0, 1004.0))
    assert same_as_read_anew(store, curves, run.id)[5:] == [6, 7, 8, 9, 10]
    run.tell("values", 10, values={"val.accuracy": 0.5})
    run.rows(10, 12, (1005.0, 1006.0))
    run.tell("finished", 12, state="completed")
    assert same_as_read_anew(store, curves, run.id)[-1] == 12


def test_an_ended_run_is_read_once(store: Store) -> None:
    run, curves = RunInStore(store), Curves()
    run.begin(0, 0.0)
    run.rows(0, 8, (1.0, 8.0))
    run.tell("finished", 8, state="completed")
    request: list[str] = []

    with store.reading() as db:
        result = runs.get(db, run.id)
        event.listen(db, "before_cursor_execute", lambda *answer: request.append(str(answer[2])))
        curves.of(db, result, NAMES, clock=True)
        assert request
        request.clear()
        curves.of(db, result, NAMES, clock=True)
        assert request == []
        curves.of(db, result, ["k"], clock=False)
        assert len(request) == 3


def test_a_narrow_window_of_a_long_run_shows_every_step(store: Store) -> None:
    run = RunInStore(store)
    run.begin(0, 0.0)
    run.rows(0, 4000, (1.0, 4000.0))
    with store.reading() as db:
        result = runs.get(db, run.id)
        coarse = draw(db, result, GroupQuery(runs=run.id, names="loss"))
        fine = draw(db, result, GroupQuery(runs=run.id, names="loss", start=1000, end=1004))
        timed = draw(db, result, GroupQuery(runs=run.id, names="loss", align="time", start=1000, end=1004))
    assert len(coarse["steps"]) <= 300
    assert (coarse["low"].min(), coarse["high"].max()) == (100, 4099)
    assert fine["steps"].tolist() == list(range(999, 1006))
    assert fine["mean"].tolist() == list(range(1099, 1106))
    assert timed["x"].tolist() == list(range(999, 1006))


def draw(db: Connection, run: Run, request: GroupQuery) -> dict[str, Any]:
    band: dict[str, Any] = Drawing(db, Curves(), request).of([run])["bands"][0]
    return band


def test_no_more_is_kept_than_was_allowed(store: Store) -> None:
    few, all_ = Curves(most=10), [RunInStore(store) for _ in range(3)]
    with store.reading() as db:
        for run in all_:
            run.begin(0, 0.0)
            run.rows(0, 8, (1.0, 8.0))
    with store.reading() as db:
        for run in all_:
            few.of(db, runs.get(db, run.id), ["loss"], clock=False)
        assert counted(few, db, all_[2].id) == 0
        assert counted(few, db, all_[0].id) > 0


def test_a_run_larger_than_the_cache_is_read_each_time_and_drives_nobody_out(store: Store) -> None:
    few, (small, large) = Curves(most=10), [RunInStore(store) for _ in range(2)]
    for run, steps in ((small, 8), (large, 40)):
        run.begin(0, 0.0)
        run.rows(0, steps, (1.0, float(steps)))
    with store.reading() as db:
        few.of(db, runs.get(db, small.id), ["loss"], clock=False)
        _, whole = few.of(db, runs.get(db, large.id), ["loss"], clock=False)
        assert len(whole["loss"]) == 40
        assert counted(few, db, large.id) > 0
        assert counted(few, db, small.id) == 0


def counted(curves: Curves, db: Connection, run: str) -> int:
    """How many events were asked for: none of a run that is kept and trains on."""
    request: list[str] = []
    listen = lambda *answer: request.append(str(answer[2]))  # noqa: E731
    result = runs.get(db, run)
    event.listen(db, "before_cursor_execute", listen)
    curves.of(db, result, ["loss"], clock=False)
    event.remove(db, "before_cursor_execute", listen)
    return sum("FROM events" in one for one in request)


def test_groups_come_aligned_zoomed_and_compared_with_a_baseline(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempts = [begun(settings={"alpha": alpha, "seed": seed}) for alpha in (0.5, 1.0) for seed in range(3)]
    for i, attempt in enumerate(attempts):
        attempt.rows(range(20))
        attempt.tell("values", 20, values={"val.accuracy": 0.5 + 0.1 * (i >= 3) + 0.01 * (i % 3)})
        attempt.finish(20)
    ids = ",".join(attempt.run for attempt in attempts)
    ended = lambda: {run["state"] for run in api.get("/runs", params={"ids": ids}).json()["runs"]}  # noqa: E731
    wait_for(lambda: ended() == {"completed"}, 20, "the ends")
    query = {"runs": ids, "by": "alpha", "names": "loss,val.accuracy", "baseline": attempts[0].run}
    result = api.get("/groups", params=query | {"align": "epoch", "whole": "loss"}).json()
    base, other = result["groups"]
    assert {series["name"] for series in result["declared"]} == {"loss", "val.accuracy"}
    assert base["bands"][0]["x"] == pytest.approx([step / 50 for step in range(20)])
    assert base["whole"]["loss"]["mean"] == 9.5
    assert "differences" not in base
    difference = other["differences"]["val.accuracy"]
    assert difference["pairs"] == 3
    assert [difference[key] for key in ("low", "mean", "high")] == pytest.approx([0.1] * 3)
    assert difference["p_holm"] == difference["p"] == 0.25
    assert result["power"] == {}  # every seed gains the same
    alone = api.get("/groups", params=query | {"by": "run", "start": 5, "end": 7}).json()["groups"]
    assert [group["values"]["run"] for group in alone] == ids.split(",")
    assert alone[0]["bands"][0]["steps"] == [4, 5, 6, 7, 8]
    one = api.get("/groups", params={"runs": ",".join(ids.split(",")[::3]), "by": "alpha"}).json()
    assert one["power"]["val.accuracy"].startswith("1 common seed can't tell a difference from chance")
    for align in ("time", "clock"):
        curve = api.get("/groups", params=query | {"by": "run", "align": align}).json()["groups"][0]["bands"][
            0
        ]
        assert np.all(np.diff(curve["x"]) > 0)
    answer = api.get("/groups", params=query | {"baseline": "nobody"})
    assert (answer.status_code, "not among the compared runs" in answer.json()["detail"]) == (422, True)
