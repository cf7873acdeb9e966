"""Alerts: what fires, exactly once, however the records are cut and whoever was restarted."""

import json
import math
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from entries import block, commit, event
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from instrument import wait_for
from redis import Redis
from served import Attempt, Served
from websockets.sync.client import connect

from backend.metrics import Metrics
from backend.recording.alerts import Alerts
from backend.recording.fanout import Fanout
from backend.recording.recorder import Recorder
from backend.store import Store, alerts, rows, runs, stream
from rhoscope.alerts import Alert, AlertRule
from rhoscope.client import Client
from rhoscope.errors import InvalidInput, NotFound
from rhoscope.records import Block, Event
from rhoscope.spec import RunSpec

SERIES = ("a", "b.x", "b.y")
VALUES = [0.0, 1.0, 2.0, math.nan]
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def new_run(store: Store, **spec: Any) -> str:
    with store.writing() as db:
        return runs.create(db, RunSpec(**spec), {})


def new_rule(store: Store, **rule: Any) -> Alert:
    with store.writing() as db:
        return alerts.create(db, AlertRule(**rule))


def notices(store: Store, run: str, alert: Alert) -> list[tuple[str, int]]:
    with store.reading() as db:
        return [(one.series, one.step) for one in alerts.newest(db, run, 1000)[::-1] if one.alert == alert.id]


class Tape:
    """Records of one run as they come, and a plain account of what a rule must say to them."""

    def __init__(self, store: Store, rule: Alert, every: int = 1) -> None:
        self.store, self.rule, self.every = store, rule, every
        with store.writing() as db:
            self.run = runs.create(db, RunSpec(), {"log_every": every})
        self.alerts = Alerts()
        self.attempt, self.seq, self.end = 1, 0, -1
        self.known: dict[str, dict[int, float]] = {name: {} for name in SERIES}
        self.expected: list[tuple[str, int]] = []

    def rows(self, gap: int, columns: dict[str, list[float]]) -> None:
        first = self.end + self.every + gap
        n = len(next(iter(columns.values())))
        steps = first + self.every * np.arange(n, dtype=np.int32)
        block = Block.make(
            self.run,
            self.attempt,
            list(columns),
            steps,
            np.array([*columns.values()], np.float32),
            (1.0, 2.0),
        )
        self.commit({b"b": block.encode()})
        self.end = int(steps[-1])
        for name, values in columns.items():
            self.known[name] |= dict(zip(steps.tolist(), values, strict=True))
        new = [(step, name) for step in steps.tolist() for name in columns]
        due = {name: step for step, name in reversed(new) if self.streak(name, step) >= self.rule.steps}
        fired = {name for name, _ in self.expected}
        self.expected += [(name, due[name]) for name in columns if name in due and name not in fired]

    def again(self, first: int) -> None:
        """Another attempt, from this step."""
        self.attempt, self.seq, self.end = self.attempt + 1, 0, first - 1
        event = Event(
            run=self.run,
            attempt=self.attempt,
            kind="started",
            step=first,
            time=1.0,
            data={"start_step": first},
        )
        self.commit({b"e": event.encode()})
        for name, values in self.known.items():
            self.known[name] = {step: value for step, value in values.items() if step < first}

    def streak(self, name: str, step: int) -> int:
        count = 0
        while self.rule.names(name) and self.hits(self.known[name].get(step - count * self.every)):
            count += 1
        return count

    def hits(self, value: float | None) -> bool:
        if value is None:
            return False
        if self.rule.condition == "nan":
            return math.isnan(value)
        limit = self.rule.threshold or 0.0
        return value > limit if self.rule.condition == "above" else value < limit

    def commit(self, fields: dict[bytes, bytes]) -> None:
        self.seq += 1
        entry = stream.decode(self.run, (self.attempt, self.seq), fields)
        with self.store.writing() as db:
            stream.commit(db, self.run, [entry], self.alerts.look)


@given(data=st.data())
@QUICK
def test_it_fires_at_exactly_the_step_that_a_plain_count_names_once_per_series(
    store: Store, data: st.DataObject
) -> None:
    """Any cut, columns and spacing of blocks, missing steps, later attempts, a back end new at any moment."""
    rule = new_rule(
        store,
        series=data.draw(st.sampled_from(["*", "a", "b.*", "*.x"])),
        condition=data.draw(st.sampled_from(["above", "below", "nan"])),
        threshold=data.draw(st.sampled_from([0.5, 1.5])),
        steps=data.draw(st.integers(1, 7)),
    )
    tape = Tape(store, rule, data.draw(st.sampled_from([1, 1, 10])))
    for _ in range(data.draw(st.integers(1, 12))):
        what = data.draw(st.sampled_from(["rows", "rows", "rows", "again", "restart"]))
        if what == "again":
            tape.again(data.draw(st.integers(0, tape.end + 1)))
        if what == "restart":
            tape.alerts = Alerts()
        names = data.draw(st.lists(st.sampled_from(SERIES), min_size=1, unique=True))
        n = data.draw(st.integers(1, 9))
        likely = st.lists(st.sampled_from([2.0, *VALUES]), min_size=n, max_size=n)
        tape.rows(data.draw(st.sampled_from([0, 0, 0, 1])), {name: data.draw(likely) for name in names})
    assert notices(store, tape.run, rule) == tape.expected
    with store.writing() as db:
        alerts.remove(db, rule.id)


