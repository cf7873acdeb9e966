"""What the API concludes from a run, and what it lets race."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from filled import fill
from instrument import wait_for
from served import Attempt

from backend.curves.cache import Curves
from backend.store import Store, rows, runs
from backend.verdict.history import PIECES, RECENT, mean
from backend.verdict.reading import Verdicts, read

NAMES = ("loss", "rho.audio", "rho.visual", "k.audio")
STEPS = 300


@pytest.fixture
def led(api: httpx.Client, begun: Callable[..., Attempt]) -> Attempt:
    """A run of 300 steps in which audio leads; it goes on."""
    attempt = begun(NAMES, dataset="synthetic")
    attempt.tell("started", 0, modalities=["audio", "visual"], total_steps=STEPS, epochs=12, start_step=0)
    steps = np.arange(STEPS)
    ones = np.ones(STEPS)
    attempt.rows(steps, np.stack([np.geomspace(2, 0.1, STEPS), 4 * ones, ones / 4, 0.5 * ones]))
    wait_for(lambda: api.get(f"/runs/{attempt.run}").json()["step"] == STEPS, 10, "the steps")
    return attempt


def test_a_verdict_says_who_leads_and_on_what_that_rests(api: httpx.Client, led: Attempt) -> None:
    verdict = api.get(f"/runs/{led.run}/verdict").json()
    first = verdict[0]
    assert (first["name"], first["speaks"]) == ("dominance", True)
    assert "Audio leads visual: its rho is 4.0" in first["sentence"]
    assert first["evidence"] == [{"series": "rho.audio", "start": 0, "end": STEPS - 1}]
    assert first["remedy"]
    assert {"name", "speaks", "sentence", "evidence", "remedy"} <= verdict[-1].keys()
    assert api.get("/runs/nothing/verdict").status_code == 404


def test_the_verdict_of_a_fork_looks_at_what_its_ancestors_recorded(
    api: httpx.Client, led: Attempt, begun: Callable[..., Attempt]
) -> None:
    name = f"attempt-1-step-{STEPS}-{'a' * 64}.pt"
    led.tell("checkpoint", STEPS, path=name, kept=[name])
    wait_for(lambda: api.get(f"/runs/{led.run}/checkpoints").json(), 10, "the checkpoint")
    fork = api.post(f"/runs/{led.run}/fork", json={}).json()["id"]
    attempt = Attempt(led.redis, fork, names=NAMES)
    attempt.take()
    attempt.begin(STEPS, 2 * STEPS)
    attempt.tell("started", STEPS, modalities=["audio", "visual"], start_step=STEPS)
    attempt.rows(range(STEPS, STEPS + 10), np.broadcast_to([[0.1], [4], [0.25], [0.5]], (4, 10)))
    wait_for(lambda: api.get(f"/runs/{fork}").json()["step"] == STEPS + 10, 10, "the steps")
    verdict = {one["name"]: one for one in api.get(f"/runs/{fork}/verdict").json()}
    assert verdict["dominance"]["evidence"][0] == {"series": "rho.audio", "start": 0, "end": STEPS + 9}
    attempt.finish(STEPS + 10)


@pytest.mark.parametrize("longest", [10_000, 1_000_000])
def test_of_a_long_run_no_more_is_read_than_of_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    """Read in windows or in full, the means are alike."""
    monkeypatch.setattr("backend.verdict.reading.LONG", longest)
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    store.open()
    run = fill(store, 60_000, name="long")
    with store.reading() as db:
        known = runs.get(db, run).model_copy(update={"modalities": ["audio", "visual"]})
        history = read(db, Curves(), known)
        whole = rows.read(db, run, ["accuracy.audio"])["accuracy.audio"][1]
    store.close()
    assert max(len(curve) for curve in history.curves.values()) <= PIECES
    assert {len(steps) for steps, _ in history.recent.values()} <= {RECENT, RECENT + 1}
    assert {"rho.audio", "k.visual", "loss", "accuracy.audio"} <= history.curves.keys()
    assert mean(history.curves["accuracy.audio"]) == pytest.approx(float(whole.mean()), rel=0.02)


def test_a_running_run_is_judged_no_oftener_than_its_time_however_often_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    store.open()
    run = fill(store, 5000, name="running", ended=False)
    readings = []
    monkeypatch.setattr("backend.verdict.reading.SHARE", 0.0)
    monkeypatch.setattr("backend.verdict.reading.read", lambda *given: (readings.append(1), read(*given))[1])
    with store.reading() as db:
        now = runs.get(db, run)
        patient, hasty = Verdicts(Curves(), again_s=1e9), Verdicts(Curves(), again_s=0.0)
        for step in range(5):
            patient.of(db, now.model_copy(update={"step": now.step - step}))
        assert len(readings) == 1
        hasty.of(db, now)
        hasty.of(db, now)
        assert len(readings) == 2
        hasty.of(db, now.model_copy(update={"step": now.step - 1}))
        assert len(readings) == 3
    store.close()


def test_remedies_are_suggested_from_the_verdict_and_fit_the_network(api: httpx.Client, led: Attempt) -> None:
    result = api.get(f"/runs/{led.run}/remedies").json()
    tried = [(one["strategy"], one["settings"]) for one in result["candidates"]]
    assert ("ogm-ge", {"alpha": 0.8}) in tried
    assert (result["control"], result["horizon"], result["rungs"]) == ("joint", 2, [2])
    assert result["trainings"] == (len(tried) + 1) * 3
    assert len(result["seeds"]) == 3


def test_a_trial_is_one_sweep_whose_runs_pause_at_the_first_rung(api: httpx.Client, led: Attempt) -> None:
    trial = {
        "candidates": [{"strategy": "ogm-ge", "settings": {"alpha": "0.8"}}],
        "horizon": 4,
        "seeds": [3, 4],
    }
    key = {"Idempotency-Key": led.run}
    answer = api.post(f"/runs/{led.run}/remedies", json=trial, headers=key)
    assert answer.status_code == 201
    made = answer.json()
    assert api.post(f"/runs/{led.run}/remedies", json=trial, headers=key).json()["id"] == made["id"]
    assert {run["settings"]["seed"] for run in made["runs"]} == {3, 4}
    race = made["spec"]["race"]
    assert race["names"] == ["joint", "as it is", "ogm-ge alpha=0.8"]
    assert race["rungs"] == [50, 100]
    assert [len(runs) for runs in race["runs"]] == [2, 2, 2]
    by_id = {run["id"]: run for run in made["runs"]}
    assert {by_id[run]["settings"]["alpha"] for run in race["runs"][2]} == {0.8}
    ranked = api.get(f"/sweeps/{made['id']}/ranking").json()
    assert (ranked["over"], ranked["winner"]) == (False, "")
    assert {place["rung"] for place in ranked["places"]} == {None}
    assert json.dumps(made["id"]) in api.get("/sweeps").text
    api.post(f"/sweeps/{made['id']}/stop")


@pytest.mark.parametrize(
    ("trial", "says"),
    [
        ({"candidates": [{"strategy": "nothing"}]}, "nothing: strategy"),
        ({"candidates": [{"strategy": "ogm-ge", "settings": {"alpha": -1}}]}, "alpha"),
        ({"horizon": 1000}, "1000 epochs are more than the 12 that are left"),
        ({"candidates": [{"batch_size": 8}]}, "batch_size=8: batch_size: is the same for all candidates"),
        ({"candidates": [{"settings": {f"s{i}": 1 for i in range(300)}}]}, "settings"),
        ({"step": 5}, "no checkpoint"),
        ({"seeds": [-1]}, "seeds"),
        ({"candidates": [{"strategy": "ogm", "extra": 1}]}, "extra"),
    ],
)
def test_a_trial_that_does_not_fit_is_refused_by_name(
    api: httpx.Client, led: Attempt, trial: dict[str, object], says: str
) -> None:
    answer = api.post(f"/runs/{led.run}/remedies", json=trial)
    assert answer.status_code == 422
    assert says in answer.text


def test_what_has_not_begun_gets_no_remedies_and_a_plain_sweep_no_ranking(api: httpx.Client) -> None:
    run = api.post("/runs", json={}).json()["id"]
    assert api.post(f"/runs/{run}/remedies", json={}).status_code == 409
    assert api.get(f"/runs/{run}/remedies").status_code == 409
    sweep = api.post("/sweeps", json={"grid": {"alpha": [0.1]}}).json()["id"]
    assert "tries no remedies" in api.get(f"/sweeps/{sweep}/ranking").json()["detail"]
    race = {"run": run, "names": [], "rungs": []}
    assert api.post("/sweeps", json={"race": race}).status_code == 422
    api.post(f"/runs/{run}/stop")
    api.post(f"/sweeps/{sweep}/stop")
