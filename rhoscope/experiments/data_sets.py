"""One experiment on any data set: what depends on the data set is written as `{m}` and `{dataset}`.

{m}          one modality; a row, a measure or a curve that holds it is there once for each of them
{dataset}    the data set's title, in the title, the question and the reading
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rhoscope.catalog import Catalog
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.experiments.plan import Experiment, Row, cells
from rhoscope.plugin import Plugin

EACH = "{m}"
TITLE = "{dataset}"
ALL = "all"


def named(given: Iterable[str], catalog: Catalog) -> list[str]:
    """The data sets that a user names; `all` are the real ones that come with the program.

    Raises:
        InvalidInput: when there is no such data set, or its modalities depend on its settings or files.
    """
    embedded = [p.name for p in catalog.of_kind("dataset") if "embedded" in p.provides]
    names = [name for each in given for name in (embedded if each == ALL else [each])]
    fixed = [p.name for p in catalog.of_kind("dataset") if not p.facts.get("varies") and not p.error]
    errors = [
        FieldError(
            field="dataset",
            value=name,
            message=f"a table can't be trained on '{name}'; it can on {', '.join(fixed)}, or all",
        )
        for name in names
        if name not in fixed
    ]
    if errors:
        raise InvalidInput.of(errors)
    return list(dict.fromkeys(names))


def on(experiment: Experiment, dataset: str) -> Experiment:
    """The experiment on another data set than its own; under a name of its own.

    Raises:
        InvalidInput: for a crossing, whose rows name their data sets.
    """
    if experiment.cross is not None:
        message = f"{experiment.name} names its data sets itself; leave it out"
        raise InvalidInput.field("dataset", message, dataset)
    if experiment.base.get("dataset") == dataset:
        return experiment
    base = experiment.base | {"dataset": dataset}
    return experiment.model_copy(update={"base": base, "name": f"{experiment.name}-{dataset}"})


def filled(experiment: Experiment, catalog: Catalog) -> Experiment:
    """The experiment with its data set's modalities and title in place.

    Rows that need every modality are left out where examples lack some, which the reading then says.

    Raises:
        InvalidInput: when nothing is left to compare with.
    """
    dataset = catalog.find("dataset", str(experiment.base.get("dataset", "")))
    if dataset is None:  # rows may name their own; whatever is unknown is refused when they are checked
        return experiment
    names = list(dataset.facts.get("modalities", {}))
    texts = {
        f: getattr(experiment, f).replace(TITLE, dataset.title) for f in ("title", "question", "reading")
    }
    whole = experiment.model_copy(
        update=texts
        | {
            "measures": {k: v for name, title in experiment.measures.items() for k, v in
                         _pairs(name, title, names)},
            "curves": [curve for name in experiment.curves for curve in _every(name, names)],
            "rows": [Row.model_validate(row) for one in experiment.rows for row in
                     _every(one.model_dump(), names)],
        }
    )  # fmt: skip
    return _able(whole, dataset, catalog)


def _able(experiment: Experiment, dataset: Plugin, catalog: Catalog) -> Experiment:
    unable = {
        cell.row.label
        for cell in cells(experiment.model_copy(update={"seeds": experiment.seeds[:1]}))
        if cell.spec.dataset == dataset.name and catalog.lacking(catalog.read(cell.spec))
    }
    if not unable:
        return experiment
    said = f"Left out, since examples of {dataset.title} lack modalities: {', '.join(sorted(unable))}."
    content = experiment.model_dump()
    content["rows"] = [row for row in content["rows"] if row["label"] not in unable]
    content["reading"] = f"{experiment.reading} {said}".strip()
    return Experiment.model_validate(content)


def _every(content: Any, names: Iterable[str]) -> Iterator[Any]:
    """The content once for each modality where it holds `{m}` anywhere, else as it is."""
    if EACH in str(content):
        yield from (_put(content, name) for name in names)
    else:
        yield content


def _pairs(name: str, title: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for one in _every([name, title], names):
        yield one[0], one[1]


def _put(content: Any, name: str) -> Any:
    if isinstance(content, str):
        return content.replace(EACH, name)
    if isinstance(content, Mapping):
        return {key: _put(value, name) for key, value in content.items()}
    return [_put(value, name) for value in content] if isinstance(content, list) else content
