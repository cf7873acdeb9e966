"""Runs of users' own programs, checked by what the program's project declares."""

from collections.abc import Iterator, Sequence
from typing import Any

from rhoscope.errors import FieldError, InvalidInput
from rhoscope.guests import WATCH, Guest
from rhoscope.plugin import Plugin
from rhoscope.schema import misfits, unknown_name
from rhoscope.spec import RunSpec

NONE_THERE = (
    "no worker has announced a program; start one with `rhoscope worker --project DIR`, "
    "where DIR holds a rhoscope.yaml"
)
RESUMES = "resumes"
"""The ability of a program to go on from a checkpoint of its own."""


def chosen(known: Sequence[Plugin], spec: RunSpec) -> Plugin:
    """The program that a specification names. Raises: InvalidInput, when no project announced it."""
    program = next((one for one in known if one.name == spec.program), None)
    if program is None:
        names = [one.name for one in known]
        message = unknown_name("program", spec.program, names) if names else NONE_THERE
        raise InvalidInput.field("program", message, spec.program)
    return program


def check(known: Sequence[Plugin], spec: RunSpec) -> dict[str, Any]:
    """Every setting of the run, defaults filled in.

    Raises:
        InvalidInput: naming each field that does not fit, its value, and what is allowed.
    """
    program = chosen(known, spec)
    errors = [*_inapplicable(spec), *_unknown(program, spec), *misfits(spec.settings, program.settings)]
    errors += [
        FieldError(field=name, message=f"program '{program.name}' has no default for it; give a value")
        for name, schema in program.settings.items()
        if "default" not in schema and name not in spec.settings
    ]
    if spec.origin and RESUMES not in program.provides:
        message = f"program '{program.name}' does not go on from checkpoints: its file names none"
        errors.append(FieldError(field="origin", value=spec.origin.checkpoint, message=message))
    if errors:
        raise InvalidInput.of(errors)
    return {name: schema.get("default") for name, schema in program.settings.items()} | spec.settings


def particulars(known: Sequence[Plugin], spec: RunSpec) -> dict[str, Guest]:
    """The fields that a run of a program has besides: a network that is not ours, and how to steer it.

    What it can really be steered by it says itself, once it runs.
    """
    program = next((one for one in known if one.name == spec.program), None) if spec.program else None
    if program is None:
        return {}
    live = {name: schema for name, schema in program.settings.items() if schema.get("live")}
    return {"guest": Guest(project=program.name, live=live, resumes=RESUMES in program.provides)}


def _inapplicable(spec: RunSpec) -> Iterator[FieldError]:
    dataset = "" if spec.dataset == spec.program else spec.dataset  # as which it is listed
    given = {"dataset": dataset, "fusion": spec.fusion, "encoders": spec.encoders}
    given |= {"strategy": "" if spec.strategy == WATCH else spec.strategy}
    message = f"does not apply to a program; what '{spec.program}' is launched with are its own settings"
    yield from (FieldError(field=name, value=str(one), message=message) for name, one in given.items() if one)


def _unknown(program: Plugin, spec: RunSpec) -> Iterator[FieldError]:
    for name in sorted(spec.settings.keys() - program.settings.keys()):
        message = unknown_name("setting", name, program.settings)
        if not program.settings:
            message = f"unknown setting '{name}'; program '{program.name}' declares none"
        yield FieldError(field=name, value=spec.settings[name], message=message)
