"""The settings that a project declares: each a JSON Schema, and how the program gets its value.

Values are read by the type that is declared: of `no`, `1e-3`, `0x10`, or `007` YAML guesses nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rhoscope import documents, literals
from rhoscope.catalog_faults import KEYWORDS, schema_faults
from rhoscope.errors import InvalidInput
from rhoscope.schema import misfits, unknown_name
from rhoscope.spec import RunSpec
from rhoscope.texts import faults

NAME = r"[A-Za-z_][A-Za-z0-9_]{0,99}"
_TYPES = {"float": "number", "int": "integer", "str": "string", "bool": "boolean", "list": "array"}
_KNOWN_TYPES = ("number", "integer", "string", "boolean", "array", "object", "null")
_WORDS = {"help": "description", "choices": "enum"}
_OWN = {"argument", "variable"}
_NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_COUNTS = {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}
_TRUTHS = {"live", "essential", "uniqueItems", "deprecated", "readOnly", "writeOnly"}
_STEERING = re.compile(
    r"(PATH|HOME|SHELL|IFS|ENV|BASH_ENV|TMPDIR|EDITOR|PAGER|NODE_OPTIONS|VIRTUAL_ENV|CONDA_PREFIX)"
    r"|(LD|DYLD|PYTHON|PERL|RUBY|GIT|SSH|PIP|UV|JAVA|CONDA)_?[A-Z0-9_]*",
    re.IGNORECASE,
)
"""Variables that decide which programs and libraries run; a project may set them, who launches may not."""
_DECIDES = (
    "this variable decides which programs run, so it can't be a setting of those who launch; "
    "choose another one with 'variable: NAME', or pass the value as an argument"
)
_KINDS = (
    {word: {"type": "number"} for word in _NUMBERS}
    | {word: {"type": "integer"} for word in _COUNTS}
    | {word: {"type": "boolean"} for word in _TRUTHS}
)


@dataclass(frozen=True)
class Declared:
    """One setting: its schema, and the argument or the variable by which the program gets it.

    `argument` may hold `{value}`, as a word of its own, too; of a boolean one `negative` is passed where the
    value is false.
    """

    name: str
    schema: Mapping[str, Any]
    argument: str = ""
    negative: str = ""
    variable: str = ""


def declared(content: Mapping[str, Any], settings_as: str) -> dict[str, Declared]:
    """Every setting by its name. Raises: InvalidInput, whose field is the key in the file."""
    settings = {name: _setting(name, one, settings_as) for name, one in content.items()}
    taken: dict[str, str] = {}
    for name, one in settings.items():
        word = one.variable or one.argument
        if (other := taken.setdefault(word, name)) != name:
            kind = "variable" if one.variable else "argument"
            raise InvalidInput.field(f"settings.{name}.{kind}", f"'{other}' is passed as {word}, too", word)
    return settings


def _setting(name: str, given: Any, settings_as: str) -> Declared:
    place = f"settings.{name}"
    if not re.fullmatch(NAME, name):
        raise InvalidInput.field(place, "expected a name of letters, digits, and underscores", name)
    if name in RunSpec.model_fields:
        message = (
            f"every run has a field '{name}'; choose another name and keep the program's own "
            f"with 'argument: --{name}'"
        )
        raise InvalidInput.field(place, message, name)
    if not isinstance(given, Mapping) or "type" not in given:
        message = "expected a mapping with a type, such as {type: number, default: 0.1}"
        raise InvalidInput.field(place, message, given)
    known = sorted((KEYWORDS - {"description", "modalities"}) | _WORDS.keys() | _OWN)
    for word in given:
        if word not in KEYWORDS and word not in _WORDS and word not in _OWN:
            raise InvalidInput.field(f"{place}.{word}", unknown_name("key", str(word), known), given[word])
    schema = _schema(place, {w: one for w, one in given.items() if w not in _OWN})
    if "default" in schema and (wrong := next(misfits({name: schema["default"]}, {name: schema}), None)):
        raise InvalidInput.field(f"{place}.default", wrong.message, schema["default"])
    if unkept := next(faults({w: schema[w] for w in ("default", "enum", "const") if w in schema}), None):
        raise InvalidInput.field(f"{place}.{unkept[0]}", unkept[1], "")
    return Declared(name, schema, **_passing(place, name, given, schema, settings_as))


def _schema(place: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema that a mapping of texts stands for, however deeply schemas lie in each other."""
    schema = {_WORDS.get(word, word): one for word, one in given.items()}
    schema |= _types(place, schema.get("type")) if "type" in schema else {}
    if isinstance(schema.get("type"), list):
        schema["anyOf"] = [{"type": kind} for kind in schema.pop("type")]
    schema |= {word: _schemas(place, word, schema[word]) for word in _NESTED if word in schema}
    for word in _KINDS.keys() & schema.keys():
        schema[word] = literals.read(schema[word], _KINDS[word])
        if wrong := next(misfits({word: schema[word]}, {word: _KINDS[word]}), None):
            raise InvalidInput.field(f"{place}.{word}", wrong.message, schema[word])
    schema |= _values(place, schema)
    if reason := next(schema_faults(schema), ""):
        raise InvalidInput.field(place, f"its schema {reason}", "")
    return schema


