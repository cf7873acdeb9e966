"""A project's file: read by the declared types, and refused in one sentence."""

import os
from pathlib import Path

import pytest

from rhoscope.errors import InvalidInput
from rhoscope.projects import command
from rhoscope.projects.file import FILE, Project, read

PATH = os.environ["PATH"]
PLAIN = "command: python3 train.py\n"


def project(folder: Path, text: str) -> Project:
    (folder / FILE).write_text(text)
    return read(folder, PATH)


@pytest.mark.parametrize(
    ("setting", "default"),
    [
        ("{type: number, default: 1e-3}", 0.001),
        ("{type: float, default: 1}", 1),
        ("{type: integer, default: 010}", 10),
        ("{type: string, default: no}", "no"),
        ("{type: string, default: 1_000}", "1_000"),
        ("{type: str, default: 0x10}", "0x10"),
        ("{type: string, default: 2026-11-29}", "2026-11-29"),
        ("{type: boolean, default: no}", False),
        ("{type: bool, default: on}", True),
        ("{type: array, items: {type: integer}, default: [1, 2]}", [1, 2]),
        ("{type: [number, 'null'], default: null}", None),
        ("{type: string, choices: [on, off, 1e3], default: off}", "off"),
        ("{type: integer, choices: [1, 2], default: 2}", 2),
        ("{type: object, properties: {a: {type: number, minimum: 0}}, default: {a: 1e2}}", {"a": 100.0}),
    ],
)
def test_values_are_read_by_the_declared_type(tmp_path: Path, setting: str, default: object) -> None:
    (one,) = project(tmp_path, f"{PLAIN}settings: {{x: {setting}}}").settings
    assert one.schema["default"] == default
    assert type(one.schema["default"]) is type(default)


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("", "", "should hold a mapping"),
        ("- a", "", "should hold a mapping"),
        ("command: [", "", "can't be read as YAML"),
        ("command: a\ncommand: b", "", "'command' is given twice in line 2"),
        ("settings: {}", "command", "expected the program's command"),
        ("command: ''", "command", "expected the program's command"),
        ('command: "python \'a"', "command", "No closing quotation"),
        ("command: [python3, [a]]", "command", "expected the program's command"),
        ("command: no-such-program-here a.py", "command", "'no-such-program-here' is none"),
        ("command: ./train.sh", "command", "expected an executable at"),
        ("command: python3 a.py | tee log", "command", "'|' is for a shell"),
        ("command: cd src && python3 a.py", "command", "'&&' is for a shell"),
        ("command: python3 a.py 2>&1", "command", "'2>&1' is for a shell"),
        ("command: python3 $HOME/a.py", "command", "'$HOME/a.py' is for a shell"),
        ("command: CUDA_VISIBLE_DEVICES=0 python3 a.py", "command", "put it under 'variables'"),
        (f"{PLAIN}---\ncommand: b", "", "expected a single document in the stream, but found another"),
        (
            f"{PLAIN}settings: {{s: {{type: number, title: {'x' * 21_000}}}}}",
            "",
            "no server would take it: a text of",
        ),
        (
            f"{PLAIN}settings: {{s: {{type: object, default: {'{a: ' * 200 + '1' + '}' * 200}}}}}",
            "",
            "too deeply",
        ),
        (
            f"{PLAIN}settings: {{s: {{type: array, items: {{type: string}}, default: [--x]}}}}",
            "settings.s.default",
            "'--x' would pass for an option",
        ),
        (f"{PLAIN}checkpoints: rhoscope.yaml", "checkpoints", "is a file; expected a folder"),
        (
            f"{PLAIN}settings: {{{', '.join(f's{i}: {{type: number}}' for i in range(257))}}}",
            "settings",
            "at most 256",
        ),
        (
            f"{PLAIN}settings: {{a: {{type: number}}, b: {{type: number, argument: --a}}}}",
            "settings.b.argument",
            "'a' is passed as --a, too",
        ),
        (
            f"{PLAIN}settings: {{a: {{type: number, variable: A}}, b: {{type: number, variable: A}}}}",
            "settings.b.variable",
            "'a' is passed as A, too",
        ),
        (
            f"{PLAIN}variables: {{A: 1}}\nsettings: {{a: {{type: number, variable: A}}}}",
            "variables.A",
            "setting 'a' sets it, too",
        ),
        (
            f"{PLAIN}settings: {{a: {{type: number, argument: --a --b}}}}",
            "settings.a.argument",
            "is more than one word",
        ),
        (
            f"{PLAIN}settings: {{a: {{type: number, argument: 'x={{a}}'}}}}",
            "settings.a.argument",
            "nothing takes the place of {a}",
        ),
        (f"{PLAIN}comand: a", "comand", "did you mean 'command'"),
        (f"{PLAIN}name: a b", "name", "'a b' is invalid"),
        (f"{PLAIN}name: [a]", "name", "expected a text"),
        (f"{PLAIN}environment: .venv", "environment", "has no bin/python"),
        (f"{PLAIN}environment: conda:no-such", "environment", "conda knows no environment 'no-such'"),
        (f"{PLAIN}folder: nowhere", "folder", "is no folder"),
        (f"{PLAIN}variables: [A]", "variables", "expected a mapping"),
        (f"{PLAIN}variables: {{RHOSCOPE_RUN: x}}", "variables.RHOSCOPE_RUN", "rhoscope's own"),
        (f"{PLAIN}settings_as: shell", "settings_as", "expected arguments or environment"),
        (f"{PLAIN}settings: [lr]", "settings", "expected a mapping"),
        (f"{PLAIN}settings: {{lr: 0.1}}", "settings.lr", "expected a mapping with a type"),
        (f"{PLAIN}settings: {{a-b: {{type: number}}}}", "settings.a-b", "expected a name of letters"),
        (f"{PLAIN}settings: {{dataset: {{type: string}}}}", "settings.dataset", "every run has a field"),
        (f"{PLAIN}settings: {{lr: {{type: real}}}}", "settings.lr.type", "unknown type 'real'"),
        (f"{PLAIN}settings: {{lr: {{type: number, min: 0}}}}", "settings.lr.min", "did you mean 'minimum'"),
        (f"{PLAIN}settings: {{lr: {{type: number, minimum: low}}}}", "settings.lr.minimum", "a number"),
        (f"{PLAIN}settings: {{n: {{type: integer, default: 0x10}}}}", "settings.n.default", "decimal digits"),
        (f"{PLAIN}settings: {{n: {{type: integer, default: 1.5}}}}", "settings.n.default", "a whole number"),
        (f"{PLAIN}settings: {{n: {{type: integer, live: maybe}}}}", "settings.n.live", "true or false"),
        (f"{PLAIN}settings: {{s: {{type: string, pattern: '(a+)+$(?=b)'}}}}", "settings.s", "linear time"),
        (
            f"{PLAIN}settings: {{n: {{type: integer, argument: [a, b]}}}}",
            "settings.n.argument",
            "such as --lr",
        ),
        (f"{PLAIN}settings: {{n: {{type: integer, variable: A B}}}}", "settings.n.variable", "a variable"),
        (f"{PLAIN}settings: {{n: {{type: string, argument: -n, variable: N}}}}", "settings.n", "not both"),
        (f"{PLAIN}settings: {{s: {{type: string, choices: []}}}}", "settings.s.choices", "a list of values"),
        (f'{PLAIN}settings: {{s: {{type: string, default: "a\\0"}}}}', "settings.s.default", "NUL"),
        (f'{PLAIN}settings: {{s: {{type: string, argument: "-s\\0"}}}}', "settings.s.argument", "NUL"),
        *(
            (f"{PLAIN}settings: {{s: {{type: string, variable: {name}}}}}", "settings.s.variable", "decides")
            for name in ("PATH", "LD_PRELOAD", "PYTHONPATH", "PYTHONSTARTUP", "BASH_ENV", "ld_library_path")
        ),
        (
            f"settings_as: environment\n{PLAIN}settings: {{path: {{type: string}}}}",
            "settings.path.variable",
            "decides which programs run",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(tmp_path: Path, text: str, key: str, expected: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        project(tmp_path, text)
    says = caught.value.detail
    assert str(tmp_path / FILE) in says
    assert expected in says
    assert f" {key}: " in says or not key
    assert "\n" not in says


def test_a_file_in_another_encoding_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(f"help: Größe\n{PLAIN}".encode("latin-1"))
    with pytest.raises(InvalidInput, match="is not in UTF-8; save it in that encoding"):
        read(tmp_path, PATH)


@pytest.mark.parametrize(
    "command_", ["[sh, -c, 'a | b > $HOME/c']", "sh -c 'a | b > $HOME/c; d;'", "[sh, '|', $HOME]"]
)
def test_what_a_shell_is_meant_to_read_is_passed_on(tmp_path: Path, command_: str) -> None:
    assert project(tmp_path, f"command: {command_}").command[0] == "sh"


@pytest.mark.parametrize(
    ("folder", "name"), [("Größe & mehr", "Grosse-mehr"), ("av-net_2.0", "av-net_2.0"), ("x" * 60, "x" * 50)]
)
def test_a_project_without_a_name_has_one_like_its_folders(tmp_path: Path, folder: str, name: str) -> None:
    (tmp_path / folder).mkdir()
    assert project(tmp_path / folder, PLAIN).name == name


def test_a_folder_whose_name_has_no_letter_that_a_name_may_have_is_refused(tmp_path: Path) -> None:
    (tmp_path / "项目").mkdir()
    with pytest.raises(InvalidInput, match="name: there is none, and the folder's, '项目', can't be one"):
        project(tmp_path / "项目", PLAIN)


def test_a_folder_without_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "file"):
        with pytest.raises(InvalidInput, match=rf"There is no rhoscope\.yaml in {folder}; "):
            read(folder, PATH)
    (tmp_path / FILE).mkdir()
    with pytest.raises(InvalidInput, match=r"rhoscope\.yaml can't be read: Is a directory\."):
        read(tmp_path, PATH)


def test_values_reach_the_program_as_arguments_and_variables_and_never_as_options(tmp_path: Path) -> None:
    text = f"""{PLAIN}
settings:
  lr: {{type: number, default: -1e-3}}
  name_of_run: {{type: string, default: "--evil; $(rm)"}}
  amp: {{type: boolean, default: false, argument: [--amp, --no-amp]}}
  fast: {{type: boolean, default: false}}
  layers: {{type: array, items: {{type: integer}}, default: [1, 2]}}
  depth: {{type: integer, default: 4, argument: "model.depth={{value}}"}}
  width: {{type: integer, default: -8, argument: "-w {{value}}"}}
  seed: {{type: integer, default: 7, variable: SEED}}
  hint: {{type: [string, "null"], default: null}}
"""
    settings = project(tmp_path, text).settings
    chosen = command.values(settings, {"seed": "8", "unknown": 1})
    assert command.arguments(settings, chosen) == [
        "--lr=-0.001",
        "--name_of_run=--evil; $(rm)",
        "--no-amp",
        "--layers",
        "1",
        "2",
        "model.depth=4",
        "-w",
        "-8",
    ]
    assert command.variables(settings, chosen) == {"SEED": "8"}


def test_the_project_itself_may_say_which_libraries_run(tmp_path: Path) -> None:
    text = f"{PLAIN}variables: {{LD_LIBRARY_PATH: /opt/cuda/lib64, PYTHONPATH: src}}"
    assert project(tmp_path, text).variables["PYTHONPATH"] == "src"


def test_a_list_of_options_and_a_missing_value_are_refused(tmp_path: Path) -> None:
    text = f"{PLAIN}settings: {{files: {{type: array, items: {{type: string}}}}}}"
    settings = project(tmp_path, text).settings
    with pytest.raises(InvalidInput, match="files: it has no default"):
        command.values(settings, {})
    with pytest.raises(InvalidInput, match="would pass for an option"):
        command.arguments(settings, {"files": ["a", "--config=/etc/passwd"]})
    word = project(tmp_path, f"{PLAIN}settings: {{s: {{type: string, argument: '-s {{value}}'}}}}").settings
    with pytest.raises(InvalidInput, match="would pass for an option"):
        command.arguments(word, {"s": "--config=/etc/passwd"})


def test_an_environment_comes_first_on_the_path_and_the_catalog_names_no_command(tmp_path: Path) -> None:
    own = tmp_path / ".venv" / "bin"
    own.mkdir(parents=True)
    (own / "python").symlink_to("/bin/sh")
    (own / "python").chmod(0o755)
    made = project(tmp_path, "command: python train.py --secret\nenvironment: .venv\ncheckpoints: kept\n")
    assert made.executable(PATH) == str(own / "python")
    assert made.checkpoints == str(tmp_path / "kept")
    announced = made.plugin().model_dump_json()
    assert "secret" not in announced
    assert str(tmp_path) not in announced
