"""Programs as strangers write them: each just works, or ends in one clear sentence."""

import json
import venv
from pathlib import Path
from typing import Any

import psutil
import pytest
from attempted import Attempt, project
from instrument import is_alive

from rhoscope.projects.file import FILE, read

PLAIN = "name: net\ncommand: ['{python}', train.py]\n"
EVERY_TYPE = """
  layers: {type: integer, default: 3}
  lr: {type: number, default: 1e-3}
  amp: {type: boolean, default: no}
  plan: {type: string, choices: [cosine, step], default: cosine}
  note: {type: string, default: ''}
  sizes: {type: array, items: {type: integer}, default: [1, 2]}
  more: {type: object, default: {}}
"""
GIVEN: dict[str, Any] = {
    "layers": -2,
    "lr": 1e-7,
    "amp": True,
    "plan": "step",
    "note": """ "quoted", 'so' & $HOME; größer\nnext line """,
    "sizes": [-1, 20],
    "more": {"a": [1, "ü"]},
}


def attempt(redis_url: str, tmp_path: Path, text: str, program: str = "", **settings: Any) -> Attempt:
    home = project(tmp_path / "Größe & mehr", text, **({"train": program} if program else {}))
    return Attempt(redis_url, tmp_path / "data", home, settings=settings)


def test_every_type_reaches_a_program_as_arguments_from_a_folder_with_spaces_and_umlauts(
    redis_url: str, tmp_path: Path
) -> None:
    says = "import json, sys\nprint(json.dumps([sys.prefix, *sys.argv[1:]]))"
    own = tmp_path / "Größe & mehr" / "meine Umgebung"
    venv.create(own, symlinks=True, with_pip=False)
    text = "name: net\ncommand: python train.py\nenvironment: meine Umgebung\nsettings:"
    one = attempt(redis_url, tmp_path, text + EVERY_TYPE, says, **GIVEN)
    assert one.outcome() == ("completed", "")
    assert json.loads(one.printed()[0]) == [
        str(own),
        "--layers=-2",
        "--lr=1e-07",
        "--amp",
        "--plan=step",
        f"--note={GIVEN['note']}",
        *("--sizes", "-1", "20"),
        '--more={"a": [1, "\\u00fc"]}',
    ]


def test_every_type_reaches_a_program_as_variables(redis_url: str, tmp_path: Path) -> None:
    says = f"import json, os\nprint(json.dumps([os.environ[name.upper()] for name in {list(GIVEN)}]))"
    text = f"{PLAIN}settings_as: environment\nsettings:{EVERY_TYPE}"
    one = attempt(redis_url, tmp_path, text, says, **GIVEN)
    assert one.outcome() == ("completed", "")
    values = ["-2", "1e-07", "true", "step", GIVEN["note"], "[-1, 20]", '{"a": [1, "\\u00fc"]}']
    assert json.loads(one.printed()[0]) == values


@pytest.mark.parametrize(
    ("program", "end"),
    [
        ("pass", ""),
        ("import not_installed", "ModuleNotFoundError: No module named 'not_installed'"),
        ("def f(:", "SyntaxError: invalid syntax"),
        ("raise SystemExit('no data in /data')", "The program ended with code 1: no data in /data"),
        ("raise SystemExit(3)", "The program ended with code 3."),
        ("", "[Errno 2] No such file or directory"),
    ],
)
def test_a_program_that_never_reports_completes_or_says_why_not(
    redis_url: str, tmp_path: Path, program: str, end: str
) -> None:
    one = attempt(redis_url, tmp_path, PLAIN, program)
    state, reason = one.outcome()
    assert state == ("failed" if end else "completed")
    assert reason.endswith(end)
    assert one.blocks() == []


def test_a_command_that_is_gone_since_it_was_announced_is_a_sentence(redis_url: str, tmp_path: Path) -> None:
    tool = tmp_path / "train.sh"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    home = project(tmp_path / "home", f"name: net\ncommand: {tool}\n")
    announced = read(home).name
    tool.unlink()
    one = Attempt(redis_url, tmp_path / "data", home, program=announced)
    state, reason = one.outcome()
    assert state == "failed"
    assert reason == f"{home / FILE}: command: expected an executable at {tool}, and '{tool}' is none."


def test_the_end_of_a_flood_is_kept_and_the_number_of_lines_that_are_not(
    redis_url: str, tmp_path: Path
) -> None:
    lines = 300_000
    says = f"for number in range({lines}):\n    print('%099d' % number)\nraise ValueError('end')"
    one = attempt(redis_url, tmp_path, PLAIN, says)
    assert one.outcome()[0] == "failed"
    printed = one.printed()
    assert printed[0] == "0".zfill(99)
    assert printed[-1] == "ValueError: end"
    said = [int(line.split()[1]) for line in printed if line.startswith("…")]
    traceback = 4
    assert len(printed) - len(said) + sum(said) == lines + traceback
    assert sum(said) > lines / 2
    assert one.log.stat().st_size > lines * 100


def test_what_a_program_left_behind_as_a_session_of_its_own_ends_with_it(
    redis_url: str, tmp_path: Path
) -> None:
    says = (
        "import subprocess, sys\n"
        "code = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)'\n"
        "print(subprocess.Popen([sys.executable, '-c', code], start_new_session=True).pid)"
    )
    one = attempt(redis_url, tmp_path, PLAIN, says)
    assert one.outcome() == ("completed", "")
    left = int(one.printed()[0])
    assert not psutil.pid_exists(left) or not is_alive(psutil.Process(left))


def test_one_that_crashes_is_to_be_tried_again_and_its_last_words_are_the_cause(
    redis_url: str, tmp_path: Path
) -> None:
    says = "import os, sys\nprint('CUDA error 700', file=sys.stderr)\nos.abort()"
    one = attempt(redis_url, tmp_path, PLAIN, says)
    assert one.outcome() == ("", "")
    (event,) = one.events("log")
    line = "The program was ended by SIGABRT at step 0. Its last words: CUDA error 700"
    assert event.data == {"line": line, "cause": True}


def test_settings_that_the_file_does_not_declare_any_more_are_left_out_and_named(
    redis_url: str, tmp_path: Path
) -> None:
    one = attempt(redis_url, tmp_path, PLAIN, "pass", alpha=0.8)
    assert one.outcome() == ("completed", "")
    (event,) = one.events("log")
    assert event.data["line"].endswith("rhoscope.yaml declares no such setting: 'alpha'.")


def test_a_project_beside_whose_file_is_broken_does_no_harm(redis_url: str, tmp_path: Path) -> None:
    good = project(tmp_path / "good", PLAIN, train="pass")
    bad = project(tmp_path / "bad", "command: [")
    assert Attempt(redis_url, tmp_path / "1", bad, good, program="net").outcome() == ("completed", "")
    state, reason = Attempt(redis_url, tmp_path / "2", bad, good, program="other").outcome()
    assert state == "failed"
    assert reason.startswith(f"{bad / FILE} can't be read as YAML: ")


def test_one_that_ignores_its_end_is_killed(redis_url: str, tmp_path: Path) -> None:
    says = (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('here')\ntime.sleep(1000)"
    )
    one = attempt(redis_url, tmp_path, PLAIN, says)
    one.until_printed("here")
    one.order("stop")
    assert one.outcome() == ("stopped", "Stopped by ann.")
