"""A search from the terminal: what is sent for what was typed, and what is shown of its trials."""

import sys
from pathlib import Path

import pytest

from rhoscope import cli
from rhoscope.client import Client
from rhoscope.runs import Sweep, SweepSpec
from rhoscope.search import Axis, Importance, Search, SearchStatus, SearchTrial, SettingImportance, Trials

FILE = """
name: hunt
base: {strategy: ogm-ge, epochs: 3}
seeds: 0-1
search:
  sampler: cma-es
  space:
    alpha: 0.1..2
    lr: {low: 1e-4, high: 0.1, log: true}
"""


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["rhoscope", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[SweepSpec]:
    """What the client was to launch."""
    specs: list[SweepSpec] = []

    def sweep(_self: Client, spec: SweepSpec) -> Sweep:
        specs.append(spec)
        return Sweep(id="abc", name="hunt", spec=spec, created=0.0, runs=[])

    monkeypatch.setattr(Client, "sweep", sweep)
    return specs


def test_a_file_with_options_on_top_is_one_search(
    monkeypatch: pytest.MonkeyPatch, sent: list[SweepSpec], tmp_path: Path
) -> None:
    path = tmp_path / "hunt.yaml"
    path.write_text(FILE)
    assert run(monkeypatch, "search", str(path), "--space", "alpha=0.5..1", "--trials", "7") == 0
    assert sent[0].search == Search(
        sampler="cma-es",
        trials=7,
        space={"alpha": Axis(low=0.5, high=1), "lr": Axis(low=1e-4, high=0.1, log=True)},
    )
    assert (sent[0].name, sent[0].seeds, sent[0].base.settings) == ("hunt", [0, 1], {"epochs": "3"})


def test_a_search_needs_no_file(monkeypatch: pytest.MonkeyPatch, sent: list[SweepSpec]) -> None:
    options = ("--space", "strategy=joint,ogm-ge", "--with", "pruner=median", "--with", "parallel=3")
    assert run(monkeypatch, "search", *options, "--set", "epochs=2") == 0
    assert sent[0].search == Search(
        pruner="median", parallel=3, space={"strategy": Axis(choices=["joint", "ogm-ge"])}
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "A search needs a setting to vary"),
        (("--space", "alpha"), "is not of the form setting=low..high"),
        (("--space", "alpha=2..1"), "the range is empty: low 2 must be below high 1"),
        (("--space", "alpha=0..1:log"), "begins above 0"),
        (("--space", "alpha=0..1", "--with", "sampler=bayes"), "'tpe', 'cma-es', 'random' or 'grid'"),
        (("--space", "alpha=0..1", "--trials", "0"), "search.trials: 0 is invalid"),
        (("--space", "alpha=0..1", "--with", "tries=3"), "search.tries"),
    ],
)
def test_a_mistake_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    sent: list[SweepSpec],
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    assert run(monkeypatch, "search", *arguments) == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert sent == []


def test_trials_are_shown_the_best_first_with_the_settings_that_decide(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    values = (0.4, 0.9, None)
    states = ("completed", "completed", "failed")
    now = Trials(
        search=Search(space={"alpha": Axis(low=0, high=1)}),
        status=SearchStatus(state="running", planned=5, launched=3, ended=3),
        maximizes=True,
        trials=[
            SearchTrial(number=i, values={"alpha": 0.1 * i}, value=value, state=states[i], created=0.0)
            for i, value in enumerate(values)
        ],
    )
    result = Importance(
        method="PED-ANOVA",
        trials=3,
        settings=[SettingImportance(name="alpha", share=0.8, low=0.6, high=0.9)],
    )
    monkeypatch.setattr(Client, "trials", lambda _self, _sweep: now)
    monkeypatch.setattr(Client, "importance", lambda _self, _sweep: result)
    assert run(monkeypatch, "trials", "abc") == 0
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines()[1:4]] == ["1", "0", "2"]
    assert "alpha: 80% [60%, 90%]" in said
    assert "running: 3 of 5 trials have ended." in said
