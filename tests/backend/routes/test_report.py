"""A report is one file that holds everything, and in which nobody's text is a program."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from instrument import wait_for
from served import Attempt

EVIL = "</script><script>alert(1)</script>"


def recorded(api: httpx.Client, begun: Callable[..., Attempt], steps: int, **spec: Any) -> str:
    attempt = begun(("loss", "rho.audio"), **spec)
    values = np.ones((2, steps), np.float32)
    values[0, steps // 2] = 1000.0
    values[1, 3] = np.nan
    attempt.rows(range(steps), values)
    attempt.tell("setting", 5, setting="alpha", old=spec["alpha"], new=0.3, who="me")
    attempt.finish(steps)
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["state"] == "completed", 20, "the end")
    return attempt.run


def data_of(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    result: dict[str, Any] = json.loads(text)
    return result


def test_it_holds_settings_differences_events_numbers_and_thinned_curves(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    long = recorded(api, begun, 50_000, alpha=0.8, name=EVIL, notes=EVIL)
    short = recorded(api, begun, 20, alpha=0.1, name="short")
    answer = api.get("/report", params={"runs": f"{long},{short}"})
    assert answer.headers["content-type"].startswith("text/html")
    assert "attachment" in answer.headers["content-disposition"]
    page = answer.text
    assert EVIL not in page
    assert "&lt;/script&gt;" in page
    assert "Thinned to about" in page
    assert "alpha 0.8 → 0.3 by me" in page
    (differences,) = re.findall(r'<table id="differences">(.*?)</table>', page, re.DOTALL)
    assert re.findall(r'<th scope="row">(.*?)</th>', differences) == ["alpha"]
    assert re.findall(r'<td class="number">(.*?)</td>', differences) == ["0.8 → 0.3", "0.1 → 0.3"]
    result = data_of(page)
    assert result["names"] == {long: EVIL, short: "short"}
    curve = result["curves"][long]["loss"]
    assert len(curve["steps"]) <= 2100
    assert curve["values"][curve["steps"].index(25_000)] == 1000.0
    assert result["curves"][short]["rho.audio"]["odd"] == [3]
    assert result["curves"][short]["loss"]["steps"] == list(range(20))
    assert result["marks"][short] == [{"step": 5, "text": "alpha 0.1 → 0.3"}]


def test_it_reads_outlines_of_a_long_run(
    api: httpx.Client, begun: Callable[..., Attempt], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = recorded(api, begun, 20_000, alpha=0.8)
    monkeypatch.setattr("rhoscope.report.page.BUDGET", 200)
    monkeypatch.setattr("backend.store.rows._curve", None)  # no chunk may be decoded
    curve = data_of(api.get("/report", params={"runs": run}).text)["curves"][run]["loss"]
    assert len(curve["steps"]) <= 110
    assert 1000.0 in curve["values"]


def test_the_step_of_the_best_is_told_to_the_last_digit(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun(name="first")
    attempt.tell("values", 1_234_567, values={"val.accuracy": 0.5})
    attempt.finish(1_234_567)
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["state"] == "completed", 20, "the end")
    page = api.get(f"/report?runs={attempt.run}").text
    assert '<td class="number">1,234,567</td>' in page
    assert "no further evidence" not in page
    again = api.post("/runs", json={"name": "again"}).json()["id"]
    both = api.get(f"/report?runs={again},{attempt.run}").text
    assert "This repeats another run's specification and seed, and is no further evidence: again." in both


def test_it_asks_for_nothing_from_anywhere(api: httpx.Client) -> None:
    run = api.post("/runs", json={}).json()["id"]
    page = api.get(f"/report?runs={run}").text
    assert re.findall(r"""(?:src|href)=["']?(?!data:)[^"'> ]+""", page.split("<script>")[0]) == []
    assert "default-src 'none'" in page


def test_unknown_or_no_runs_are_refused(api: httpx.Client) -> None:
    assert api.get("/report?runs=no-such").status_code == 404
    assert api.get("/report").json()["errors"][0]["field"] == "runs"


def test_several_runs_begin_with_their_results_and_methods(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    ids = []
    for strategy, seed, accuracy in (
        ("joint", 0, 0.6),
        ("joint", 1, 0.62),
        ("ogm", 0, 0.65),
        ("ogm", 1, 0.67),
    ):
        attempt = begun(("loss",), strategy=strategy, settings={"seed": seed})
        attempt.rows(range(3))
        attempt.tell("values", 3, values={"val.accuracy": accuracy})
        attempt.finish(3)
        ids.append(attempt.run)
    for run in ids:
        wait_for(lambda run=run: api.get(f"/runs/{run}").json()["state"] == "completed", 20, "the end")
    request = {"runs": ",".join(ids), "by": "strategy", "title": "Ours <b>", "note": EVIL}
    page = api.get("/report", params=request).text
    assert EVIL not in page
    assert "<h1>Ours &lt;b&gt;</h1>" in page
    (table,) = re.findall(r'<table id="results">(.*?)</table>', page, re.DOTALL)
    assert re.findall(r'<th scope="row">(.*?)</th>', table) == ["strategy joint", "strategy ogm"]
    assert re.findall(r'<td class="number">(.*?)</td>', table) == [
        "2", "61.0 ± 1.4", "baseline", "2", "66.0 ± 1.4", "+5.0",
    ]  # fmt: skip
    (methods,) = re.findall(r'<p class="prose" id="methods">(.*?)</p>', page, re.DOTALL)
    assert "Seeds: 0, 1;" in methods
    assert "Differences are to strategy joint" in methods
    assert page.index('id="results"') < page.index('id="runs-title"')


def test_one_run_has_no_results_of_groups(api: httpx.Client, begun: Callable[..., Attempt]) -> None:
    run = recorded(api, begun, 20, alpha=0.1, name="one")
    assert 'id="results"' not in api.get("/report", params={"runs": run}).text
