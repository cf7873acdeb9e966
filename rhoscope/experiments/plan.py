"""Experiments: rows of a table, each trained with the same seeds."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import rhoscope
from rhoscope import documents
from rhoscope.catalog import Catalog
from rhoscope.errors import FieldError, InvalidInput, NotFound
from rhoscope.experiments.crossing import Crossing
from rhoscope.spec import RunSpec
from rhoscope.validation import invalid

TABLES = Path(__file__).parent / "tables"
"""Experiments that come with rhoscope, one file each; the file's name is the experiment's."""

TAG = "experiment"


class Row(BaseModel):
    """One line of the table: what it trains, beside the experiment's base."""

    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1, max_length=100)
    run: dict[str, Any] = Field(
        default={}, description="fields and settings of a RunSpec; in a file, over those of its `recipe`"
    )
    baseline: str | None = Field(default=None, description="label of the row it is compared with")


class Experiment(BaseModel):
    """A table of runs: every row with every seed."""

    model_config = ConfigDict(extra="forbid")

    name: str
    title: str
    aliases: list[str] = Field(default=[], description="other names it answers to")
    question: str = Field(description="what the table is to answer")
    reading: str = Field(default="", description="what to keep in mind when reading it")
    base: dict[str, Any] = Field(default={}, description="fields and settings all rows share")
    baseline: str = Field(description="label of the row others are compared with, seed by seed")
    seeds: list[int] = Field(min_length=1)
    measures: dict[str, str] = Field(
        default={"test.accuracy": "Test accuracy (%)"},
        min_length=1,
        description="series whose last value is reported, and the column's title; the first one decides",
    )
    curves: list[str] = Field(default=["rho.audio", "k.audio"], description="series averaged over seeds")
    rows: list[Row] = Field(min_length=2)
    cross: Crossing | None = Field(
        default=None,
        description="instead of `rows`: settings to cross, each combination compared with a reference; the "
        "report then says which quantity of the references' first third predicts the difference",
    )

    @model_validator(mode="before")
    @classmethod
    def _cross(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not given.get("cross"):
            return given
        crossing = given["cross"]
        crossing = crossing if isinstance(crossing, Crossing) else Crossing.model_validate(crossing)
        rows = crossing.rows()
        if kept := given.get("rows"):  # some of them, where not all fit
            labels = {row.label if isinstance(row, Row) else row.get("label") for row in kept}
            if not labels <= {row["label"] for row in rows}:
                raise ValueError("a table has either rows or cross")
            rows = kept
        return {"baseline": crossing.rows()[0]["label"], **given, "rows": rows}

    @model_validator(mode="after")
    def _labels_are_known(self) -> "Experiment":
        labels = [row.label for row in self.rows]
        if len(set(labels)) < len(labels):
            raise ValueError("two rows have the same label")
        for label in (self.baseline, *(row.baseline for row in self.rows if row.baseline)):
            if label not in labels:
                raise ValueError(
                    f"there is no row '{label}' to compare with; available rows: {', '.join(labels)}"
                )
        return self

    @property
    def repeated(self) -> list[int]:
        """Seeds that are named more than once; each counts once."""
        return sorted({seed for seed in self.seeds if self.seeds.count(seed) > 1})

    @property
    def distinct(self) -> list[int]:
        """Its seeds, each once."""
        return list(dict.fromkeys(self.seeds))

    @property
    def several_baselines(self) -> bool:
        """Whether rows are compared with different ones, which a reader must then know."""
        return any(row.baseline not in (None, self.baseline) for row in self.rows)

    def compared_with(self, row: Row) -> str | None:
        """Label of the row this one is compared with; None for a baseline."""
        other = row.baseline or self.baseline
        return None if other == row.label else other


@dataclass(frozen=True)
class Cell:
    """One run of an experiment."""

    row: Row
    seed: int
    spec: RunSpec

    def key(self, again: int) -> str:
        """Idempotency key: asking again for the same thing, in whatever table, is the same run."""
        body = json.dumps([rhoscope.__version__, self.spec.model_dump(mode="json")], sort_keys=True)
        return f"experiment-{hashlib.sha256(body.encode()).hexdigest()[:32]}-{again}"


def cells(experiment: Experiment) -> Iterator[Cell]:
    """All runs: seed by seed, so that an interrupted table has whole pairs.

    Raises:
        InvalidInput: naming each row's field that does not fit.
    """
    for seed in experiment.distinct:
        for row in experiment.rows:
            given = {"tags": [TAG], **experiment.base, **row.run, "seed": seed}
            try:
                spec = RunSpec.model_validate(documents.of_model(RunSpec, given))
            except ValidationError as error:
                raise invalid(error, partial("{}: {}".format, row.label)) from error
            yield Cell(row, seed, spec)


def check(experiment: Experiment, catalog: Catalog) -> list[Cell]:
    """All runs, once every one of them is known to fit.

    Raises:
        InvalidInput: naming every row and field that does not.
    """
    planned = [replace(cell, spec=catalog.read(cell.spec)) for cell in cells(experiment)]
    errors: list[FieldError] = []
    for cell in planned[: len(experiment.rows)]:
        try:
            catalog.check(cell.spec)
        except InvalidInput as error:
            errors += [e.model_copy(update={"field": f"{cell.row.label}: {e.field}"}) for e in error.errors]
    if errors:
        raise InvalidInput.of(errors)
    return planned


def names() -> list[str]:
    """The experiments that come with rhoscope."""
    return sorted(path.stem for path in TABLES.glob("*.yaml"))


def _named(name: str) -> str:
    """The experiment's own name, where `name` is an alias."""
    for path in TABLES.glob("*.yaml"):
        if name in documents.load(path.read_text()).get("aliases", []):
            return path.stem
    return name


def load(name: str) -> Experiment:
    """The experiment of this name, or in this YAML file.

    Raises:
        NotFound: naming what there is.
        InvalidInput: when the file holds no experiment.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else TABLES / f"{_named(name)}.yaml"
    try:
        content = documents.load(path.read_text())
    except FileNotFoundError as error:
        known = ", ".join(names())
        raise NotFound(
            f"There is no experiment '{name}'; there are {known}, or name a .yaml file."
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(f"{path} can't be read as YAML: {str(error).splitlines()[0]}.") from error
    if not isinstance(content, dict):
        raise InvalidInput(f"{path} holds no experiment: a mapping with title, rows and seeds is expected.")
    content["rows"] = [_with_recipe(row, path.parent) for row in content.get("rows") or ()]
    try:
        return Experiment.model_validate(documents.of_model(Experiment, {"name": path.stem, **content}))
    except ValidationError as error:
        raise invalid(error, lambda path: path or "rows") from error


def _with_recipe(row: Any, folder: Path) -> Any:
    """The row with what its recipe, a run's YAML file named from the table's folder, says."""
    if not isinstance(row, dict) or "recipe" not in row:
        return row
    path = folder / str(row["recipe"])
    try:
        recipe = documents.load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(f"The recipe {path} can't be read: {str(error).splitlines()[0]}.") from error
    rest = {name: value for name, value in row.items() if name != "recipe"}
    return {**rest, "run": {**recipe, **row.get("run", {})}}
