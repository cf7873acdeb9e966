"""From a filled-in form to runs: what to ask of the API, and how to say what it refuses."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dashboard import searching, several, values
from rhoscope.catalog import Catalog
from rhoscope.client import Client
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.runs import SweepSpec
from rhoscope.search import Search
from rhoscope.spec import PLUGIN_FIELDS, RunSpec

ALWAYS_NAMED = ("alpha", "seed")
"""Sent even at their default, so that a run's name says them."""

OURS = "(none)"
"""Stands among the programs for a run of none: no program can have this name."""

OVERLAID = 10
"""More runs than this are shown as a sweep and not line by line."""


@dataclass(frozen=True)
class Order:
    """An order to launch: one specification, and the settings that have several values."""

    base: RunSpec
    grid: dict[str, list[Any]]
    points: list[dict[str, Any]] = field(default_factory=list)
    """Combinations of several plug-ins, with the settings that only some of them have."""
    search: Search | None = None
    """How the runs are chosen instead; of `grid`, the seeds are those of each trial."""

    @property
    def several(self) -> bool:
        return bool(self.grid or self.points or self.search)


def chosen(typed: dict[str, str]) -> RunSpec:
    """The plug-ins a form names, or the program."""
    if (program := typed.get("program", OURS)) not in ("", OURS):
        return RunSpec(program=program)
    return RunSpec(**{field: typed[field] for field in PLUGIN_FIELDS if typed.get(field)})


def order(catalog: Catalog, typed: dict[str, str]) -> Order:
    """The order that a form describes; `typed` is the text of each field by its name.

    Raises:
        InvalidInput: naming every field whose text can't be read.
    """
    base = chosen(typed)
    base.encoders = encoders(catalog, base, typed)
    specs = several.combinations(base, typed)
    common = several.shared(catalog, specs)
    grid: dict[str, list[Any]] = {}
    errors: list[FieldError] = []
    for name, schema in catalog.schemas(base).items():
        try:
            given = values.read(name, schema, typed.get(name, ""))
        except InvalidInput as error:
            errors += error.errors
            continue
        if name not in common:
            continue
        if len(given) > 1:
            grid[name] = given
        elif given and (name in ALWAYS_NAMED or given[0] != schema.get("default")):
            base.settings[name] = given[0]
    if errors:
        raise InvalidInput.of([*errors, *_other_misfits(catalog, base)])
    base.settings = {n: base.settings[n] for n in _named_first(base.settings)}
    own = [encoders(catalog, spec, typed) for spec in specs]
    base.encoders = base.encoders if len(specs) == 1 else {}
    if searching.wanted(typed):
        some = {name: one for name, one in catalog.schemas(base).items() if name not in common}
        return _search(base, grid, searching.search(typed, grid, some))
    return Order(base, grid, several.points(catalog, specs, typed, own) if len(specs) > 1 else [])


def _search(base: RunSpec, grid: dict[str, list[Any]], search: Search) -> Order:
    """A search, of which the form's other several values are choices; its seeds are those of each trial."""
    base.settings = {n: v for n, v in base.settings.items() if n not in search.space}
    return Order(base, {n: v for n, v in grid.items() if n == "seed"}, search=search)


def spec_of(wanted: Order) -> RunSpec | SweepSpec:
    """The order as the API takes it: a sweep for several runs, otherwise a run."""
    if not wanted.several:
        return wanted.base
    if wanted.search:
        seeds = wanted.grid.get("seed", [])
        return SweepSpec(base=wanted.base, search=wanted.search, seeds=seeds)
    return SweepSpec(base=wanted.base, grid=wanted.grid, points=wanted.points)


def launch(client: Client, wanted: Order, idempotency_key: str) -> str:
    """The page that shows what the API queued: one or few runs overlaid, or a sweep over seeds as one.

    Raises:
        RhoscopeError: and then nothing was queued.
    """
    spec = spec_of(wanted)
    if isinstance(spec, RunSpec):
        return f"/watch?runs={client.launch(spec, idempotency_key).id}"
    sweep = client.sweep(spec, idempotency_key)
    if wanted.search or wanted.points or len(wanted.grid.get("seed", [])) > 1 or len(sweep.runs) > OVERLAID:
        return f"/sweeps?sweep={sweep.id}"
    return f"/watch?runs={','.join(run.id for run in sweep.runs)}"


def misfits(errors: Iterable[FieldError]) -> dict[str, str]:
    """Messages by the form's field; several of one field as one text.

    >>> misfits([FieldError(field="base.settings.alpha", message="too large")])
    {'alpha': 'too large'}
    """
    settings: dict[str, str] = {}
    for error in map(searching.place, errors):
        whole = error.field.startswith(("encoders.", searching.PREFIX))
        name = error.field if whole else error.field.rsplit(".", 1)[-1]
        settings[name] = f"{settings[name]}; {error.message}" if name in settings else error.message
    return settings


def _other_misfits(catalog: Catalog, base: RunSpec) -> tuple[FieldError, ...]:
    """Errors in the readable fields, so that all of them are reported at once."""
    try:
        catalog.check(base)
    except InvalidInput as error:
        return error.errors
    return ()


def _named_first(settings: dict[str, Any]) -> list[str]:
    return [n for n in ALWAYS_NAMED if n in settings] + [n for n in settings if n not in ALWAYS_NAMED]


def encoders(catalog: Catalog, spec: RunSpec, typed: dict[str, str]) -> dict[str, str]:
    """Encoders that a form names, by modality, where they are not the data set's own."""
    dataset = catalog.find("dataset", spec.dataset)
    modalities = dataset.facts.get("modalities", {}) if dataset else {}
    named = {m: typed.get(f"encoders.{m}", "") for m in modalities}
    return {m: name for m, name in named.items() if name and name != modalities[m]["encoder"]}
