"""The REST reference, from the API's own OpenAPI description."""

import inspect
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from backend.app import create_app
from backend.routes import live
from generators.markdown import code, limits_of, table, type_of
from rhoscope.environment import Environment

Operation = Mapping[str, Any]


@cache
def description() -> dict[str, Any]:
    """The OpenAPI document of an API on embedded defaults; nothing is started or opened."""
    document: dict[str, Any] = create_app(Environment(data_dir=Path(tempfile.gettempdir()))).openapi()
    return document


def page() -> str:
    """Every operation under its tag, then the live channel, which OpenAPI cannot describe."""
    sections: dict[str, list[str]] = {}
    for path, operations in description()["paths"].items():
        for method, operation in operations.items():
            tag = operation.get("tags", ["other"])[0]
            sections.setdefault(tag, []).append(_operation(method.upper(), path, operation))
    texts = [f"## {tag.capitalize()}\n\n{''.join(operations)}" for tag, operations in sections.items()]
    return "".join(texts) + f"## Live channel\n\n{inspect.getdoc(live)}\n\n"


def schemas() -> str:
    """Every schema of a body or an answer, with its fields."""
    described = description()["components"]["schemas"]
    return "".join(_schema(name, schema) for name, schema in sorted(described.items()))


def _operation(method: str, path: str, operation: Operation) -> str:
    parts = [f"### `{method} {path}`\n\n", f"{operation.get('description', operation['summary'])}\n\n"]
    parts.append(table(("parameter", "in", "type", "default", "meaning"), _parameters(operation)))
    if "requestBody" in operation:
        parts.append(f"Body: {_content(operation['requestBody'])}\n\n")
    answers = [
        (status, _content(answer), answer["description"]) for status, answer in operation["responses"].items()
    ]
    return "".join(parts) + table(("status", "answer", "when"), answers)


def _parameters(operation: Operation) -> Iterator[tuple[str, ...]]:
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"]
        default = "required" if parameter.get("required") else code(schema.get("default"))
        meaning = "; ".join(filter(None, (parameter.get("description", ""), limits_of(schema))))
        yield f"`{parameter['name']}`", parameter["in"], type_of(schema), default, meaning


def _content(part: Operation) -> str:
    kinds = part.get("content", {})
    return ", ".join(f"{type_of(body.get('schema', {}))} as `{kind}`" for kind, body in kinds.items())


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    fields = [
        (
            f"`{field}`",
            type_of(part),
            "required" if field in required else code(part.get("default")),
            "; ".join(filter(None, (part.get("description", ""), limits_of(part)))),
        )
        for field, part in schema.get("properties", {}).items()
    ]
    intro = schema.get("description", "") or f"One of: {type_of(schema)}."
    heading = f"(schema-{name.lower()})=\n### {name}\n\n{inspect.cleandoc(intro)}\n\n"
    return heading + table(("field", "type", "default", "meaning"), fields)
