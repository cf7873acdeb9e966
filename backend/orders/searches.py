"""Searches as their users order them: checked, launched, changed, gone on with."""

import itertools
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from backend.application import Application
from backend.orders.grid import LARGEST_BYTES, MOST_RUNS
from backend.searches import space
from backend.searches.points import fitting
from backend.store import sweeps, trials
from rhoscope.catalog import Catalog
from rhoscope.errors import Conflict, FieldError, InvalidInput
from rhoscope.forecast import steps
from rhoscope.runs import Sweep, SweepSpec
from rhoscope.schema import misfits, unknown_name
from rhoscope.search import MOST_CHOICES, Search, SearchState
from rhoscope.series import MODALITY
from rhoscope.spec import PLUGIN_FIELDS, RunSpec
from rhoscope.validation import invalid

MOST_POINTS = 10_000
"""Of a grid of which only some are tried."""
FIELD = "search.space"


def checked(here: Application, catalog: Catalog, spec: SweepSpec) -> tuple[SweepSpec, RunSpec]:
    """The specification with the number of its trials, and one of its runs.

    Raises:
        InvalidInput: naming each field that does not fit.
    """
    search = spec.search
    if search is None:
        raise InvalidInput.field("search", "expected the space of a search, such as alpha: [0.1, 0.8]")
    errors = [*_strange(spec), *_unknown(catalog, spec.base, search)]
    if errors:
        raise InvalidInput.of(errors)
    schemas = catalog.every_schema(spec.base)
    search = space.read(search, {name: one for name, one in schemas.items() if name not in PLUGIN_FIELDS})
    errors = [
        *space.axis_errors(search, schemas),
        *_unrecorded(catalog, spec.base, search),
        *_unfit_seeds(catalog, spec),
    ]
    if errors:
        raise InvalidInput.of(errors)
    planned = space.planned(search, schemas)
    if search.sampler == "grid" and (size := space.size_of(search, schemas)) > MOST_POINTS:
        raise InvalidInput.field(
            FIELD, f"a grid of {size:,} points is more than the maximum of {MOST_POINTS:,}"
        )
    if planned * max(1, len(spec.seeds)) > MOST_RUNS:
        message = f"{planned} trials of {len(spec.seeds)} seeds are more than the maximum of {MOST_RUNS} runs"
        raise InvalidInput.field("search.trials", message)
    example = _example(here, catalog, spec, search)
    if len(example.model_dump_json()) * planned * max(1, len(spec.seeds)) > LARGEST_BYTES:
        message = f"its runs together are larger than the maximum of {LARGEST_BYTES // 2**20} MiB"
        raise InvalidInput.field("search.trials", message)
    whole = search.model_copy(update={"trials": planned})
    return spec.model_copy(update={"search": whole}), example


def _strange(spec: SweepSpec) -> Iterator[FieldError]:
    for name, given in (("grid", spec.grid), ("points", spec.points)):
        if given:
            yield FieldError(
                field=name, message="can't be given with search, which chooses the values itself"
            )
    if spec.median_after is not None:
        yield FieldError(
            field="median_after", message="can't be given with search; set search.pruner to median"
        )


def _unknown(catalog: Catalog, base: RunSpec, search: Search) -> Iterator[FieldError]:
    """Names in the space that no run could be given."""
    fields = () if base.program else PLUGIN_FIELDS
    known = {**catalog.every_schema(base), **dict.fromkeys(fields)}
    if base.program and (program := catalog.find("program", base.program)):
        known = dict(program.settings)
    for name in search.space:
        if name == "seed":
            yield FieldError(
                field=f"{FIELD}.seed", message="can't be searched; give the sweep's seeds instead"
            )
        elif name not in known:
            yield FieldError(field=f"{FIELD}.{name}", message=unknown_name("setting", name, known))


def _unfit_seeds(catalog: Catalog, spec: SweepSpec) -> Iterator[FieldError]:
    """Seeds that no run could be given."""
    program = catalog.find("program", spec.base.program) if spec.base.program else None
    schemas = program.settings if program else catalog.every_schema(spec.base)
    if spec.seeds and "seed" not in schemas:
        message = f"program '{spec.base.program}' has no setting 'seed'; leave out seeds"
        yield FieldError(field="seeds", message=message)
    for seed in spec.seeds:
        for error in misfits({"seed": seed}, schemas):
            yield error.model_copy(update={"field": "seeds"})


def _unrecorded(catalog: Catalog, base: RunSpec, search: Search) -> Iterator[FieldError]:
    """An objective that our training never records; what a program records only it knows."""
    if base.program:
        return
    stems = {series.name for plugin in catalog.plugins for series in plugin.series}
    fixed = {name for name in stems if MODALITY not in name}
    prefixes = tuple(name.partition(MODALITY)[0] for name in stems - fixed)
    if search.series not in fixed and not search.series.startswith(prefixes or ("\0",)):
        message = f"is never recorded; {unknown_name('series', search.series, fixed)}"
        yield FieldError(field="search.series", value=search.series, message=message)