def _values(place: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The choices and the default of a schema, as its type."""
    plain = {word: one for word, one in schema.items() if word not in {"enum", "const", "default"}}
    read: dict[str, Any] = {}
    if "enum" in schema:
        listed = documents.parts(schema["enum"]) if isinstance(schema["enum"], str) else schema["enum"]
        if not isinstance(listed, list) or not listed:
            raise InvalidInput.field(f"{place}.choices", "expected a list of values", schema["enum"])
        read["enum"] = [literals.read(one, plain) for one in listed]
    if "const" in schema:
        read["const"] = value_of(schema["const"], plain)
    if "default" in schema:
        read["default"] = value_of(schema["default"], {**plain, **read})
    return read


def value_of(given: Any, schema: Mapping[str, Any]) -> Any:
    """A value, or the text of one, as the type that is declared."""
    return literals.read(documents.structure(given, schema) if isinstance(given, str) else given, schema)


def _types(place: str, given: Any) -> dict[str, Any]:
    names = given if isinstance(given, list) else [given]
    kinds = [_TYPES.get(str(name), str(name)) for name in names]
    for kind in kinds:
        if kind not in _KNOWN_TYPES:
            known = ", ".join(_KNOWN_TYPES)
            raise InvalidInput.field(f"{place}.type", f"unknown type '{kind}'; expected one of {known}", kind)
    return {"type": kinds if isinstance(given, list) else kinds[0]}


_NESTED = ("items", "properties", "additionalProperties", "anyOf", "allOf", "oneOf", "prefixItems", "not")


def _schemas(place: str, word: str, given: Any) -> Any:
    inner = f"{place}.{word}"
    if isinstance(given, list):
        return [_schema(inner, one) if isinstance(one, Mapping) else one for one in given]
    if word == "properties" and isinstance(given, Mapping):
        return {name: _schema(f"{inner}.{name}", one) for name, one in given.items()}
    if isinstance(given, Mapping):
        return _schema(inner, given)
    return literals.read(given, {"type": "boolean"})


def _passing(
    place: str, name: str, given: Mapping[str, Any], schema: Mapping[str, Any], settings_as: str
) -> dict[str, str]:
    """The fields of a `Declared` that say how its value reaches the program."""
    if given.keys() >= _OWN:
        raise InvalidInput.field(place, "expected either an argument or a variable, not both", "")
    if "variable" in given or (settings_as == "environment" and "argument" not in given):
        variable = str(given.get("variable", name.upper()))
        wrong = next(variable_faults(variable), "") or (_DECIDES if _STEERING.fullmatch(variable) else "")
        if wrong:
            raise InvalidInput.field(f"{place}.variable", wrong, variable)
        return {"variable": variable}
    argument = given.get("argument", f"--{name}")
    words = argument if isinstance(argument, list) else [argument]
    boolean = schema.get("type") == "boolean"
    if not all(isinstance(word, str) and word.strip() for word in words) or len(words) > 1 + boolean:
        message = "expected an argument such as --lr or lr={value}" + (
            ", or a list of two such as [--amp, --no-amp]" if boolean else ""
        )
        raise InvalidInput.field(f"{place}.argument", message, argument)
    if fault := next(_argument_faults(words[0]), ""):
        raise InvalidInput.field(f"{place}.argument", fault, argument)
    if "\0" in "".join(words):
        raise InvalidInput.field(f"{place}.argument", "an argument can't hold the character NUL", "")
    return {"argument": words[0], "negative": words[1] if len(words) > 1 else ""}


def _argument_faults(argument: str) -> Iterator[str]:
    """Why an argument would not be what it looks like."""
    for hole in re.findall(r"\{\w*\}", argument):
        if hole != "{value}":
            yield f"nothing takes the place of {hole}; expected {{value}}"
    if len(argument.split()) > 1 and "{value}" not in argument.split():
        yield (
            f"'{argument}' is more than one word; expected one such as --lr or lr={{value}}, "
            "or '--lr {value}' for two"
        )


def variable_faults(name: str) -> Iterator[str]:
    """Why an environment variable can't be set by a project."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        yield "expected the name of a variable: letters, digits, and underscores"
    elif name.startswith("RHOSCOPE_"):
        yield "names that begin with RHOSCOPE_ are rhoscope's own; choose another one"
