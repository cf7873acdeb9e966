"""The catalog: settings and series of every plug-in, as a worker announced them."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from rhoscope import documents, literals, programs
from rhoscope.composition import Composition, Contents, compose
from rhoscope.errors import FieldError, InvalidInput
from rhoscope.plugin import Plugin, PluginKind
from rhoscope.schema import LONGEST_NAME, misfits, unknown_name
from rhoscope.spec import PLUGIN_FIELDS, RunSpec
from rhoscope.states import StateSets

MOST_HINTS = 20
"""Unknown settings for which a check looks for the name that was meant."""


class Catalog(BaseModel):
    """All plug-ins of one worker's installation."""

    version: str
    plugins: list[Plugin]

    def digest(self) -> str:
        """A name for exactly this catalog: 16 hexadecimal digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def of_kind(self, kind: PluginKind) -> list[Plugin]:
        return [p for p in self.plugins if p.kind == kind]

    def find(self, kind: PluginKind, name: str) -> Plugin | None:
        return next((p for p in self.plugins if p.kind == kind and p.name == name), None)

    def chosen(self, spec: RunSpec, contents: Contents | None = None) -> list[Plugin]:
        """The plug-ins a specification uses or, where `contents` are not known, may use; the loop first.

        Raises:
            InvalidInput: when one is unknown or could not be imported; names settings that do not fit, too.
        """
        if spec.program:
            return [programs.chosen(self.of_kind("program"), spec)]
        if spec.guest:
            message = (
                "the network of this run is built by its own program; only that can start it, or another"
            )
            raise InvalidInput.field("guest", message, spec.guest.project)
        named: list[tuple[PluginKind, str, str]] = [
            ("dataset", "dataset", spec.dataset),
            ("fusion", "fusion", spec.fusion),
            ("strategy", "strategy", spec.strategy),
        ]
        named += [("encoder", f"encoders.{m}", name) for m, name in spec.encoders.items()]
        errors = [e for kind, field, name in named if (e := self._name_error(kind, field, name))]
        if errors:
            known = {(kind, name) for kind, _, name in named}
            sure = [p for p in self.plugins if p.kind == "training" or (p.kind, p.name) in known]
            errors += misfits(spec.settings, {n: s for p in sure for n, s in p.settings.items()})
            raise InvalidInput.of(errors)
        names: set[tuple[PluginKind, str]] = {(k, name) for k, _, name in named if k != "encoder"}
        names |= {("encoder", name) for name in self.composition(spec, contents).encoders.values()}
        return [p for p in self.plugins if p.kind == "training" or (p.kind, p.name) in names]

    def dataset_of(self, spec: RunSpec) -> Plugin | None:
        """The data set that a specification names; a program has none of ours."""
        return None if spec.program else self.find("dataset", spec.dataset)

    def composition(self, spec: RunSpec, contents: Contents | None = None) -> Composition:
        """The modalities that a specification trains on, as far as `contents` or the data set's kind says."""
        dataset = self.dataset_of(spec)
        facts = dataset.facts if dataset else {}
        possible = {m: str(about["encoder"]) for m, about in facts.get("modalities", {}).items()}
        fixed = None if facts.get("varies") else possible
        return compose(spec, possible, contents.modalities if contents else fixed)

    def check(self, spec: RunSpec, contents: Contents | None = None) -> dict[str, Any]:
        """Every setting of the run, defaults filled in of all parts that are sure to be built.

        Raises:
            InvalidInput: naming each field that does not fit, its value and what is allowed.
        """
        spec = self.read(spec)
        if spec.program:
            return programs.check(self.of_kind("program"), spec)
        chosen = self.chosen(spec, contents)
        schemas, resolved = self.schemas(spec, contents), self.chosen_settings(spec, contents)
        parts = self.composition(spec, contents)
        errors = list(self._unknown(spec.settings, schemas, parts))
        errors += misfits(spec.settings, schemas)
        errors += parts.misfits(spec, [name for name, schema in schemas.items() if schema.get("modalities")])
        errors += self._unmet(chosen, spec)
        errors += self._unmasked(chosen, spec, resolved)
        if not errors:
            errors += _oversized_batch(resolved, self.find("dataset", spec.dataset), contents)
        if errors:
            raise InvalidInput.of(errors)
        return resolved

    def read(self, spec: RunSpec) -> RunSpec:
        """The specification with every setting as the type that is declared for it, also out of a text.

        What can't be read stays as it is, for `check` to refuse.
        """
        own = programs.particulars(self.of_kind("program"), spec)
        return spec.model_copy(update={"settings": self.read_settings(spec, spec.settings), **own})

    def read_settings(self, spec: RunSpec, given: Mapping[str, Any]) -> dict[str, Any]:
        """As `read`, of settings that are given for a run of this specification."""
        schemas = self.every_schema(spec)
        return {
            name: _read(value, schemas[name]) if name in schemas else value for name, value in given.items()
        }

    def every_schema(self, spec: RunSpec) -> dict[str, dict[str, Any]]:
        """As `schemas`, and those of the plug-ins that the run does not use, for names it lacks."""
        everything = {n: s for p in self.plugins for n, s in p.settings.items()}
        try:
            return everything | self.schemas(spec)
        except InvalidInput:  # an unknown plug-in, which `check` names
            return everything

    def schemas(self, spec: RunSpec, contents: Contents | None = None) -> dict[str, dict[str, Any]]:
        """JSON Schema of every setting of the chosen plug-ins. Raises: InvalidInput, as `chosen`."""
        return {name: schema for p in self.chosen(spec, contents) for name, schema in p.settings.items()}

    def chosen_settings(self, spec: RunSpec, contents: Contents | None = None) -> dict[str, Any]:
        """Every setting the run is sure to begin with, unchecked. Raises: InvalidInput, as `chosen`."""
        parts = self.composition(spec, contents)
        built = {parts.encoders[modality] for modality in parts.certain}
        sure = [p for p in self.chosen(spec, contents) if p.kind != "encoder" or p.name in built]
        return {n: schema.get("default") for p in sure for n, schema in p.settings.items()} | spec.settings

    def check_live(self, spec: RunSpec, changes: dict[str, Any]) -> None:
        """Raises: InvalidInput, unless every change names a live setting of this run and is in range.

        `strategy` may be among them; the other settings are then the new strategy's.
        """
        errors = list(self._unfit_strategy(spec, changes["strategy"])) if "strategy" in changes else []
        if errors:
            raise InvalidInput.of(errors)
        spec = spec.model_copy(update={"strategy": changes.get("strategy", spec.strategy), "settings": {}})
        schemas = self.schemas(spec)
        given = {name: value for name, value in changes.items() if name != "strategy"}
        errors = [*self._unknown(given, schemas, self.composition(spec)), *misfits(given, schemas)]
        live = sorted(name for name, schema in schemas.items() if schema.get("live"))
        errors += [
            FieldError(
                field=n, value=v, message=f"can't be changed while running; these can: {', '.join(live)}"
            )
            for n, v in given.items()
            if n in schemas and n not in live
        ]
        if not changes:
            errors.append(FieldError(field="settings", message=f"expected at least one of {', '.join(live)}"))
        if errors:
            raise InvalidInput.of(errors)

    def _unfit_strategy(self, spec: RunSpec, name: Any) -> Iterator[FieldError]:
        """Why a running run can't be given this strategy, if so."""
        able = [p.name for p in self.of_kind("strategy") if "live" in p.provides]
        if name not in able or spec.strategy not in able:
            message = (
                f"a running run can't be changed from {spec.strategy!r} to {name!r}; between "
                f"{', '.join(able)} it can, and a fork can have any"
            )
            yield FieldError(field="strategy", value=name, message=message)
            return
        changed = spec.model_copy(update={"strategy": name})
        chosen = self.chosen(changed)
        yield from self._unmet(chosen, changed)
        yield from self._unmasked(chosen, changed, self.chosen_settings(changed))

    def _name_error(self, kind: PluginKind, field: str, name: str) -> FieldError | None:
        plugin = self.find(kind, name)
        if plugin is None:
            known = [p.name for p in self.of_kind(kind) if not p.error]
            return FieldError(field=field, value=name, message=unknown_name(kind, name, known))
        if plugin.error:
            return FieldError(field=field, value=name, message=f"'{name}' can't be used: {plugin.error}")
        return None

    def _unmet(self, chosen: list[Plugin], spec: RunSpec) -> Iterator[FieldError]:
        provided = {ability for p in chosen for ability in p.provides}
        if spec.settings.get("protocol") == "official-code":
            provided -= {"validation"}
        for plugin in chosen:
            for need in sorted(set(plugin.requires) - provided):
                able = ", ".join(f"{p.kind} '{p.name}'" for p in self.plugins if need in p.provides)
                if need == "validation":
                    able = "protocol 'paper' with " + able
                message = f"'{plugin.name}' needs {_NEEDS.get(need, need)}; {able or 'nothing here'} would do"
                yield FieldError(field=plugin.kind, value=plugin.name, message=message)

    def _unmasked(
        self, chosen: list[Plugin], spec: RunSpec, resolved: Mapping[str, Any]
    ) -> Iterator[FieldError]:
        """Which parts need every modality of every example, where the data set may lack some."""
        dataset = self.find("dataset", spec.dataset)
        named = dataset.facts.get("incomplete") if dataset else None
        if not (resolved.get(named) if isinstance(named, str) else named):
            return
        unmasked = {(p.kind, p.name) for p in chosen if "masked" not in p.provides}
        parts = {"strategy": spec.strategy, "fusion": spec.fusion}
        parts |= {f"encoders.{m}": name for m, name in self.composition(spec).encoders.items()}
        for field, name in parts.items():
            if (field.partition(".")[0].removesuffix("s"), name) in unmasked:
                yield self.unmasked(field, name, spec.dataset)

    def lacking(self, spec: RunSpec) -> list[FieldError]:
        """Which parts need modalities that examples of this run may lack; of one that fits otherwise."""
        try:
            return list(self._unmasked(self.chosen(spec), spec, self.chosen_settings(spec)))
        except InvalidInput:  # what does not fit for other reasons is refused for those
            return []

    def unmasked(self, field: str, name: str, dataset: str) -> FieldError:
        """That a part needs every modality of a data set that may lack some, with those that do not."""
        kind = field.partition(".")[0].removesuffix("s")
        able = ", ".join(p.name for p in self.plugins if p.kind == kind and "masked" in p.provides)
        message = (
            f"{kind} '{name}' needs every modality of every example, and examples of '{dataset}' may lack "
            f"some; these do without: {able}"
        )
        return FieldError(field=field, value=name, message=message)

    def _unknown(
        self, given: dict[str, Any], schemas: dict[str, Any], parts: Composition
    ) -> Iterator[FieldError]:
        unknown = sorted(given.keys() - schemas.keys())
        for place, name in enumerate(unknown):
            message = self._foreign(name, parts)
            if not message and place < MOST_HINTS:
                message = unknown_name("setting", name, [*schemas, *PLUGIN_FIELDS])
            message = message or f"there is no setting '{name[:LONGEST_NAME]}'"
            yield FieldError(field=name, value=given[name], message=message)

    def _foreign(self, name: str, parts: Composition) -> str:
        """Why a setting that some plug-in has is none of this run's; empty where no plug-in has it."""
        owners = [p for p in self.plugins if name in p.settings]
        if not owners:
            return ""
        few = ", ".join(f"{p.kind} '{p.name}'" for p in owners[:3]) + (", ..." if len(owners) > 3 else "")
        why = "".join(f"; no {m} is trained on: {reason}" for m, reason in parts.absent.items())
        about = why if any(p.kind == "encoder" for p in owners) else ""
        return f"there is no setting '{name}' in this run: it belongs to {few}, which it does not use{about}"


def _read(value: Any, schema: dict[str, Any]) -> Any:
    return literals.read(documents.structure(value, schema) if isinstance(value, str) else value, schema)


class CatalogAnswer(Catalog):
    """Answer of GET /catalog: what can be launched, and the states a run can be in."""

    states: StateSets = StateSets()


_NEEDS = {
    "additive": "a fusion whose logits are exactly the sum of the modalities' own",
    "linear": "a fusion that is linear in the features",
    "late": "a fusion in which modalities meet after the encoders and nowhere before",
    "validation": "a validation split that is not the test split",
}


def _oversized_batch(
    resolved: dict[str, Any], dataset: Plugin | None, contents: Contents | None
) -> Iterator[FieldError]:
    size = dataset.facts.get("train_size") if dataset else None
    size = resolved.get(size) if isinstance(size, str) else size
    size = contents.train_size if contents and contents.train_size is not None else size
    batch = resolved.get("batch_size")
    if resolved.get("protocol") == "official-code":  # it trains on the validation split as well
        return
    if dataset and size is not None and batch is not None and batch > size:
        message = f"{batch} is more than the {size} training examples of {dataset.name}; expected 1 to {size}"
        yield FieldError(field="batch_size", value=batch, message=message)
