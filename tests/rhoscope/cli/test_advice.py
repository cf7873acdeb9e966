"""What the terminal says of a run, and of what was tried on it."""

import sys

import pytest

from rhoscope import cli
from rhoscope.client import Client
from rhoscope.groups import Difference
from rhoscope.remedies import Place, Ranking, Suggestion
from rhoscope.verdict import Evidence, Judgment

FOUND = Judgment(
    name="dominance",
    title="Who leads?",
    question="Does one modality dominate?",
    speaks=True,
    sentence="Audio leads visual.",
    evidence=[Evidence(series="rho.audio", start=3, end=90)],
    remedy="Launch it again with OGM-GE.",
    rule="r",
    threshold="t",
)
UNSURE = FOUND.model_copy(
    update={
        "name": "no-finding",
        "speaks": False,
        "known": False,
        "sentence": "Can't say: it has 3 steps.",
        "evidence": [],
    }
)


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["rhoscope", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    return " ".join(capsys.readouterr().out.split())


def test_a_verdict_says_what_was_found_on_which_evidence_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Client, "verdict", lambda _self, _run: [FOUND, UNSURE])
    text = said(monkeypatch, capsys, "verdict", "r1")
    assert "Audio leads visual. rho.audio, steps 3 to 90 → Launch it again with OGM-GE." in text
    assert "3 steps" not in text
    assert "rhoscope remedies r1" in text
    assert "Can't say: it has 3 steps." in said(monkeypatch, capsys, "verdict", "r1", "--all")


def test_where_nothing_was_found_the_reason_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Client, "verdict", lambda _self, _run: [UNSURE])
    assert said(monkeypatch, capsys, "verdict", "r1").startswith("Can't say: it has 3 steps.")


def test_a_ranking_names_the_winner_its_advantage_and_how_to_go_on_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    over = Difference(pairs=3, mean=0.1, low=0.05, high=0.15, method="paired t", p=0.01, p_holm=0.02)
    best = Place(
        name="opm",
        runs=["r6", "r7"],
        rung=138,
        accuracy=0.84,
        advantage=over,
        minutes=1.0,
        goes_on=True,
        waiting=["r7"],
    )
    control = Place(
        name="joint", runs=["r8"], rung=138, accuracy=0.74, advantage=None, minutes=1.0, goes_on=False
    )
    ranked = Ranking(
        run="r1", control="joint", over=True, rungs=[138], places=[best, control], minutes=2.0, winner="opm"
    )
    monkeypatch.setattr(Client, "ranking", lambda _self, _sweep: ranked)
    text = said(monkeypatch, capsys, "ranking", "s1")
    assert "opm 138 84.0% +10.0 [+5.0, +15.0] 0.020 1.0" in text
    assert "Go on with it: rhoscope resume r7" in text
    best.waiting.clear()
    text = said(monkeypatch, capsys, "ranking", "s1")
    assert "opm is best" in text
    assert "resume" not in text


def test_a_dry_run_shows_what_would_be_tried_and_what_it_costs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = Suggestion(
        candidates=[{"strategy": "opm"}],
        horizon=6,
        seeds=[0, 1],
        control="joint",
        rungs=[3, 6],
        trainings=4,
        tried=[],
        minutes=2.5,
    )
    monkeypatch.setattr(Client, "suggestion", lambda _self, _run: usual)
    text = said(monkeypatch, capsys, "remedies", "r1", "--dry-run")
    assert (
        "joint (control) opm 4 runs, about 2.5 minutes of training; seeds 0, 1; compared after epochs 3, 6."
        in text
    )
