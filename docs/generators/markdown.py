"""Markdown tables, and JSON Schema in the words of a table cell."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

REFERENCE = re.compile(r"^#/components/schemas/(.+)$")
BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; an empty string without rows."""
    body = ["| " + " | ".join(cell(text) for text in row) + " |" for row in rows]
    if not body:
        return ""
    return "\n".join(["| " + " | ".join(columns) + " |", "| --- " * len(columns) + "|", *body]) + "\n\n"


def cell(text: str) -> str:
    """A text that a table cell can hold: one line, pipes and stars escaped outside of code."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()).replace("|", "\\|"))
    return "".join(p if p.startswith("`") else re.sub(r"([*<_])", r"\\\1", p) for p in parts)


def code(value: Any) -> str:
    """A value as JSON in code marks; nothing for no value."""
    return "" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


def type_of(schema: Mapping[str, Any], linked: bool = True) -> str:
    """A schema's type, linked to its section where it has one.

    >>> type_of({"type": "array", "items": {"type": "string"}})
    'array of string'
    """
    if "$ref" in schema:
        match = REFERENCE.match(schema["$ref"])
        name = match[1] if match else str(schema["$ref"])
        return f"[{name}](#schema-{name.lower()})" if linked else name
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    for combination in ("anyOf", "oneOf", "allOf"):
        if combination in schema:
            return " or ".join(type_of(part, linked) for part in schema[combination])
    return _plain(schema, linked)


def _plain(schema: Mapping[str, Any], linked: bool) -> str:
    kind = str(schema.get("type", "any"))
    if kind == "array" and schema.get("items"):
        return f"array of {type_of(schema['items'], linked)}"
    values = schema.get("additionalProperties")
    if kind == "object" and isinstance(values, dict) and values:
        return f"object of {type_of(values, linked)}"
    return kind


def limits_of(schema: Mapping[str, Any]) -> str:
    """The bounds of a number, a list or a string, as in `≥ 1, ≤ 64`."""
    parts = [f"{sign} {schema[bound]:g}" for bound, sign in BOUNDS.items() if bound in schema]
    parts += filter(None, map(limits_of, schema.get("anyOf", ())))
    if "maxLength" in schema:
        parts.append(f"at most {schema['maxLength']} characters")
    if "maxItems" in schema:
        parts.append(f"at most {schema['maxItems']} items")
    return ", ".join(parts)