def test_sparse_values_count_one_after_the_other_whatever_lies_between(store: Store) -> None:
    rule = new_rule(store, series="val.*", condition="below", threshold=0.5, steps=3)
    run, watching = new_run(store), Alerts()
    for seq, (step, value) in enumerate([(10, 0.6), (20, 0.4), (30, 0.4), (40, 0.3), (50, 0.2)], 1):
        event = Event(
            run=run, attempt=1, kind="values", step=step, time=1.0, data={"values": {"val.accuracy": value}}
        )
        with store.writing() as db:
            stream.commit(db, run, [stream.decode(run, (1, seq), {b"e": event.encode()})], watching.look)
        watching = Alerts() if seq == 3 else watching
    assert notices(store, run, rule) == [("val.accuracy", 40)]


def test_no_row_is_read_for_a_sparse_value(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow run's tail has thousands of blocks of one row."""
    rules = [new_rule(store, series="val.*", condition="below", threshold=0.5, steps=n) for n in (1, 2)]
    run, watching = new_run(store), Alerts()
    commit(store, run, block(run, 1, 1, range(2), 0.0), block(run, 1, 2, range(2, 4), 0.0))
    monkeypatch.setattr(rows, "tail_of", None)
    with store.writing() as db:
        for seq, step in ((3, 1), (4, 4)):
            entry = event(run, 1, seq, "values", step, values={"val.accuracy": 0.1, "val.loss": 0.7})
            stream.commit(db, run, [entry], watching.look)
        assert rows.read(db, run, ["val.accuracy"])["val.accuracy"][0].tolist() == [1, 4]
    assert [notices(store, run, rule) for rule in rules] == [[("val.accuracy", 1)], [("val.accuracy", 4)]]


def test_what_a_lost_transaction_saw_is_seen_again_and_fires_once(
    store: Store, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = new_rule(store, series="loss", condition="above", threshold=100, steps=20)
    run = new_run(store)
    recorder = Recorder(redis_client, store, Fanout(lambda _ids: []), Metrics())
    attempt = Attempt(redis_client, run)
    attempt.begin()
    attempt.rows(range(115))
    while recorder.step(1):
        pass
    attempt.rows(range(115, 130))
    kept = stream.events.add

    def fail(*_given: object) -> int:
        raise ConnectionResetError("the database went away")

    monkeypatch.setattr(stream.events, "add", fail)
    with pytest.raises(ConnectionResetError):
        recorder.step(1)
    assert notices(store, run, rule) == []
    monkeypatch.setattr(stream.events, "add", kept)
    while recorder.step(1):
        pass
    assert notices(store, run, rule) == [("loss", 120)]


def test_a_run_that_stands_still_is_told_of_once_per_step(store: Store) -> None:
    rule = new_rule(store, condition="stalled", seconds=30, tag="watched")
    run, other = new_run(store, tags=["watched"]), new_run(store)
    for each in (run, other):
        event = Event(run=each, attempt=1, kind="started", step=0, time=1.0)
        with store.writing() as db:
            stream.commit(db, each, [stream.decode(each, (1, 1), {b"e": event.encode()})])
    watching = Alerts()
    said = [len(watching.stalled(store, now)) for now in (0.0, 29.0, 31.0, 90.0)]
    assert said == [0, 0, 1, 0]
    again = Alerts()
    assert [len(again.stalled(store, now)) for now in (0.0, 31.0)] == [0, 0]
    block = Block.make(run, 1, ["loss"], np.arange(3, dtype=np.int32), np.zeros((1, 3), np.float32), (1, 2))
    with store.writing() as db:
        stream.commit(db, run, [stream.decode(run, (1, 2), {b"b": block.encode()})])
    ((number, event),) = [again.stalled(store, now) for now in (32.0, 63.0)][1]
    assert (number > 0, event.step, event.data["words"]) == (True, 3, "no step for 30 s")
    again.doubt()
    assert again.stalled(store, 1000.0) == []
    assert notices(store, run, rule) == [("", 0), ("", 3)]
    assert notices(store, other, rule) == []


def test_a_run_stands_still_however_often_rules_and_tags_are_changed(store: Store) -> None:
    rule = new_rule(store, condition="stalled", seconds=30)
    run, watching = new_run(store), Alerts()
    commit(store, run, event(run, 1, 1, "started", 0))
    said = []
    for now in (0.0, 20.0, 40.0, 60.0):
        watching.renew()
        said.append(len(watching.stalled(store, now)))
    assert said == [0, 0, 1, 0]
    with store.writing() as db:
        alerts.edit(db, rule.id, rule.rule().model_copy(update={"seconds": 50.0}))
    watching.renew()
    assert len(watching.stalled(store, 61.0)) == 1


def test_values_on_end_are_those_that_are_told_even_where_their_distance_is_changed(store: Store) -> None:
    rule = new_rule(store, series="loss", condition="above", threshold=1, steps=3)
    run, watching = new_run(store), Alerts()
    entries = [
        block(run, 1, 1, range(2), 0.0),
        event(run, 1, 2, "setting", 2, setting="log_every", new=10),
        block(run, 1, 3, [10, 20], 5.0),
        block(run, 1, 4, [30, 40], 5.0),
    ]
    with store.writing() as db:
        stream.commit(db, run, entries, watching.look)
    assert notices(store, run, rule) == [("loss", 30)]


def test_steps_that_are_not_told_are_no_standstill(store: Store) -> None:
    new_rule(store, condition="stalled", seconds=300)
    with store.writing() as db:
        slow = runs.create(db, RunSpec(), {"log_every": 101, "batch_size": 8})
        first = runs.create(db, RunSpec(), {"log_every": 101, "batch_size": 8})
    for run, steps in ((slow, [0, 101]), (first, [0])):
        commit(store, run, event(run, 1, 1, "started", 0))
        for seq, step in enumerate(steps, 2):
            made = Block.make(
                run, 1, ["throughput"], np.array([step]), np.full((1, 1), 2.0), (4.0 * step, 4.0 * step)
            )
            commit(store, run, stream.decode(run, (1, seq), {b"b": made.encode()}))
    watching = Alerts()
    assert [len(watching.stalled(store, now)) for now in (0.0, 600.0, 701.0)] == [0, 0, 2]


def test_a_rule_holds_for_its_run_only_and_one_that_says_something_else_fires_anew(
    api: httpx.Client, served: Served, begun: Callable[..., Attempt]
) -> None:
    attempt, other = begun(), begun()
    with Client(served.url) as client:
        rule = client.add_alert(series="loss", condition="above", threshold=4, run=attempt.run)
        assert rule.words == "loss above 4"
        for each in (attempt, other):
            each.rows(range(10))
        (first,) = wait_for(lambda: client.fired(attempt.run), 20, "the alert")
        assert (first.step, first.value, first.series) == (5, 5.0, "loss")
        client.edit_alert(rule.id, enabled=False)
        client.edit_alert(rule.id, enabled=True)
        attempt.rows(range(10, 20))
        wait_for(lambda: client.run(attempt.run).step == 20, 20, "its rows")
        assert len(client.fired(attempt.run)) == 1
        client.edit_alert(rule.id, threshold=30)
        attempt.rows(range(20, 40))
        newest, _ = wait_for(
            lambda: client.fired(attempt.run)[1:] and client.fired(attempt.run), 20, "the second"
        )
        assert (newest.step, newest.words) == (31, "loss above 30")
        assert [e.data["value"] for e in client.events(attempt.run) if e.kind == "alert"] == [5.0, 31.0]
        assert client.fired(other.run) == []
        client.delete_alert(rule.id)
        with pytest.raises(NotFound):
            client.edit_alert(rule.id, enabled=False)
        assert len(client.fired(attempt.run)) == 2
        attempt.finish(40)
        wait_for(lambda: client.run(attempt.run).finished, 20, "its end")
        client.delete(attempt.run)
        assert client.fired(attempt.run) == []


def test_a_nan_is_told_of_without_anybody_having_asked_and_comes_live(
    served: Served, begun: Callable[..., Attempt]
) -> None:
    attempt = begun(names=("loss", "rho.audio"))
    with connect(f"{served.url.replace('http', 'ws')}/api/v1/live?runs=*") as live:
        live.recv()
        attempt.rows([0, 1, 2], [[1, 1, 1], [1, math.nan, math.nan]])
        while (message := json.loads(live.recv(timeout=20)))["type"] != "event" or (
            message["event"]["kind"] != "alert"
        ):
            pass
    event = message["event"]
    assert (event["run"], event["step"]) == (attempt.run, 1)
    assert event["data"] == {"alert": "nan", "words": "rho.audio NaN", "series": "rho.audio", "value": "NaN"}


@pytest.mark.parametrize(
    ("rule", "field", "says"),
    [
        ({"condition": "above"}, "", "requires a threshold"),
        ({"condition": "nan", "run": "x", "tag": "y"}, "", "not to both"),
        ({"condition": "nan", "run": "none"}, "run", "there is no run"),
        ({"condition": "near"}, "condition", "is invalid"),
        ({"condition": "nan", "series": "\0"}, "series", "NUL"),
        ({"condition": "above", "threshold": 1, "steps": 0}, "steps", "greater than or equal to 1"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_the_reason(
    served: Served, rule: dict[str, Any], field: str, says: str
) -> None:
    with Client(served.url) as client, pytest.raises(InvalidInput) as refused:
        client.add_alert(**rule)
    (error,) = refused.value.errors
    assert error.field == field or not field
    assert says in error.message
