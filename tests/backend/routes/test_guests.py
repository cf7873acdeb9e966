"""Guest runs over HTTP: announced, recorded once, steered, silent and alive again, edited and deleted."""

import math
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from instrument import wait_for
from redis import Redis
from served import Served

from backend.store import runs
from rhoscope import keys
from rhoscope.records import Block, Event

LIVE = {"alpha": {"type": "number", "minimum": 0, "maximum": 10, "default": 0.8}}


class Guest:
    """The program of a guest run, record by record."""

    def __init__(self, api: httpx.Client, **fields: object) -> None:
        self.api, self.run = api, secrets.token_hex(6)
        self.attempt, self.sequence = 1, 0
        spec = {"kind": "guest", "id": self.run, "project": "av", "modalities": ["audio", "visual"]}
        self.spec = {**spec, "config": {"lr": 0.1}, "live": LIVE, **fields}
        self.announced = api.post("/runs", json=self.spec)

    def put(self, data: bytes, at: str = "") -> httpx.Response:
        if not at:
            self.sequence += 1
        return self.api.put(
            f"/runs/{self.run}/records/{at or f'{self.attempt}-{self.sequence}'}", content=data
        )

    def begin(self, step: int = 0, **data: object) -> httpx.Response:
        series = [{"name": "loss", "title": "Loss", "unit": "1", "formula": "L", "help": "A loss."}]
        return self.event("started", step, start_step=step, series=series, live=LIVE, **data)

    def event(self, kind: str, step: int, **data: object) -> httpx.Response:
        fields = {"run": self.run, "attempt": self.attempt, "kind": kind, "step": step, "time": time.time()}
        return self.put(Event.model_validate({**fields, "data": data}).encode())

    def rows(self, steps: list[int], values: list[float], name: str = "loss") -> httpx.Response:
        return self.put(self.block(steps, values, name))

    def block(self, steps: list[int], values: list[float], name: str = "loss") -> bytes:
        now = time.time()
        each = np.array([values], np.float64)
        return Block.make(self.run, self.attempt, [name], np.array(steps), each, (now, now)).encode()

    def of(self) -> dict[str, object]:
        answer: dict[str, object] = self.api.get(f"/runs/{self.run}").json()
        return answer

    def state(self, state: str) -> None:
        wait_for(lambda: self.of()["state"] == state, 20, f"state {state}, not {self.of()}")

    def series(self, name: str = "loss") -> tuple[list[int], list[object]]:
        answer = self.api.get(f"/runs/{self.run}/series", params={"names": name, "points": 10_000}).json()
        data = answer.get("series") or [{"steps": [], "values": []}]  # not known before its first value
        return data[0]["steps"], data[0]["values"]

    def recorded(self, count: int, name: str = "loss") -> None:
        wait_for(lambda: len(self.series(name)[0]) == count, 20, f"{count} values of {name}")


@pytest.fixture
def guest(api: httpx.Client) -> Guest:
    return Guest(api)


def test_a_guest_is_announced_once_under_its_own_id_and_runs_with_its_first_record(guest: Guest) -> None:
    assert guest.announced.status_code == 201
    assert guest.announced.json()["state"] == "starting"
    assert guest.announced.json()["settings"] == {"lr": 0.1}
    again = guest.api.post("/runs", json=guest.spec)
    assert (again.status_code, again.json()["id"]) == (200, guest.run)
    guest.begin()
    guest.state("running")
    assert guest.of()["spec"]["guest"]["project"] == "av"  # type: ignore[index]


def test_the_recorder_hears_of_a_new_guest_and_of_one_whose_stream_it_had_left(
    guest: Guest, broker: Redis, served: Served
) -> None:
    def heard() -> object:
        return broker.xinfo_stream(keys.ARRIVALS)["last-generated-id"]

    first = heard()
    guest.api.post("/runs", json=guest.spec)
    guest.begin()
    assert heard() == first
    other = Guest(guest.api)
    assert heard() > first  # type: ignore[operator]
    second = heard()
    other.begin()
    other.state("running")
    with served.application.store.writing() as db:
        runs.close(db, other.run)
    other.rows([0, 1], [1.0, 2.0])
    assert heard() > second  # type: ignore[operator]
    other.recorded(2)


def test_an_error_names_the_field_and_not_the_kind_of_the_body(api: httpx.Client) -> None:
    wrong = api.post("/runs", json={"kind": "guest", "id": "../x", "project": "av"})
    assert [error["field"] for error in wrong.json()["errors"]] == ["id"]
    ours = api.post("/runs", json={"name": 3})
    assert [error["field"] for error in ours.json()["errors"]] == ["name"]


