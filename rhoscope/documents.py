"""YAML and JSON as people write them: every scalar is a text, until its declared type says what it is."""

import re
from collections.abc import Hashable, Mapping
from typing import Any

import yaml
from pydantic import BaseModel

from rhoscope import literals

MOST_VALUES = 100_000
"""Values of one document, those behind aliases counted wherever they stand."""


class _Texts(yaml.SafeLoader):
    """Takes no text for a number, a date or a truth value, and no name twice."""

    yaml_implicit_resolvers = {"<": [("tag:yaml.org,2002:merge", re.compile(r"^<<$"))]}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in names and key.value != "<<":
                message = f"'{key.value}' is given twice"
                raise yaml.constructor.ConstructorError(problem=message, problem_mark=key.start_mark)
            names.add(str(key.value))
        return super().construct_mapping(node, deep)


def load(text: str) -> Any:
    """A document's mappings, lists and texts. Raises: yaml.YAMLError, also where a name is given twice.

    >>> load("{lr: 1e-3, name: 007, compile: yes, seeds: [0, 1]}")
    {'lr': '1e-3', 'name': '007', 'compile': 'yes', 'seeds': ['0', '1']}
    """
    loader = _Texts(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _check_size(node, {})
        return loader.construct_document(node)
    except RecursionError as error:
        raise yaml.YAMLError("its values lie in each other too deeply") from error
    finally:
        loader.dispose()


def _check_size(node: yaml.Node, sizes: dict[int, int]) -> int:
    """The number of values once every alias stands for what it names; few lines can name billions."""
    if id(node) not in sizes:
        sizes[id(node)] = MOST_VALUES  # met again before it is known: it holds itself
        inner: Any = node.value if isinstance(node, yaml.CollectionNode) else ()
        parts = [part for one in inner for part in (one if isinstance(one, tuple) else (one,))]
        sizes[id(node)] = 1 + sum(_check_size(part, sizes) for part in parts)
    if sizes[id(node)] > MOST_VALUES:
        message = f"it stands for more than {MOST_VALUES:,} values"
        raise yaml.composer.ComposerError(problem=message, problem_mark=node.start_mark)
    return sizes[id(node)]


def of_model(model: type[BaseModel], content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `model` as their types, out of texts; what it declares no type for stays as it is.

    >>> from rhoscope.spec import RunSpec
    >>> of_model(RunSpec, {"name": "007", "tags": "a, b", "priority": "1", "alpha": "0.5"})
    {'name': '007', 'tags': ['a', 'b'], 'priority': 1, 'alpha': '0.5'}
    """
    schema = model.model_json_schema()
    fields = schema.get("properties", {})
    return {
        name: _field(value, fields.get(name, {}), schema.get("$defs", {})) for name, value in content.items()
    }


def structure(text: str, schema: Mapping[str, Any]) -> Any:
    """A text as the list or mapping that is declared, where it is written as one: `a, b` or `[a, b]`."""
    kinds = literals.types(schema)
    if not {"array", "object"} & set(kinds) or "string" in kinds:
        return text
    if text.lstrip()[:1] in {"[", "{"}:
        try:
            return load(text)
        except yaml.YAMLError:
            return text
    return parts(text) if "array" in kinds else text


def parts(text: str) -> list[str]:
    """The parts of a text between its commas, except those between quotation marks.

    >>> parts('audio, "a, b", c')
    ['audio', 'a, b', 'c']
    """
    items = re.findall(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]*?)\s*(?:,|$)""", text, re.DOTALL)
    return [literals.unquoted(one) for one in items if one]


def _field(value: Any, schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Any:
    schema = _resolved(schema, defs)
    if isinstance(value, str):
        value = structure(value, schema)
    if isinstance(value, Mapping) and "properties" in schema:
        return {name: _field(one, schema["properties"].get(name, {}), defs) for name, one in value.items()}
    return literals.read(value, schema)


def _resolved(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema without references, of which models of ours have at most one at a place."""
    parts_ = [schema, *schema.get("anyOf", [])]
    name = next((str(part["$ref"]).rsplit("/", 1)[-1] for part in parts_ if "$ref" in part), "")
    definition: Mapping[str, Any] = defs.get(name, schema)
    return definition
