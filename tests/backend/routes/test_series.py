"""Curves through REST: exact where there is room, spikes and all where not, whole when exported."""

import io
import json
import math
from collections.abc import Callable

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from instrument import wait_for
from served import Attempt, Served

from backend.curves import export


@pytest.fixture
def long(api: httpx.Client, begun: Callable[..., Attempt]) -> str:
    """20 000 steps of two series; the second with one spike, a NaN, and validation at two steps."""
    attempt = begun(("loss", "rho.audio"))
    for first in range(0, 20_000, 2000):
        steps = np.arange(first, first + 2000)
        rho = np.where(steps == 12_345, 99.0, 1.0)
        rho[steps == 777] = math.nan
        attempt.rows(steps, np.stack([steps / 1e4, rho]))
    attempt.tell("values", 10_000, values={"val.accuracy": 0.25})
    attempt.tell("values", 20_000, values={"val.accuracy": 0.5})
    attempt.finish(20_000)
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["state"] == "completed", 20, "the end")
    return attempt.run


def curves(api: httpx.Client, run: str, **given: object) -> dict[str, dict[str, list[float]]]:
    answer = api.get(f"/runs/{run}/series", params=given)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return {series["name"]: series for series in answer.json()["series"]}


def test_a_thinned_curve_keeps_its_ends_its_spike_and_its_nan(api: httpx.Client, long: str) -> None:
    result = curves(api, long, points=200)["rho.audio"]
    assert len(result["steps"]) <= 200
    assert (result["steps"][0], result["steps"][-1]) == (0, 19_999)
    assert result["total"] == 20_000
    assert 99.0 in result["values"]
    assert "NaN" in result["values"]


def test_a_narrow_range_is_exact(api: httpx.Client, long: str) -> None:
    result = curves(api, long, names="loss", start=8100, end=8300)
    assert result.keys() == {"loss"}
    assert result["loss"]["steps"] == list(range(8100, 8301))
    np.testing.assert_allclose(result["loss"]["values"], np.arange(8100, 8301) / 1e4, rtol=1e-6)


def test_sparse_series_are_among_them(api: httpx.Client, long: str) -> None:
    assert curves(api, long)["val.accuracy"]["steps"] == [10_000, 20_000]


