"""Composition of a run: the modalities it trains on and the encoder of each.

The API decides by it what may be launched and which settings a run has, the trainer what it builds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field

from rhoscope.errors import FieldError
from rhoscope.schema import unknown_name
from rhoscope.spec import RunSpec


class Contents(BaseModel):
    """Contents of a data set where it is stored, as reported by the worker that opened it."""

    modalities: dict[str, str] = Field(description="default encoder by modality")
    classes: int = Field(ge=0)
    train_size: int | None = Field(default=None, ge=0, description="maximum number of training examples")
    remarks: list[str] = Field(default=[], description="notes on the data, one sentence each")


@dataclass(frozen=True)
class Composition:
    """The modalities of a run. `encoders` are those it trains on or, where nobody knows yet, may train on."""

    known: tuple[str, ...]
    """Modalities that the data set has, or may have."""
    encoders: dict[str, str]
    """Encoder by modality, of those that are trained on."""
    certain: frozenset[str]
    """Modalities that are trained on whatever turns out to be on disk."""
    absent: dict[str, str] = field(default_factory=dict)
    """Why each of the other modalities has no encoder."""

    def misfits(self, spec: RunSpec, naming: Iterable[str]) -> Iterator[FieldError]:
        """Each field of `spec` that names a modality this run has not; `naming` are settings that do.

        An encoder of a modality that `only` leaves out is no misfit: tables of runs name all encoders once.
        """
        fields = [("only", modality) for modality in names_in(spec.settings.get("only"))]
        fields += [(f"encoders.{modality}", modality) for modality in spec.encoders]
        for name, modality in fields:
            if modality not in self.known:
                yield self._misfit(name, modality, self.known)
        for name, modality in [(n, m) for n in naming if n != "only" for m in names_in(spec.settings.get(n))]:
            if modality not in self.encoders:
                yield self._misfit(name, modality, self.encoders)

    def _misfit(self, name: str, modality: str, known: Iterable[str]) -> FieldError:
        message = unknown_name("modality", modality, known)
        if modality in self.absent:
            message = f"'{modality}' is not trained on: {self.absent[modality]}"
        return FieldError(field=name, value=modality, message=message)


def compose(
    spec: RunSpec, possible: Mapping[str, str], present: Mapping[str, str] | None = None
) -> Composition:
    """The modalities that `spec` trains on.

    `possible` is the default encoder of each modality the data set can have, `present` of those it does
    have; None where nobody has looked.
    """
    known = possible if present is None else present
    only = [m for m in names_in(spec.settings.get("only")) if m in known]
    there = " and ".join(known) or "nothing"
    absent = {m: f"this data set has {there} and no {m}" for m in possible if m not in known}
    if only:
        absent |= {m: f"only = {','.join(only)} leaves it out" for m in known if m not in only}
    encoders = {m: spec.encoders.get(m, default) for m, default in known.items() if m not in absent}
    named = {*only, *spec.encoders}
    certain = frozenset(m for m in encoders if present is not None or m in named)
    return Composition(tuple(known), encoders, certain, absent)


def names_in(given: Any) -> tuple[str, ...]:
    """Names in a comma-separated text; none in anything else.

    >>> names_in("audio, visual"), names_in(None)
    (('audio', 'visual'), ())
    """
    return tuple(name.strip() for name in given.split(",") if name.strip()) if isinstance(given, str) else ()
