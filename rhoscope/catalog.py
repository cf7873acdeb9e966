"""What can be launched: every plug-in's settings and series, as a worker announced them."""

import difflib
import hashlib
import math
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import jsonschema
from pydantic import BaseModel, Field

from rhoscope.errors import FieldError, InvalidInput
from rhoscope.series import Series
from rhoscope.spec import PLUGIN_FIELDS, RunSpec

PluginKind = Literal["training", "dataset", "encoder", "fusion", "strategy"]


class Plugin(BaseModel):
    """One thing that can be chosen by name, or the training loop itself (kind `training`)."""

    kind: PluginKind
    name: str
    title: str
    help: str
    paper: str = Field(default="", description="the publication it comes from, with the equation")
    settings: dict[str, Any] = Field(default={}, description="JSON Schema of each setting, by name")
    series: list[Series] = []
    facts: dict[str, Any] = Field(
        default={},
        description="data sets: modalities {name: {shape, encoder}}, classes, train_size "
        "(a number, or the name of the setting that gives it)",
    )
    provides: list[str] = Field(default=[], description="abilities others may require, such as 'additive'")
    requires: list[str] = Field(default=[], description="abilities the other chosen plug-ins must provide")
    error: str = Field(default="", description="why it can't be used; such a plug-in is listed, not launched")