def test_arrow_says_the_same(api: httpx.Client, long: str) -> None:
    headers = {"Accept": "application/vnd.apache.arrow.stream"}
    answer = api.get(f"/runs/{long}/series?names=loss&points=100", headers=headers)
    table = pa.ipc.open_stream(io.BytesIO(answer.content)).read_all().to_pydict()
    assert table["step"] == curves(api, long, names="loss", points=100)["loss"]["steps"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("points=1", "points"),
        ("points=x", "points"),
        ("start=-1", "start"),
        ("end=1e99", "end"),
        ("a=b", "a"),
    ],
)
def test_a_question_that_does_not_fit_is_refused(
    api: httpx.Client, long: str, query: str, field: str
) -> None:
    answer = api.get(f"/runs/{long}/series?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_an_unknown_series_is_named_with_those_there_are(api: httpx.Client, long: str) -> None:
    answer = api.get(f"/runs/{long}/series?names=loss,rho.smell")
    assert answer.status_code in (404, 422)
    assert "rho.smell" in answer.json()["detail"]
    assert "rho.audio" in answer.json()["detail"]


def rows_of(api: httpx.Client, run: str, kind: str) -> list[dict[str, object]]:
    data = api.get(f"/runs/{run}/export?format={kind}").content
    if kind == "parquet":
        return pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()
    if kind == "jsonl":
        return [json.loads(line) for line in data.splitlines()]
    head, *lines = data.decode().splitlines()
    names = [name.strip('"') for name in head.split(",")]
    return [dict(zip(names, line.split(","), strict=True)) for line in lines]


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_an_export_holds_every_step_once_with_every_value(api: httpx.Client, long: str, kind: str) -> None:
    rows = rows_of(api, long, kind)
    assert [int(str(row["step"])) for row in rows] == list(range(20_001))
    assert float(str(rows[12_345]["rho.audio"])) == 99.0
    assert math.isnan(float(str(rows[777]["rho.audio"])))
    assert float(str(rows[10_000]["val.accuracy"])) == 0.25
    assert rows[9999].get("val.accuracy") in (None, "")
    assert rows[20_000].get("loss") in (None, "")
    times = [float(str(row["time"])) for row in rows[:20_000]]
    assert times == sorted(times)


def test_an_export_in_pieces_is_the_same_file(
    api: httpx.Client, long: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {kind: rows_of(api, long, kind) for kind in ("csv", "parquet", "jsonl")}
    monkeypatch.setattr(export, "WINDOW_CELLS", 4096)
    assert {kind: str(rows_of(api, long, kind)) for kind in whole} == {k: str(v) for k, v in whole.items()}


def test_an_export_of_nothing_yet_is_an_empty_table(api: httpx.Client) -> None:
    run = api.post("/runs", json={}).json()["id"]
    assert api.get(f"/runs/{run}/export").text == "step,time\n"
    assert rows_of(api, run, "parquet") == []
    assert rows_of(api, run, "jsonl") == []


def test_an_export_too_many_is_refused_for_a_while_and_nothing_else_is(
    api: httpx.Client, served: Served, long: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads = served.application.downloads
    with monkeypatch.context() as full:
        full.setattr(downloads, "open", downloads.most)
        refused = api.get(f"/runs/{long}/export")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
        assert "8 exports are on their way" in refused.json()["detail"]
        assert api.get(f"/runs/{long}").status_code == 200
    assert len(rows_of(api, long, "csv")) == 20_001
    assert downloads.open == 0


def test_an_export_in_a_format_there_is_not_is_refused(api: httpx.Client, long: str) -> None:
    answer = api.get(f"/runs/{long}/export?format=xlsx")
    assert answer.status_code == 422
    assert "parquet" in answer.json()["detail"]


def test_many_runs_in_one_answer_are_what_each_is_alone(
    api: httpx.Client, begun: Callable[..., Attempt], long: str
) -> None:
    short = begun(("loss",))
    short.rows(range(3))
    short.finish(3)
    wait_for(lambda: api.get(f"/runs/{short.run}").json()["state"] == "completed", 20, "the end of a run")
    answer = api.get("/runs/histories", params={"runs": f"{short.run},none,{long},{long}", "points": 50})
    assert [one["run"]["id"] for one in answer.raise_for_status().json()] == [short.run, long]
    for one in answer.json():
        path = f"/runs/{one['run']['id']}"
        assert one["run"] == api.get(path).json()
        assert one["events"] == api.get(f"{path}/events").json()
        assert one["series"] == api.get(f"{path}/series", params={"points": 50}).json()["series"]


def test_of_many_runs_some_dense_series_are_read_and_all_sparse_ones(
    api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun(("loss", "lr"))
    attempt.rows(range(3))
    attempt.tell("values", 2, values={"val.accuracy": 0.5})
    attempt.finish(3)
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["state"] == "completed", 20, "the end of a run")
    answer = api.get("/runs/histories", params={"runs": attempt.run, "dense": "lr,rho.*"})
    (one,) = answer.raise_for_status().json()
    (whole,) = api.get("/runs/histories", params={"runs": attempt.run}).raise_for_status().json()
    assert one["run"] == whole["run"]
    assert one["series"] == [each for each in whole["series"] if each["name"] != "loss"]
    assert {each["name"] for each in one["series"]} == {"lr", "val.accuracy"}


def test_too_many_runs_at_once_are_refused_with_the_limit(api: httpx.Client) -> None:
    refusal = api.get("/runs/histories", params={"runs": ",".join(map(str, range(51)))})
    assert refusal.status_code == 422
    assert "51 runs are more than the maximum of 50" in refusal.text
