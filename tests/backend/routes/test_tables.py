"""Tables through REST and live: over time, thinned, with ancestors, and only what still counts."""

import json
import math
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from instrument import wait_for
from redis import Redis
from served import Attempt, Served
from websockets.sync.client import connect

from backend.store import Store, events, rows, runs, tables_over_time
from rhoscope.records import Event
from rhoscope.spec import RunSpec
from rhoscope.tables import Table

ROWS, COLUMNS = ["audio/0", "visual/0"], ["rms", "high"]


def tell(
    attempt: Attempt, epoch: int, step: int, value: float | str, name: str = "layers", **other: Any
) -> None:
    answer = {"epoch": epoch, "rows": ROWS, "columns": COLUMNS, "values": [[value, 1.0], [2.0, 3.0]]}
    attempt.tell("table", step, **{"name": name, **answer, **other})


def table(api: httpx.Client, run: str, **given: Any) -> dict[str, Any]:
    answer = api.get(f"/runs/{run}/tables", params={"name": "layers", **given})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def ended(api: httpx.Client, attempt: Attempt, step: int) -> None:
    attempt.finish(step)
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["state"] == "completed", 20, "the end")


def first_cells(answer: dict[str, Any]) -> list[Any]:
    return [values[0][0] for values in answer["values"]]