def _example(here: Application, catalog: Catalog, spec: SweepSpec, search: Search) -> RunSpec:
    """A run of the search; each combination of plug-ins is checked with values from within the space.

    Raises:
        InvalidInput: naming what does not fit.
    """
    plugins = {name: axis.choices for name, axis in search.space.items() if name in PLUGIN_FIELDS}
    schemas = catalog.every_schema(spec.base)
    others = {
        name: space.exact(space.ends(axis)[0], schemas.get(name, {}))
        for name, axis in search.space.items()
        if name not in PLUGIN_FIELDS
    }
    inspections, examples, used = here.inspections(), list[RunSpec](), set[str]()
    for choice in itertools.islice(itertools.product(*plugins.values()), MOST_CHOICES):
        values: dict[str, Any] = {**others, **dict(zip(plugins, choice, strict=True))}
        if spec.seeds:
            values["seed"] = spec.seeds[0]
        example = fitting(catalog, spec.base, values)
        inspections.check(catalog, example)
        examples.append(example)
        used |= example.settings.keys()
    idle = [name for name in others if name not in used]
    if idle:
        message = "is no setting of the chosen plug-ins"
        raise InvalidInput.of([FieldError(field=f"{FIELD}.{name}", message=message) for name in idle])
    return examples[0]


def lengths(catalog: Catalog, spec: SweepSpec, runs: int) -> dict[str, int | None]:
    """The steps of a forecast: fewest and most of a run, and the most of all together.

    They are those of the corners of the space: steps grow or shrink with every setting that decides them.
    """
    axes = spec.search.space if spec.search else {}
    schemas = catalog.every_schema(spec.base)
    facts = [plugin.facts.get("train_size") for plugin in catalog.plugins]
    decisive = {"epochs", "batch_size", "protocol", *PLUGIN_FIELDS, *(str(fact) for fact in facts if fact)}
    ends = {
        name: [space.exact(end, schemas.get(name, {})) for end in space.ends(axis)]
        for name, axis in axes.items()
        if name in decisive
    }
    corners = itertools.islice(itertools.product(*ends.values()), MOST_CHOICES)
    each = [steps(catalog, fitting(catalog, spec.base, dict(zip(ends, one, strict=True)))) for one in corners]
    known = [one for one in each if one is not None]
    if len(known) < len(each):
        return {"steps": None, "least_steps": None, "steps_in_all": None}
    return {"steps": max(known), "least_steps": min(known), "steps_in_all": runs * max(known)}


def change(db: Connection, catalog: Catalog, sweep: str, changes: dict[str, Any]) -> None:
    """Other limits of a search; it goes on where it had completed and now may.

    Raises:
        NotFound.
        Conflict: when the sweep is no search.
        InvalidInput: for a limit that does not fit.
    """
    spec = sweeps.spec(db, sweep)
    search = search_of(sweep, spec)
    if "trials" in changes and search.sampler == "grid":
        free = search.model_copy(update={"trials": None})
        size = space.planned(free, catalog.every_schema(spec.base))
        if changes["trials"] > size:
            raise InvalidInput.field("trials", f"the grid has {size} points; expected at most as many trials")
    if changes.get("trials", 0) * max(1, len(spec.seeds)) > MOST_RUNS:
        raise InvalidInput.field("trials", f"expected at most {MOST_RUNS} runs in all")
    try:
        whole = Search.model_validate(search.model_dump() | changes)
    except ValidationError as error:
        raise invalid(error) from error
    sweeps.edit(db, sweep, {"search": whole})
    now = trials.state(db, sweep)
    if now and now[0] == SearchState.COMPLETED:
        trials.resume(db, sweep)


def resume(db: Connection, sweep: str) -> Sweep:
    """Let a stopped or failed search go on with its next trial.

    Raises:
        NotFound.
        Conflict: when the sweep is no search, or its trials are used up.
    """
    search = search_of(sweep, sweeps.spec(db, sweep))
    launched, _ = trials.counts(db, sweep)
    if launched >= (search.trials or 0):
        raise Conflict(f"All {launched} trials of sweep '{sweep}' were launched; raise its trials to go on.")
    trials.resume(db, sweep)
    return sweeps.get(db, sweep)


def search_of(sweep: str, spec: SweepSpec) -> Search:
    """Raises: Conflict, for a sweep that is no search."""
    if spec.search is None:
        raise Conflict(f"Sweep '{sweep}' is no search; its runs were all launched at once.")
    return spec.search
