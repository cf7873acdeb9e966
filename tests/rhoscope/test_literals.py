"""A value is what its declared type makes of the text, at whatever entrance it comes in."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rhoscope import documents, literals, value_lists
from rhoscope.assignments import assignments
from rhoscope.catalog import Catalog
from rhoscope.cli import runs, terminal
from rhoscope.errors import InvalidInput
from rhoscope.experiments import plan
from rhoscope.settings import Settings, setting
from rhoscope.spec import RunSpec
from trainer.plugins import describe

NUMBER = {"type": "number"}
WHOLE = {"type": "integer"}
TEXT = {"type": "string"}
TRUTH = {"type": "boolean"}
SWITCH = {"enum": ["on", "off", "1"], "type": "string"}
MAYBE = {"anyOf": [{"type": "integer"}, {"type": "null"}]}

READINGS: list[tuple[dict[str, Any], Any, Any]] = [
    *[(TEXT, text, text) for text in ("2024-06-11", "007", "yes", "no", "on", "off", "null", "~", "1_000")],
    *[(TEXT, text, text) for text in ("see: https://x", "20240611", "0x10", "0o17", "12:30", "1e-3", ".5")],
    *[(TEXT, text, text) for text in ("[a]", "{a: b}", "true", "", "1,5", "- a", "# a", "*a", "&a", "!a")],
    (TEXT, 20240611, "20240611"),
    *[
        (NUMBER, text, value)
        for text, value in (("1e-3", 0.001), (".5", 0.5), ("1.", 1.0), ("+1", 1), ("-.5e1", -5.0))
    ],
    *[(NUMBER, text, value) for text, value in (("007", 7), ("−2", -2), ("０．５", 0.5), (" 3 ", 3))],
    *[(WHOLE, text, value) for text, value in (("1e3", 1000), ("16.0", 16), ("+4", 4), ("010", 10))],
    *[(WHOLE, value, int(value)) for value in (16.0, 9.3e18, 1e300)],
    *[(TRUTH, text, True) for text in ("true", "True", "yes", "on", "ON")],
    *[(TRUTH, text, False) for text in ("false", "no", "off", "False")],
    *[(SWITCH, text, text) for text in ("on", "off", "1")],
    ({"enum": [16, 32]}, "32", 32),
    ({"enum": [True, False, "auto"]}, "true", True),
    ({"enum": [True, False, "auto"]}, "auto", "auto"),
    *[(MAYBE, text, None) for text in ("", "~", "null", "None")],
    (MAYBE, "5", 5),
    ({"type": "array", "items": NUMBER}, ["1e-3", "2"], [0.001, 2]),
]


@pytest.mark.parametrize(("schema", "given", "value"), READINGS)
def test_a_value_is_read_by_its_declared_type(schema: dict[str, Any], given: Any, value: Any) -> None:
    result = literals.read(given, schema)
    assert (result, type(result)) == (value, type(value))


KINDS: list[tuple[dict[str, Any], list[str]]] = [
    (
        NUMBER,
        ["0,1", "1,5", "1_5", "1_000", "0x10", "0o17", "12:30", "50%", "1..5", "1-5", "1 000", "true", "1e"],
    ),
    (WHOLE, ["1,000", "1.000", "12.000.000", "1_000", "0x10", "1.5", "12:30", "yes", "1..5"]),
    (TRUTH, ["1", "0", "y", "t", "2", ""]),
]


@pytest.mark.parametrize(("schema", "text"), [(schema, text) for schema, texts in KINDS for text in texts])
def test_what_could_mean_several_things_is_not_guessed(schema: dict[str, Any], text: str) -> None:
    assert literals.read(text, schema) == text


DOCUMENT = """
name: 2024-06-11
notes: "see: https://x"
dataset: folder
lr: 1e-3
folder: 20240611
compile: on
optimizer: adam
modulation_ends: ~
settings: {momentum: .5, epochs: 1e1}
tags: [007, yes]
priority: 3
"""
AS_DECLARED = {
    "lr": 0.001, "folder": "20240611", "compile": True, "optimizer": "adam", "modulation_ends": None,
    "momentum": 0.5, "epochs": 10,
}  # fmt: skip


def test_a_file_is_read_by_the_declared_types(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(DOCUMENT)
    spec = describe().read(terminal.read_spec(tmp_path / "spec.yaml", []))
    assert (spec.name, spec.notes, spec.tags, spec.priority) == (
        "2024-06-11",
        "see: https://x",
        ["007", "yes"],
        3,
    )
    assert spec.settings == AS_DECLARED


def test_assignments_are_read_by_the_declared_types() -> None:
    given = [
        "name=2024-06-11",
        "notes=see: https://x",
        "tags=007, yes",
        "priority=3",
        "dataset=folder",
        "lr=1e-3",
    ]
    given += [
        "folder=20240611",
        "compile=on",
        "optimizer=adam",
        "modulation_ends=null",
        "momentum=.5",
        "epochs=1e1",
    ]
    spec = describe().read(terminal.read_spec(None, given))
    assert (spec.name, spec.notes, spec.tags, spec.priority) == (
        "2024-06-11",
        "see: https://x",
        ["007", "yes"],
        3,
    )
    assert spec.settings == AS_DECLARED


@pytest.mark.parametrize("given", ['name="007"', "name='007'", "name=007"])
def test_quotation_marks_around_a_value_are_no_part_of_it(given: str) -> None:
    assert terminal.read_spec(None, [given]).name == "007"


@pytest.mark.parametrize("text", ["alpha: 1\nalpha: 2", '{"alpha": 1, "alpha": 2}', "{a: {b: 1, b: 1}}"])
def test_a_name_that_stands_twice_in_a_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "spec.yaml").write_text(text)
    with pytest.raises(InvalidInput, match="given twice"):
        terminal.read_spec(tmp_path / "spec.yaml", [])


def test_a_name_that_is_given_two_values_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'alpha' is given twice: 1 and 2"):
        assignments(["alpha=1", "alpha=2"])


def test_parts_of_a_file_may_be_shared() -> None:
    assert documents.load("a: &a {lr: 1e-3}\nb: {<<: *a, alpha: 1}")["b"] == {"lr": "1e-3", "alpha": "1"}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return describe()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("0,1", "write 0.1 for one number, or 0, 1 with a space for several"),
        ("1_5", "write a number without it"),
        ("0x10", "write it with decimal digits"),
        ("12:30", "a time is not a number"),
        ("50%", "such as 0.5 for 50 %"),
        ("1..5", "ranges are for whole numbers"),
        ("1-5", "ranges are for whole numbers"),
    ],
)
def test_a_refusal_asks_back_with_what_to_write(catalog: Catalog, text: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        catalog.check(RunSpec(settings={"alpha": text}))
    (error,) = refused.value.errors
    assert error.field == "alpha"
    assert f"'{text}' is invalid; " in error.message
    assert hint in error.message
    assert "expected a number from 0 to 100" in error.message


def test_a_plug_in_reads_its_settings_by_their_types_where_no_server_did() -> None:
    class Own(Settings):
        alpha: float = setting(1.5, help="a")
        folder: str = setting("", help="b")
        sizes: list[int] = setting([], help="c")
        strict: bool = setting(False, help="d")

    own = Own.model_validate({"alpha": "1e-3", "folder": 7, "sizes": "1, 2", "strict": "yes"})
    assert own.model_dump() == {"alpha": 0.001, "folder": "7", "sizes": [1, 2], "strict": True}
    with pytest.raises(ValidationError, match=r"write 0\.1 for one number"):
        own.alpha = "0,1"  # type: ignore[assignment]
    for field, text in (("alpha", "1_5"), ("strict", "1")):
        with pytest.raises(ValidationError, match="Value error"):
            Own.model_validate({field: text})


AMBIGUOUS = [
    "0,1",
    "1,5",
    "0,1, 0,5",
    "0,1; 0,5",
    "0,1,2",
    "1_5",
    "1..5",
    "1–5",
    "1-5",
    "1 000",
    "1\u00a0000",
]
AMBIGUOUS += ["1.234,5", "1,234.5", "1,5e-3", "-1,5", "0，5", "12:30", "50%"]


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_a_list_of_numbers_with_a_mark_of_two_meanings_is_asked_back_about(text: str) -> None:
    for reader in (value_lists.read, value_lists.grid):
        with pytest.raises(InvalidInput, match="is invalid; "):
            reader("alpha", NUMBER, text)


@pytest.mark.parametrize(
    "text",
    [
        "0.1, 0.5",
        "\ufeff0.1, 0.5\u200b",
        "\u200e0.1,\u200e0.5",
        "0.1,0.5",
        "0.1 0.5",
        "0.1;0.5",
        "0.1、0.5",
        ".1, +.5",
    ],
)
def test_an_unmistakable_list_of_numbers_stays_one(text: str) -> None:
    assert value_lists.read("alpha", NUMBER, text) == [0.1, 0.5]


@pytest.mark.parametrize(
    "text",
    [
        *("1,000", "1 000", "1.000", "1.000,5", "1,5e3", "12,34,567", "1,000-2,000"),
        *("1_5", "1--5", "0-4-8", "1-", "1.5", "5..1", "3-1"),
    ],
)
def test_whole_numbers_with_marks_of_two_meanings_are_asked_back_about(text: str) -> None:
    with pytest.raises(InvalidInput, match="is invalid; "):
        runs.seeds_of(text)


def test_a_grid_is_split_as_the_declared_types_say(catalog: Catalog) -> None:
    given = ["alpha=0.1,1", "strategy=joint,ogm-ge", "batch_size=16,32", "compile=yes,no", 'folder="a,b",007']
    assert runs._grid(runs._axes(given, {"lr": ["1e-3"]}), catalog, RunSpec()) == {
        "lr": ["1e-3"], "alpha": [0.1, 1], "strategy": ["joint", "ogm-ge"], "batch_size": [16, 32],
        "compile": [True, False], "folder": ["a,b", "007"],
    }  # fmt: skip
    with pytest.raises(InvalidInput, match="alpha: '0,1' is invalid; write"):
        runs._grid({"alpha": "0,1"}, catalog, RunSpec())


def test_an_experiment_s_rows_are_read_by_the_declared_types(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("lr: 1e-3\nfolder: 007\n")
    table = "title: no\nquestion: on\nbaseline: 1\nseeds: [0, 1e0]\nbase: {dataset: folder, momentum: .5}\n"
    table += "rows: [{label: 1, recipe: recipe.yaml}, {label: 2, run: {alpha: +1, name: 12:30}}]"
    (tmp_path / "table.yaml").write_text(table)
    planned = plan.load(str(tmp_path / "table.yaml"))
    assert (planned.title, planned.seeds, [row.label for row in planned.rows]) == ("no", [0, 1], ["1", "2"])
    first, second = [cell.spec for cell in plan.check(planned, describe())[:2]]
    assert first.settings == {"momentum": 0.5, "lr": 0.001, "folder": "007", "seed": 0}
    assert (second.settings["alpha"], second.name) == (1, "12:30")