def test_a_table_is_read_over_time_thinned_and_apart_from_the_events(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    for epoch in range(5):
        attempt.rows(range(10 * epoch, 10 * epoch + 10))
        tell(attempt, epoch, 10 * epoch + 10, float(epoch))
        tell(attempt, epoch, 10 * epoch + 10, 9.0, name="classes")
    ended(api, attempt, 50)
    whole = table(api, attempt.run)
    assert (whole["rows"], whole["columns"], whole["total"]) == (ROWS, COLUMNS, 5)
    assert (whole["steps"], whole["epochs"]) == ([10, 20, 30, 40, 50], [0, 1, 2, 3, 4])
    assert whole["values"][2] == [[2.0, 1.0], [2.0, 3.0]]
    assert table(api, attempt.run, points=3)["epochs"] == [0, 2, 4]
    assert table(api, attempt.run, points=1)["epochs"] == [4]
    assert table(api, attempt.run, start=31)["epochs"] == [3, 4]
    assert table(api, attempt.run, name="none")["values"] == []
    kinds = {event["kind"] for event in api.get(f"/runs/{attempt.run}/events").json()}
    assert kinds == {"started", "finished", "state"} - ({"state"} - kinds)
    export = api.get(f"/runs/{attempt.run}/export").text.splitlines()[0]
    assert "layers" not in export


def test_a_later_attempt_takes_back_what_an_earlier_one_told_after_its_first_step(
    api: httpx.Client, broker: Redis, begun: Callable[..., Attempt]
) -> None:
    first = begun()
    first.rows(range(30))
    for epoch in range(3):
        tell(first, epoch, 10 * epoch + 10, float(epoch))
    second = Attempt(broker, first.run, 2)
    second.begin(20)
    second.rows(range(20, 25))
    wait_for(lambda: api.get(f"/runs/{first.run}").json()["step"] == 25, 20, "the second attempt")
    assert table(api, first.run)["steps"] == [10, 20]
    tell(second, 2, 30, 7.0)
    wait_for(lambda: table(api, first.run)["total"] == 3, 20, "its table")
    assert first_cells(table(api, first.run)) == [0.0, 1.0, 7.0]


def test_non_finite_numbers_keep_their_names_and_labels_may_change(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    tell(attempt, 0, 10, "NaN")
    tell(attempt, 1, 20, 5.0, rows=["visual/0", "new"])
    wait_for(lambda: table(api, attempt.run)["total"] == 2, 20, "both tables")
    result = table(api, attempt.run)
    assert result["rows"] == ["visual/0", "new"]
    assert result["values"][0] == [[2.0, 3.0], [None, None]]
    assert table(api, attempt.run, points=1)["values"] == [[[5.0, 1.0], [2.0, 3.0]]]
    tell(attempt, 2, 30, "Infinity")
    wait_for(lambda: table(api, attempt.run)["total"] == 3, 20, "the third")
    assert first_cells(table(api, attempt.run))[-1] == "Infinity"
    assert math.isinf(float(first_cells(table(api, attempt.run))[-1]))


def test_a_table_that_does_not_fit_is_noted_and_not_stored(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    tell(attempt, 0, 10, 1.0, values=[[1.0]])
    tell(attempt, 0, 20, 1.0)
    wait_for(lambda: table(api, attempt.run)["total"], 20, "the table that fits")
    assert table(api, attempt.run)["steps"] == [20]
    (line,) = api.get(f"/runs/{attempt.run}/logs").json()["notes"]
    assert "expected 2 rows of 2 values" in line


def test_it_comes_live_to_who_watches_the_run_and_not_to_who_lists_all(
    served: Served, api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    attempt.rows(range(10))
    tell(attempt, 0, 10, 1.0)
    wait_for(lambda: table(api, attempt.run)["total"] == 1, 20, "the first table")
    at = f"ws://127.0.0.1:{served.port}/api/v1/live"
    new = connect(f"{at}?runs={attempt.run}")
    back = connect(f"{at}?runs={attempt.run}&after={attempt.run}:5")
    everywhere = connect(f"{at}?runs=*")
    with new, back, everywhere:
        assert steps_of(back, 1) == [10]
        tell(attempt, 1, 20, 2.0)
        attempt.tell("log", 20, line="after")
        assert steps_of(new, 1) == [20]
        assert steps_of(back, 1) == [20]
        assert kinds_until(everywhere, "log") == ["log"]


def steps_of(socket: Any, count: int) -> list[int]:
    result: list[int] = []
    while len(result) < count:
        event = news(socket)
        if event and event["kind"] == "table":
            result.append(event["step"])
    return result


def kinds_until(socket: Any, kind: str) -> list[str]:
    result: list[str] = []
    while kind not in result:
        event = news(socket)
        if event:
            result.append(event["kind"])
    return result


def news(socket: Any) -> dict[str, Any] | None:
    message = socket.recv(timeout=20)
    result: dict[str, Any] | None = None if isinstance(message, bytes) else json.loads(message).get("event")
    return result


@pytest.mark.parametrize("query", ["", "name=", "name=layers&points=0", "name=layers&x=1", "name=a%22b"])
def test_a_question_that_does_not_fit_is_refused(
    api: httpx.Client, begun: Callable[..., Attempt], query: str
) -> None:
    assert api.get(f"/runs/{begun().run}/tables?{query}").status_code == 422


def test_of_an_unknown_run_there_is_no_table(api: httpx.Client) -> None:
    assert api.get("/runs/none/tables?name=layers").status_code == 404


def test_a_fork_reads_its_ancestors_tables_up_to_where_it_took_over(store: Store) -> None:
    with store.writing() as db:
        parent, child = (runs.create(db, RunSpec(), {}) for _ in range(2))
        for run, steps in ((parent, (10, 20, 30)), (child, (25, 35))):
            for step in steps:
                data = Table.make("layers", step, ["a/0"], ["rms"], [[step]]).model_dump()
                events.add(db, Event(run=run, attempt=1, kind="table", step=step, time=0.0, data=data))
        line = [(parent, 20), (child, rows.LAST)]
        result = tables_over_time.over_time(db, child, line, "layers", 0, 100)
        later = tables_over_time.over_time(db, child, line, "layers", 15, 2)
    assert result.steps == [10, 20, 25, 35]
    assert [values[0][0] for values in result.values] == [10.0, 20.0, 25.0, 35.0]
    assert (later.steps, later.total) == ([20, 35], 3)
