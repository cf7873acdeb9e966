"""Every plug-in there is, by discovery: a file in one of four folders, or an entry point of another package.

    python -m trainer.plugins        prints the catalog as JSON

A file's plug-in is the one class it defines; its name is the file's, `-` for `_`. Entry points are in the
groups `rhoscope.strategies`, `rhoscope.fusions`, `rhoscope.encoders` and `rhoscope.datasets`.
"""

import importlib
import inspect
import logging
import pkgutil
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.metadata import EntryPoints, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from pydantic.json_schema import GenerateJsonSchema

import rhoscope
import trainer
from rhoscope.catalog import Catalog
from rhoscope.errors import InvalidInput, RhoscopeError, Unavailable
from rhoscope.plugin import Plugin, PluginKind
from rhoscope.settings import Settings
from trainer import datasets, encoders, fusions, strategies
from trainer.dataset import Dataset
from trainer.encoder import Encoder
from trainer.fusion import Fusion
from trainer.measures.optional_series import OPTIONAL
from trainer.measures.series import LOOP
from trainer.strategy import Strategy
from trainer.training import Training

log = logging.getLogger("rhoscope.plugins")

KINDS: dict[PluginKind, tuple[ModuleType, type]] = {
    "dataset": (datasets, Dataset),
    "encoder": (encoders, Encoder),
    "fusion": (fusions, Fusion),
    "strategy": (strategies, Strategy),
}

ABILITIES = ("additive", "embedded", "late", "linear", "live", "masked", "validation")
"""Class attributes that say what a plug-in can, which strategies may require.

`live` is a strategy's own; `masked` is needed of every part where examples lack modalities; on `embedded`
data sets experiments are repeated.
"""


def check_installation() -> None:
    """Raises: Unavailable, when `trainer` is some other package of that name."""
    ours, theirs = Path(rhoscope.__file__).parents[1], Path(trainer.__file__ or "").parents[1]
    if ours != theirs:
        raise Unavailable(
            f"The package `trainer` comes from {theirs}, not from {ours} where rhoscope is; another package "
            "of that name is installed: uninstall it, or run from rhoscope's own environment."
        )


@cache
def entries() -> EntryPoints:
    """Those of all kinds: to find them, a file of every installed package is read."""
    everywhere = entry_points()
    return EntryPoints(point for kind in KINDS for point in everywhere.select(group=_group(kind)))


@cache
def sources(kind: PluginKind) -> dict[str, Callable[[], type]]:
    """Plug-ins by name, each with a function that imports its class."""
    package, base = KINDS[kind]
    loaders: dict[str, Callable[[], type]] = {
        info.name.replace("_", "-"): partial(_class_of, f"{package.__name__}.{info.name}", base)
        for info in pkgutil.iter_modules(package.__path__)
        if not info.ispkg
    }
    for point in entries().select(group=_group(kind)):
        loaders.setdefault(point.name, point.load)
    return dict(sorted(loaders.items()))


def _group(kind: PluginKind) -> str:
    return "rhoscope.strategies" if kind == "strategy" else f"rhoscope.{kind}s"


def load(kind: PluginKind, name: str) -> type:
    """The class of a plug-in. Raises: InvalidInput, when there is none or it can't be imported."""
    known = sources(kind)
    if name not in known:
        message = f"there is no {kind} '{name}'; available: {', '.join(known)}"
        raise InvalidInput.field(kind, message, name)
    try:
        return known[name]()
    except Exception as error:
        message = f"'{name}' can't be used: {_reason(error)}"
        raise InvalidInput.field(kind, message, name) from error


def describe() -> Catalog:
    """The catalog; a plug-in that can't be imported is in it with the reason."""
    plugins = [
        Plugin(
            kind="training",
            name="training",
            title="Training",
            help=_help(Training),
            settings=schemas(Training),
            series=[*LOOP, *(series for group in OPTIONAL.values() for series in group)],
        )
    ]
    plugins += [_described(kind, name) for kind in KINDS for name in sources(kind)]
    return Catalog(version=rhoscope.__version__, plugins=plugins)


def schemas(model: type[Settings]) -> dict[str, Any]:
    """JSON Schema of each setting by name, with default, description, limits and `live`."""
    schema = model.model_json_schema(schema_generator=GenerateJsonSchema)
    if "$defs" in schema:
        raise TypeError(f"{model.__name__} should hold plain values only. Found {sorted(schema['$defs'])}.")
    return cast("dict[str, Any]", schema.get("properties", {}))


def abilities(cls: type) -> list[str]:
    """The abilities that a plug-in's class declares, by the names under which others require them."""
    return [ability for ability in ABILITIES if getattr(cls, ability, False)]


def _described(kind: PluginKind, name: str) -> Plugin:
    try:
        cls = cast("Any", load(kind, name))
        return Plugin(
            kind=kind,
            name=name,
            title=cls.title,
            help=_help(cls),
            paper=cls.paper,
            fidelity=getattr(cls, "fidelity", ""),
            settings=schemas(cls.Settings),
            series=list(getattr(cls, "series", ())),
            facts=_facts(cls) if kind == "dataset" else {},
            provides=abilities(cls),
            requires=list(getattr(cls, "requires", ())),
        )
    except InvalidInput as error:
        return Plugin(kind=kind, name=name, title=name, help="", error=error.errors[0].message)
    except Exception as error:
        log.warning("The %s '%s' can't be described.", kind, name, exc_info=True)
        return Plugin(kind=kind, name=name, title=name, help="", error=_reason(error))


def _facts(cls: type[Dataset]) -> dict[str, Any]:
    modalities = {m: {"shape": list(x.shape), "encoder": x.encoder} for m, x in cls.modalities.items()}
    facts = {"modalities": modalities, "varies": cls.varies(), "classes": list(cls.classes)}
    return facts | {"train_size": cls.train_size, "incomplete": cls.incomplete}


def _class_of(module_name: str, base: type) -> type:
    module = importlib.import_module(module_name)
    classes = list(_defined(module, base))
    if len(classes) != 1:
        names = ", ".join(c.__name__ for c in classes) or "none"
        raise TypeError(f"{module_name} should define exactly one {base.__name__}. Found {names}.")
    return classes[0]


def _defined(module: ModuleType, base: type) -> Iterator[type]:
    for _, cls in inspect.getmembers(module, inspect.isclass):
        if issubclass(cls, base) and cls.__module__ == module.__name__:
            yield cls


def _help(cls: type) -> str:
    return " ".join((inspect.getdoc(cls) or "").split())


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason given'}"


def main() -> int:
    try:
        check_installation()
    except RhoscopeError as error:
        sys.stderr.write(f"{error.detail}\n")
        return error.exit_code
    sys.stdout.write(describe().model_dump_json() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
