"""Programs that are not ours against a real back end: live, offline, cut off, resumed, and sent twice."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import pytest
from instrument import wait_for
from served import Served

import rhoscope
from rhoscope.tracker.delivery import Server
from rhoscope.tracker.sync import sync


def values(api: httpx.Client, run: str, name: str) -> dict[int, float]:
    answer = api.get(f"/runs/{run}/series", params={"names": name, "points": 10_000}).json()
    data = answer.get("series") or [{"steps": [], "values": []}]
    return dict(zip(data[0]["steps"], data[0]["values"], strict=True))


def state(api: httpx.Client, run: str) -> Callable[[str], bool]:
    return lambda expected: api.get(f"/runs/{run}").json().get("state") == expected


def test_a_program_is_watched_and_steered_while_it_runs(
    served: Served, api: httpx.Client, tmp_path: Path
) -> None:
    run = rhoscope.init("av", {"batch": 64}, dir=tmp_path, url=served.url, name="mine")
    lr = run.knob("lr", 1e-3, ge=0, le=1)
    step = 0

    def until(done: Callable[[], bool], what: str) -> None:
        nonlocal step

        def look() -> bool:
            nonlocal step
            run.log({"loss": 1 / (1 + step), "tokens": 2.0**40 + step}, step)
            step += 1
            return done()

        wait_for(look, 30, what)

    until(
        lambda: state(api, run.id)("running") and len(values(api, run.id, "loss")) > 3, "rows on the server"
    )
    until(lambda: "lr" in api.get(f"/runs/{run.id}").json()["spec"]["guest"]["live"], "the knob")
    assert api.patch(f"/runs/{run.id}/settings", json={"lr": 0.5}).status_code == 202
    until(lambda: lr() == 0.5, "the turned knob")
    assert api.post(f"/runs/{run.id}/stop").status_code == 200
    until(lambda: run.should_stop, "the order to stop")
    run.finish("stopped", "Asked to.")
    wait_for(lambda: state(api, run.id)("stopped"), 20, "the end")
    assert values(api, run.id, "tokens") == {n: 2.0**40 + n for n in range(step)}
    shown = api.get(f"/runs/{run.id}").json()
    assert (shown["name"], shown["settings"], shown["reason"]) == (
        "mine",
        {"batch": 64, "lr": 0.5},
        "Asked to.",
    )
    assert api.get(f"/runs/{run.id}/facts").json()["python"]


def test_an_offline_run_is_sent_later_once_and_to_another_server_too(
    served: Served, api: httpx.Client, tmp_path: Path
) -> None:
    run = rhoscope.init("av", dir=tmp_path, mode="offline")
    for step in range(500):
        run.log({"loss": step / 3}, 2**40 + step)
    run.finish()
    with closing(Server(served.url)) as server:
        (sent,) = sync(tmp_path, server, pytest.fail)
        assert sent.records >= 3
        (again,) = sync(Path(run.folder), server, pytest.fail)
        assert again.records == 0
    wait_for(lambda: state(api, run.id)("completed"), 20, "the end")
    assert values(api, run.id, "loss") == {2**40 + step: step / 3 for step in range(500)}


def test_a_resumed_run_replaces_rows_from_its_first_step_on(
    served: Served, api: httpx.Client, tmp_path: Path
) -> None:
    first = rhoscope.init("av", dir=tmp_path, mode="offline")
    for step in range(10):
        first.log({"loss": 1.0}, step)
    first.finish("failed")
    second = rhoscope.init("av", dir=tmp_path, mode="offline", id=first.id)
    for step in range(6, 12):
        second.log({"loss": 2.0}, step)
    second.finish()
    with closing(Server(served.url)) as server:
        list(sync(tmp_path, server, pytest.fail))
    expected = dict.fromkeys(range(6), 1.0) | dict.fromkeys(range(6, 12), 2.0)
    wait_for(lambda: values(api, first.id, "loss") == expected, 20, "replaced rows")
    wait_for(lambda: state(api, first.id)("completed"), 20, "the end")
    assert api.get(f"/runs/{first.id}").json()["attempt"] == 2


def test_what_comes_late_in_a_step_is_in_its_curve(served: Served, api: httpx.Client, tmp_path: Path) -> None:
    run = rhoscope.init("av", dir=tmp_path, url=served.url)
    for step in range(3):
        run.log({"loss": float(step), "val": float(step)}, step)
    wait_for(lambda: len(values(api, run.id, "val")) == 3, 20, "rows, the last one after a while")
    run.log({"val": 20.0}, 2)
    run.log({"loss": 3.0}, 3)
    run.finish()
    wait_for(lambda: values(api, run.id, "val") == {0: 0.0, 1: 1.0, 2: 20.0}, 20, "the late value")


def test_pictures_sounds_texts_and_tables_are_shown_once_and_hold_no_program(
    served: Served, api: httpx.Client, tmp_path: Path
) -> None:
    run = rhoscope.init("av", dir=tmp_path, url=served.url, system=False)
    for step in range(3):
        run.log({"loss": 1.0}, step)
        run.media("map", np.full((2, 2), step / 2), caption=f"at {step}")
        run.media("words", "<script>alert(1)</script>")
    print("shown in the log")  # noqa: T201 -- what is printed is kept
    run.finish()
    again = rhoscope.init("av", dir=tmp_path, url=served.url, id=run.id, system=False)
    again.log({"loss": 2.0}, 2)
    again.media("map", np.ones((3, 3)))
    again.finish()
    wait_for(lambda: api.get(f"/runs/{run.id}").json().get("attempt") == 2, 20, "the second attempt")
    wait_for(lambda: state(api, run.id)("completed"), 20, "the end")
    items = api.get(f"/runs/{run.id}/media").json()["items"]
    assert [(one["name"], one["step"], one["attempt"]) for one in items] == [
        ("map", 0, 1),
        ("words", 0, 1),
        ("map", 1, 1),
        ("words", 1, 1),
        ("map", 2, 2),
    ]
    assert len({one["digest"] for one in items if one["name"] == "words"}) == 1
    for one in items[:2]:
        answer = api.get(f"/runs/{run.id}/media/{one['digest']}")
        expected = {"map": "image/png", "words": "text/plain; charset=utf-8"}[one["name"]]
        assert answer.headers["content-type"] == expected
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
    assert api.get(f"/runs/{run.id}/logs").json()["lines"] == ["shown in the log"]
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    digest = hashlib.sha256(svg).hexdigest()
    refused = api.put(f"/runs/{run.id}/media/{digest}", params={"kind": "image"}, content=svg)
    assert refused.status_code == 422
    wrong = api.put(f"/runs/{run.id}/media/{'0' * 64}", params={"kind": "text"}, content=svg)
    assert wrong.json()["errors"][0]["field"] == "digest"
    assert api.delete(f"/runs/{run.id}").status_code == 204
    assert api.get(f"/runs/{run.id}/media/{items[0]['digest']}").status_code == 404
