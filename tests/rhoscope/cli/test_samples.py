"""Single examples in the terminal: as a table, as CSV, and as JSON lines."""

import json
import sys

import pytest

from rhoscope import cli
from rhoscope.client import Client
from rhoscope.samples import Samples, SamplesAnswer

FOUND = SamplesAnswer(
    run="r1",
    step=40,
    steps=[20, 40],
    total=2,
    samples=Samples(
        names=["a, b", "c\x1b[2J"],
        labels=["dog", "cat"],
        together=[0.5, None],
        alone={"audio": [0.9, 0.2], "visual": [0.1, 0.7]},
    ),
    between=["audio", "visual"],
    gaps=[],
)
NONE = FOUND.model_copy(update={"samples": None, "step": None})


def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["rhoscope", "samples", "r1", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr()
    code = ended.value.code
    return (code if isinstance(code, int) else 0), printed.out + printed.err


def test_examples_come_in_the_order_of_their_differences(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[object] = []

    def answer(_self: Client, *arguments: object) -> SamplesAnswer:
        given.append(arguments)
        return FOUND

    monkeypatch.setattr(Client, "samples", answer)
    code, text = said(monkeypatch, capsys, "--step", "41", "--between", "audio, visual")
    assert (code, given) == (0, [("r1", 41, ("audio", "visual"))])
    assert "\x1b[2J" not in text
    assert text.index("cat") < text.index("dog")
    assert "-0.500" in text
    assert "step 40; gap: audio less visual." in text
    _, text = said(monkeypatch, capsys, "--format", "csv")
    assert text.splitlines()[0] == "example,class,audio,visual,together,gap"
    assert "\x1b" not in text
    assert text.splitlines()[2] == '"a, b",dog,0.9,0.1,0.5,0.8'
    _, text = said(monkeypatch, capsys, "--format", "json")
    assert [json.loads(line)["together"] for line in text.splitlines()] == [None, 0.5]
    assert json.loads(text.splitlines()[0])["alone"] == {"audio": 0.2, "visual": 0.7}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--format", "xml"), "table, csv, json"),
        (("--between", "audio"), "two modalities"),
        (("--between", "a,b,c"), "two modalities"),
        (("--step", "-1"), "step"),
    ],
    ids=["format", "one", "three", "negative"],
)
def test_what_does_not_fit_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.setattr(Client, "samples", lambda *_: FOUND)
    code, text = said(monkeypatch, capsys, *arguments)
    assert code == 2
    assert words in text
    assert "Traceback" not in text


def test_a_run_without_examples_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Client, "samples", lambda *_: NONE)
    code, text = said(monkeypatch, capsys)
    assert code != 0
    assert "they come with each validation" in text
