"""What would be launched: the refusals of launching, a forecast of what fits, and nothing is made."""

from typing import Any

import httpx
import pytest
from served import Served

REFUSED: list[dict[str, Any]] = [
    {"strategy": "ogm-gee", "alpha": -1},
    {"alhpa": 1.0, "batch_size": 0, "encoders": {"smell": "mlp"}},
    {"strategy": "mmcosine", "fusion": "film"},
    {"origin": {"run": "none", "step": 0, "checkpoint": f"attempt-1-step-0-{'ab' * 32}.pt"}},
    {"dataset": 3},
]


@pytest.mark.parametrize("spec", REFUSED, ids=[str(s)[:40] for s in REFUSED])
def test_a_check_refuses_in_the_very_words_of_launching(api: httpx.Client, spec: dict[str, Any]) -> None:
    checked, launched = api.post("/runs/check", json=spec), api.post("/runs", json=spec)
    assert checked.status_code == launched.status_code == 422
    assert checked.json()["errors"] == launched.json()["errors"]


def test_a_run_that_fits_is_foreseen_and_not_made(api: httpx.Client, served: Served) -> None:
    before = api.get("/runs").json()["total"]
    answer = api.post("/runs/check", json={"epochs": 2, "batch_size": 100}).json()
    assert (answer["runs"], answer["steps"], answer["steps_in_all"]) == (1, 2 * (1500 // 100), 30)
    assert (answer["ahead"], answer["free"], answer["workers"]) == (0, ["pretended"], 1)
    sizes = {"dataset": "synthetic", "train_size": 128, "batch_size": 16, "epochs": 3}
    assert api.post("/runs/check", json=sizes).json()["steps"] == 24
    answer = api.post("/runs/check", json=sizes | {"protocol": "official-code", "strategy": "joint"}).json()
    assert (answer["steps"], answer["steps_in_all"]) == (None, None)
    assert api.get("/runs").json()["total"] == before


def test_who_is_ahead_is_who_waits_with_no_lower_priority(api: httpx.Client) -> None:
    for _ in range(2):
        api.post("/runs", json={"priority": 5})
    ahead = [api.post("/runs/check", json={"priority": p}).json()["ahead"] for p in (6, 5)]
    assert ahead[1] == ahead[0] + 2


def test_a_sweep_says_the_misfits_of_all_its_combinations_at_once(api: httpx.Client) -> None:
    wrong = {"grid": {"alpha": [0.1, -1, -2], "batch_size": [0, 64]}}
    errors = api.post("/sweeps/check", json=wrong).json()["errors"]
    assert {(e["field"], e["value"]) for e in errors} == {("alpha", -1), ("alpha", -2), ("batch_size", 0)}
    assert api.post("/sweeps", json=wrong).json()["errors"] == errors


def test_a_sweep_that_fits_is_foreseen_and_not_made(api: httpx.Client) -> None:
    before = len(api.get("/sweeps").json())
    answer = api.post("/sweeps/check", json={"grid": {"epochs": [1, 2]}, "seeds": [0, 1]}).json()
    assert (answer["runs"], answer["steps"], answer["steps_in_all"]) == (4, 46, 2 * (23 + 46))
    assert len(api.get("/sweeps").json()) == before