class Catalog(BaseModel):
    """All plug-ins of one worker's installation."""

    version: str
    plugins: list[Plugin]

    def digest(self) -> str:
        """A name for exactly this catalogue: 16 hexadecimal digits."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def of_kind(self, kind: PluginKind) -> list[Plugin]:
        return [p for p in self.plugins if p.kind == kind]

    def find(self, kind: PluginKind, name: str) -> Plugin | None:
        return next((p for p in self.plugins if p.kind == kind and p.name == name), None)

    def chosen(self, spec: RunSpec) -> list[Plugin]:
        """The plug-ins a specification uses, the training loop first.

        Raises:
            InvalidInput: when one is unknown or could not be imported; names settings that do not fit, too.
        """
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
            errors += _misfits(spec.settings, {n: s for p in sure for n, s in p.settings.items()})
            raise InvalidInput.of(errors)
        names = {(kind, name) for kind, _, name in named} | set(self._default_encoders(spec))
        return [p for p in self.plugins if p.kind == "training" or (p.kind, p.name) in names]

    def check(self, spec: RunSpec) -> dict[str, Any]:
        """Every setting of the run, defaults filled in.

        Raises:
            InvalidInput: naming each field that does not fit, its value and what is allowed.
        """
        chosen = self.chosen(spec)
        schemas, resolved = self.schemas(spec), self.chosen_settings(spec)
        errors = list(_unknown(spec.settings, schemas))
        errors += _misfits(spec.settings, schemas)
        errors += _unknown_modalities(spec, schemas, self.find("dataset", spec.dataset))
        errors += self._unmet(chosen, spec)
        if not errors:
            errors += _oversized_batch(resolved, self.find("dataset", spec.dataset))
        if errors:
            raise InvalidInput.of(errors)
        return resolved

    def schemas(self, spec: RunSpec) -> dict[str, dict[str, Any]]:
        """JSON Schema of every setting of the chosen plug-ins. Raises: InvalidInput, as `chosen`."""
        return {name: schema for p in self.chosen(spec) for name, schema in p.settings.items()}

    def chosen_settings(self, spec: RunSpec) -> dict[str, Any]:
        """Every setting the run begins with, unchecked. Raises: InvalidInput, as `chosen`."""
        return {name: schema.get("default") for name, schema in self.schemas(spec).items()} | spec.settings

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
        errors = [*_unknown(given, schemas), *_misfits(given, schemas)]
        live = sorted(name for name, schema in schemas.items() if schema.get("live"))
        errors += [
            FieldError(field=n, value=v, message=f"can't change while running; these can: {', '.join(live)}")
            for n, v in given.items()
            if n in schemas and n not in live
        ]
        if not changes:
            errors.append(FieldError(field="settings", message=f"name at least one of {', '.join(live)}"))
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
        yield from self._unmet(self.chosen(changed), changed)

    def _name_error(self, kind: PluginKind, field: str, name: str) -> FieldError | None:
        plugin = self.find(kind, name)
        if plugin is None:
            known = [p.name for p in self.of_kind(kind) if not p.error]
            return FieldError(field=field, value=name, message=_unknown_name(kind, name, known))
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

    def _default_encoders(self, spec: RunSpec) -> Iterator[tuple[PluginKind, str]]:
        dataset = self.find("dataset", spec.dataset)
        for modality, facts in (dataset.facts.get("modalities", {}) if dataset else {}).items():
            if modality not in spec.encoders:
                yield "encoder", facts["encoder"]


_NEEDS = {
    "additive": "a fusion whose logits are exactly the sum of the modalities' own",
    "linear": "a fusion that is linear in the features",
    "late": "a fusion in which modalities meet after the encoders and nowhere before",
    "validation": "a validation split that is not the test split",
}


def _unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return f"there is no {what} '{name}'; there are {', '.join(known)}{hint}"


def _unknown(given: dict[str, Any], schemas: dict[str, Any]) -> Iterator[FieldError]:
    for name in given.keys() - schemas.keys():
        message = _unknown_name("setting", name, [*schemas, *PLUGIN_FIELDS])
        yield FieldError(field=name, value=given[name], message=message)


def _misfits(given: dict[str, Any], schemas: dict[str, Any]) -> Iterator[FieldError]:
    for name in sorted(given.keys() & schemas.keys()):
        value, schema = given[name], schemas[name]
        if isinstance(value, float) and not math.isfinite(value):
            message = f"{value} is not a finite number; {allowed(schema)}"
            yield FieldError(field=name, value=str(value), message=message)
        elif not jsonschema.Draft202012Validator(schema).is_valid(value):
            yield FieldError(field=name, value=value, message=f"{value!r} does not fit; {allowed(schema)}")


def allowed(schema: dict[str, Any]) -> str:
    """What a setting's schema allows, in words.

    >>> allowed({"type": "number", "minimum": 0, "maximum": 100})
    'allowed is a number from 0 to 100'
    """
    if "anyOf" in schema:
        return " or ".join(allowed(s) for s in schema["anyOf"])
    if "const" in schema:
        return f"allowed is {schema['const']!r}"
    if "enum" in schema:
        return f"allowed is one of {', '.join(map(str, schema['enum']))}"
    kinds = {"number": "a number", "integer": "a whole number", "string": "a text"}
    kinds |= {"boolean": "true or false", "null": "nothing", "array": "a list", "object": "an object"}
    words = [f"allowed is {kinds.get(schema.get('type', ''), 'a value')}"]
    limits = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    words += [f"{word} {schema[key]}" for key, word in limits.items() if key in schema]
    return " ".join(words)


def _unknown_modalities(
    spec: RunSpec, schemas: dict[str, dict[str, Any]], dataset: Plugin | None
) -> Iterator[FieldError]:
    modalities = dataset.facts.get("modalities", {}) if dataset else {}
    named = [(f"encoders.{modality}", modality) for modality in spec.encoders]
    named += [
        (field, name.strip())
        for field in (name for name, schema in schemas.items() if schema.get("modalities"))
        for name in str(spec.settings.get(field, "")).split(",")
        if name.strip()
    ]
    for field, modality in named:
        if modality not in modalities:
            message = _unknown_name("modality", modality, modalities)
            yield FieldError(field=field, value=modality, message=message)


def _oversized_batch(resolved: dict[str, Any], dataset: Plugin | None) -> Iterator[FieldError]:
    size = dataset.facts.get("train_size") if dataset else None
    size = resolved.get(size) if isinstance(size, str) else size
    batch = resolved.get("batch_size")
    if resolved.get("protocol") == "official-code":  # it trains on the validation split as well
        return
    if dataset and size is not None and batch is not None and batch > size:
        message = (
            f"{batch} is more than the {size} training examples of {dataset.name}; allowed is 1 to {size}"
        )
        yield FieldError(field="batch_size", value=batch, message=message)
