"""Who leads, without the bias of small batches, and what is proposed against it."""

import math

import numpy as np
import pytest
from kept import drawn, recorded

from backend.verdict import remedy
from backend.verdict.history import geometric, mean
from backend.verdict.lead import lead, ratios
from backend.verdict.verdict import judge, leader_of

STEPS = 4000


def test_a_mean_of_ratios_makes_a_tie_a_lead_and_ours_does_not() -> None:
    rho = np.exp(np.random.default_rng(0).standard_normal(STEPS))
    history = drawn({"rho.audio": rho, "rho.visual": 1 / rho})
    assert mean(history.curves["rho.audio"]) > 1.5
    assert geometric(ratios(history)["audio"]) == pytest.approx(1, abs=0.05)
    result = lead(history)
    assert result is not None
    assert not result.clear


def test_of_three_modalities_ratios_are_those_of_mean_scores() -> None:
    scores = {"audio": 0.9, "visual": 0.3, "text": 0.45}
    noise = np.exp(0.8 * np.random.default_rng(0).standard_normal((3, STEPS)))
    drawn_scores = {m: s * n / n.mean() for (m, s), n in zip(scores.items(), noise, strict=True)}
    curves = {f"score.{m}": s for m, s in drawn_scores.items()}
    curves |= {f"rho.{m}": np.ones(STEPS) for m in scores}
    result = ratios(drawn(curves))
    assert geometric(result["audio"]) == pytest.approx((0.9 / 0.3 + 0.9 / 0.45) / 2, rel=0.05)


def test_since_when_is_where_it_last_came_to_lead() -> None:
    rho = np.r_[[3.0] * 100, [0.5] * 100, [4.0] * 200]
    result = lead(drawn({"rho.audio": rho, "rho.visual": 1 / rho}))
    assert result is not None
    assert (result.modality, result.factor) == ("audio", pytest.approx(4))
    assert result.stretch.first[0] == pytest.approx(200, abs=12)


def test_the_alpha_that_is_proposed_gives_the_k_that_is_said() -> None:
    history = recorded("gentle")
    words, changes = remedy.balance(history)
    rho = geometric(history.late(ratios(history)["audio"], 0.5))
    assert 1 - math.tanh(changes["alpha"] * rho) == pytest.approx(remedy.KEPT, abs=0.05)
    assert changes["alpha"] > history.settings["alpha"]
    assert f"{changes['alpha']:g}" in words


def test_a_strategy_without_alpha_is_replaced_and_a_strong_one_is_not_made_stronger() -> None:
    assert remedy.balance(recorded("joint"))[1] == {"strategy": "ogm-ge"}
    assert remedy.balance(recorded("saturated"))[1] == {}


def test_in_a_run_that_is_too_short_to_slow_anybody_down_the_remedy_is_a_trial() -> None:
    rho = np.full(138, 3.0)
    curves = {"rho.audio": rho, "rho.visual": 1 / rho}
    short, longer = (
        drawn(curves, strategy="joint", settings={"epochs": epochs}, steps_per_epoch=23) for epochs in (6, 7)
    )
    assert remedy.balance(short) == (remedy.ALL, {})
    assert remedy.balance(longer)[1] == {"strategy": "ogm-ge"}


def test_the_leader_is_known_only_where_somebody_leads() -> None:
    assert leader_of(judge(recorded("joint"))) == "audio"
    assert leader_of(judge(recorded("balanced"))) == ""
