"""Runs of programs in the catalog: which fields apply to them, and what their settings may be."""

import pytest
from pydantic import ValidationError

from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput
from rhoscope.plugin import Plugin
from rhoscope.spec import RunSpec

NET = Plugin(
    kind="program",
    name="net",
    title="net",
    help="",
    settings={
        "lr": {"type": "number", "default": 0.1, "minimum": 0, "live": True},
        "only": {"type": "string", "default": "audio"},
        "data": {"type": "string"},
    },
)
OURS = Plugin(kind="dataset", name="av-digits", title="", help="", settings={"lr": {"type": "integer"}})
CATALOG = Catalog(version="1", plugins=[OURS, NET])


def spec(**given: object) -> RunSpec:
    return RunSpec.model_validate({"program": "net", "data": "x", **given})


def test_a_program_has_its_own_settings_and_nothing_else_applies() -> None:
    assert CATALOG.check(spec(lr="1e-3")) == {"lr": 0.001, "only": "audio", "data": "x"}
    assert spec().title() == "net data=x"
    assert RunSpec.model_validate(spec().model_dump()) == spec()


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"program": "nat"}, "program", "did you mean 'net'"),
        ({"dataset": "av-digits"}, "dataset", "does not apply to a program"),
        ({"fusion": "concat"}, "fusion", "does not apply"),
        ({"strategy": "ogm"}, "strategy", "does not apply"),
        ({"encoders": {"audio": "mlp"}}, "encoders", "does not apply"),
        ({"lr": -1}, "lr", "a number from 0"),
        ({"rl": 1}, "rl", "unknown setting 'rl'"),
        ({"data": 1.5}, "data", "expected a string"),
    ],
)
def test_what_does_not_fit_is_named(given: dict[str, object], field: str, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        CATALOG.check(spec(**given))
    (error,) = caught.value.errors
    assert error.field == field
    assert says in error.message


def test_a_setting_without_default_has_to_be_given() -> None:
    with pytest.raises(InvalidInput, match="data: program 'net' has no default for it"):
        CATALOG.check(RunSpec(program="net"))


def test_nobody_announced_a_program() -> None:
    with pytest.raises(InvalidInput, match="rhoscope worker --project DIR"):
        Catalog(version="1", plugins=[OURS]).check(RunSpec(program="net"))


def test_how_a_program_is_steered_comes_from_its_project_and_from_no_request() -> None:
    forged = {"project": "other", "live": {"x": {"type": "string"}}}
    read = CATALOG.read(spec(guest=forged))
    assert read.guest is not None
    assert (read.guest.project, list(read.guest.live)) == ("net", ["lr"])
    assert read.leased


@pytest.mark.parametrize("name", ["a b", "a/b", "a:b", "x" * 51])
def test_a_programs_name_can_be_part_of_a_queues(name: str) -> None:
    with pytest.raises(ValidationError):
        RunSpec(program=name)
