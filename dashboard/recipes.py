"""Recipes of a form, for a terminal, a script or a file: each launches exactly what the form would."""

import json
import pprint
import re
import shlex
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import yaml

from dashboard.launching import Order
from rhoscope.environment import Environment
from rhoscope.spec import PLUGIN_FIELDS, RunSpec

TOKEN = "RHOSCOPE_API_TOKEN"  # noqa: S105 -- the variable's name; its value is never shown
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Place:
    """Address of the API, as seen by the reader of the recipe, and whether it requires a token."""

    url: str
    guarded: bool = False

    @property
    def usual(self) -> bool:
        """Whether the command line finds it by itself."""
        return bool(self.url == Environment.model_fields["api_url"].default)


def place(api_url: str, origin: str, *, guarded: bool) -> Place:
    """The API's own address on its machine; elsewhere the page's, which forwards to it.

    >>> place("http://127.0.0.1:8000", "http://lab:8050", guarded=False).url
    'http://lab:8050'
    """
    here = urlsplit(api_url).hostname in _LOOPBACK and urlsplit(origin).hostname in _LOOPBACK
    return Place(api_url if here or not origin else origin, guarded)


def recipes(order: Order, where: Place) -> dict[str, str]:
    """The texts by `curl`, `python`, `yaml` and `cli`."""
    return {
        "curl": curl(order, where),
        "python": python(order, where),
        "yaml": as_yaml(order, where),
        "cli": cli(order, where),
    }


def content(spec: RunSpec) -> dict[str, Any]:
    """A specification as a person writes it: what differs from the defaults, settings at the top level.

    >>> content(RunSpec(strategy="ogm", settings={"alpha": 0.8}))
    {'strategy': 'ogm', 'alpha': 0.8}
    """
    given: dict[str, Any] = spec.model_dump(mode="json", exclude_defaults=True)
    settings: dict[str, Any] = given.pop("settings", {})
    if spec.program:
        given = {n: v for n, v in given.items() if n not in (*PLUGIN_FIELDS, "guest")}
    return given | settings


def body(order: Order) -> dict[str, Any]:
    """The request body for the API."""
    base = content(order.base)
    if not order.several:
        return base
    if order.search:
        given = order.search.model_dump(mode="json", exclude_defaults=True)
        seeds = {"seeds": order.grid["seed"]} if "seed" in order.grid else {}
        return {"base": base, **seeds, "search": given}
    return {"base": base, "grid": order.grid} | ({"points": order.points} if order.points else {})


def curl(order: Order, where: Place) -> str:
    """A command for a POSIX shell."""
    path = "sweeps" if order.several else "runs"
    lines = [f"curl --fail-with-body -sS {shlex.quote(f'{where.url}/api/v1/{path}')}"]
    if where.guarded:
        lines.append(f'-H "Authorization: Bearer ${TOKEN}"')
    lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(body(order)))}"]
    return " \\\n  ".join(lines)


def python(order: Order, where: Place) -> str:
    """A script."""
    token = f', os.environ["{TOKEN}"]' if where.guarded else ""
    head = ["import os", ""] if where.guarded else []
    given = pprint.pformat(body(order), sort_dicts=False, width=88)
    ask = f"made = client.{'sweep' if order.several else 'launch'}({given})"
    return "\n".join(
        [
            *head,
            "import rhoscope",
            "",
            f"client = rhoscope.Client({where.url!r}{token})",
            ask,
            "print(made.id)",
        ]
    )


def as_yaml(order: Order, where: Place) -> str:
    """A file; its first line says how it is launched."""
    verb = "search" if order.search else "sweep" if order.several else "launch"
    how = f"{_prefix(where)}rhoscope {verb} FILE.yaml"
    also = "" if order.several or order.base.program else "; without a server: rhoscope train FILE.yaml"
    return f"# {how}{also}\n" + yaml.safe_dump(body(order), sort_keys=False, allow_unicode=True)


def cli(order: Order, where: Place) -> str:
    """A command for a POSIX shell; points are no options, so that the file is written first."""
    if order.points or order.search:
        text, verb = json.dumps(body(order)), "search" if order.search else "sweep"
        return f"cat > {verb}.yaml <<'END'\n{text}\nEND\n{_prefix(where)}rhoscope {verb} {verb}.yaml"
    words = [f"{_prefix(where)}rhoscope {'sweep' if order.several else 'launch'}"]
    words += [f"--set {shlex.quote(f'{name}={word(value)}')}" for name, value in content(order.base).items()]
    grid = {name: ",".join(word(value) for value in values) for name, values in order.grid.items()}
    words += [f"--grid {shlex.quote(f'{name}={values}')}" for name, values in grid.items()]
    return " \\\n  ".join(words)


def word(value: Any) -> str:
    """A value as the command line reads it back.

    >>> word("sgd"), word("1e3"), word("a, b"), word(0.5), word(True)
    ('sgd', '1e3', '"a, b"', '0.5', 'true')
    """
    if isinstance(value, str) and re.fullmatch(r"[^\s'\",\[{][^,\n]*(?<!\s)", value):
        return value
    return json.dumps(value)


def _prefix(where: Place) -> str:
    return "" if where.usual else f"RHOSCOPE_API_URL={shlex.quote(where.url)} "