def test_a_run_that_is_a_guest_can_not_be_launched_as_one_of_ours(api: httpx.Client) -> None:
    refused = api.post("/runs", json={"guest": {"project": "av"}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "guest"


def test_a_record_sent_twice_is_stored_once_with_every_digit(guest: Guest) -> None:
    guest.begin()
    exact = [1 / 3, math.pi * 1e-9, 1e300, math.nan]
    guest.rows([0, 1, 2, 3], exact)
    again = guest.put(guest.block([0, 1, 2, 3], [9.0] * 4), at="1-2")
    assert (again.status_code, again.json()) == (200, {"attempt": 1, "sequence": 2})
    guest.recorded(4)
    assert guest.series() == ([0, 1, 2, 3], [*exact[:3], "NaN"])


def test_a_record_that_would_leave_a_gap_is_refused_and_the_next_one_named(guest: Guest) -> None:
    guest.begin()
    refused = guest.put(guest.block([0], [1.0]), at="1-3")
    assert refused.status_code == 409
    assert "1-2" in refused.json()["detail"]
    assert guest.api.get(f"/runs/{guest.run}/records").json() == {"attempt": 1, "sequence": 1}


def test_a_record_that_does_not_read_back_is_refused_and_nothing_stored(guest: Guest) -> None:
    other = Guest(guest.api)
    for data in (b"", b"RB1\nxxxx", b"{}", guest.block([3, 1], [0.0, 0.0]), other.block([0], [1.0])):
        assert guest.put(data, at="1-1").status_code == 422
    assert guest.api.get(f"/runs/{guest.run}/records").json() == {"attempt": 0, "sequence": 0}


def test_a_resumed_attempt_replaces_rows_from_its_first_step_on_and_revives_an_ended_run(
    guest: Guest,
) -> None:
    guest.begin()
    guest.rows([0, 1, 2, 3], [0.0, 1.0, 2.0, 3.0])
    guest.event("finished", 4, state="failed", reason="It crashed.")
    guest.state("failed")
    guest.attempt, guest.sequence = 2, 0
    guest.begin(2)
    guest.rows([2, 3, 4], [20.0, 30.0, 40.0])
    wait_for(lambda: guest.series() == ([0, 1, 2, 3, 4], [0.0, 1.0, 20.0, 30.0, 40.0]), 20, "rows")
    assert (guest.of()["state"], guest.of()["attempt"]) == ("running", 2)


def test_series_may_come_late(guest: Guest) -> None:
    guest.begin()
    guest.rows([0, 1], [1.0, 2.0])
    guest.rows([2, 3], [5.0, 6.0], "temperature")
    guest.recorded(2, "temperature")
    assert guest.series("temperature") == ([2, 3], [5.0, 6.0])


def test_orders_are_fetched_once_and_acknowledged_by_an_event(guest: Guest) -> None:
    guest.begin()
    guest.state("running")
    refused = guest.api.patch(f"/runs/{guest.run}/settings", json={"lr": 0.5})
    assert "alpha" in refused.json()["errors"][0]["message"]
    beyond = guest.api.patch(f"/runs/{guest.run}/settings", json={"alpha": 11})
    assert beyond.json()["errors"][0]["field"] == "alpha"
    sent = guest.api.patch(f"/runs/{guest.run}/settings", json={"alpha": "0.3"})
    assert sent.status_code == 202
    (order,) = guest.api.get(f"/runs/{guest.run}/commands", params={"wait": 5}).json()["commands"]
    assert order["command"]["settings"] == {"alpha": 0.3}
    behind = guest.api.get(f"/runs/{guest.run}/commands", params={"after": order["number"]}).json()
    assert behind["commands"] == []
    cursor = str(order["number"])
    guest.event("setting", 5, setting="alpha", old=0.8, new=0.3, who="", command="", cursor=cursor)
    wait_for(lambda: guest.of()["settings"] == {"lr": 0.1, "alpha": 0.3}, 20, "the setting")
    assert guest.api.get(f"/runs/{guest.run}/commands").json()["commands"] == []


def test_who_waits_for_orders_is_answered_when_the_run_ends(guest: Guest) -> None:
    guest.begin()
    guest.state("running")
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(guest.api.get, f"/runs/{guest.run}/commands", params={"wait": 60}, timeout=90)
        guest.event("finished", 1, state="completed", reason="")
        assert answer.result(15).json() == {"commands": [], "state": "completed"}


def test_a_guest_is_paused_goes_on_and_is_stopped_by_its_own_program(guest: Guest) -> None:
    guest.begin()
    guest.state("running")
    assert guest.api.post(f"/runs/{guest.run}/pause").json()["state"] == "pausing"
    guest.event("finished", 3, state="paused", reason="Paused.", cursor="")
    guest.state("paused")
    assert guest.api.post(f"/runs/{guest.run}/resume").json()["state"] == "starting"
    guest.begin(3)
    guest.state("running")
    assert guest.api.post(f"/runs/{guest.run}/stop").json()["state"] == "stopping"
    waits = guest.api.get(f"/runs/{guest.run}/commands").json()
    assert [one["command"]["verb"] for one in waits["commands"]] == ["pause", "resume", "stop"]
    assert waits["state"] == "stopping"


def test_a_quiet_guest_is_silent_not_lost_and_lives_again(
    served: Served, broker: Redis, guest: Guest
) -> None:
    here = served.application
    guest.begin()
    guest.rows([0], [1.0])
    guest.recorded(1)
    broker.delete(keys.heard(guest.run))
    guest.state("silent")
    assert "Nothing was heard" in str(guest.of()["reason"])
    guest.rows([1], [2.0])
    guest.state("running")
    broker.delete(keys.heard(guest.run))
    guest.state("silent")
    guest.api.get(f"/runs/{guest.run}/commands")
    guest.state("running")
    assert here.launcher.loop.aside == {}


def test_a_silent_guest_that_is_ordered_to_stop_is_stopped(broker: Redis, guest: Guest) -> None:
    guest.begin()
    guest.state("running")
    broker.delete(keys.heard(guest.run))
    guest.state("silent")
    guest.api.post(f"/runs/{guest.run}/stop")
    guest.state("stopped")


def test_facts_are_those_of_the_newest_attempt(guest: Guest) -> None:
    assert guest.api.get(f"/runs/{guest.run}/facts").json()["commit"] == ""
    guest.begin(facts={"commit": "abc", "packages": {"torch": "2"}})
    guest.state("running")
    facts = guest.api.get(f"/runs/{guest.run}/facts").json()
    assert (facts["commit"], facts["packages"]) == ("abc", {"torch": "2"})


def test_a_guest_is_listed_compared_exported_edited_forked_by_nobody_and_deleted(guest: Guest) -> None:
    api, run = guest.api, guest.run
    guest.begin()
    guest.rows([0, 1], [1 / 3, 2.0])
    guest.event("finished", 2, state="completed", reason="")
    guest.state("completed")
    assert run in [one["id"] for one in api.get("/runs", params={"ids": run}).json()["runs"]]
    for path in ("export", "events", "checkpoints", "family", "logs", "report", "verdict"):
        params = {"format": "csv"} if path == "export" else {}
        there = api.get("/report", params={"runs": run}) if path == "report" else None
        answer = there or api.get(f"/runs/{run}/{path}", params=params)
        assert answer.status_code == 200, (path, answer.text)
    assert "0.3333333333333333" in api.get(f"/runs/{run}/export", params={"format": "csv"}).text
    assert api.get("/groups", params={"runs": run, "names": "loss"}).status_code == 200
    assert api.patch(f"/runs/{run}", json={"tags": ["mine"]}).json()["tags"] == ["mine"]
    for again in ("fork", "remedies"):
        assert api.post(f"/runs/{run}/{again}", json={}).status_code == 409, again
    assert api.delete(f"/runs/{run}").status_code == 204
    assert guest.put(guest.block([5], [1.0])).status_code == 404


def test_any_series_may_be_the_axis_and_stands_still_where_it_falls(guest: Guest) -> None:
    guest.begin()
    now = time.time()
    values = np.array([[4.0, 3.0, 2.0, 1.0], [2.0**40, 2.0**41, 2.0**40, 2.0**42]])
    names = ["loss", "tokens"]
    guest.put(Block.make(guest.run, 1, names, np.arange(4), values, (now, now)).encode())
    guest.recorded(4)
    about = {"runs": guest.run, "names": "loss"}
    answer = guest.api.get("/groups", params={**about, "align": "series:tokens"}).json()
    (band,) = answer["groups"][0]["bands"]
    assert band["x"][0] == 2.0**40
    assert band["x"][-1] == 2.0**42
    assert band["x"] == sorted(band["x"])
    none = guest.api.get("/groups", params={**about, "align": "series:unknown"}).json()
    assert none["groups"][0]["bands"] == []
    assert guest.api.get("/groups", params={**about, "align": "weight"}).status_code == 422


def test_records_of_a_run_of_ours_are_refused(api: httpx.Client) -> None:
    run = api.post("/runs", json={}).json()["id"]
    assert api.put(f"/runs/{run}/records/1-1", content=b"{}").status_code == 409
    assert api.get(f"/runs/{run}/commands").status_code == 409
    assert api.post("/runs", json={"kind": "guest", "id": run, "project": "x"}).status_code == 409
