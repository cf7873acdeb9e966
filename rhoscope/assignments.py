"""Settings written as `name=value`: how the command line reads them, and the page writes them."""

import json
from typing import Any

import yaml

from rhoscope.errors import InvalidInput


def assignments(given: list[str]) -> dict[str, Any]:
    """`["alpha=0.3", "seed=1"]` as numbers, lists and texts.

    >>> assignments(["alpha=0.3", "lr=1e-3", "noise=tensor-std", "compile=true"])
    {'alpha': 0.3, 'lr': 0.001, 'noise': 'tensor-std', 'compile': True}

    Raises:
        InvalidInput: where there is no `=`.
    """
    pairs = [text.partition("=") for text in given]
    for name, equals, _ in pairs:
        if not equals or not name:
            raise InvalidInput(f"'{name}' is not of the form setting=value, as in alpha=0.3.")
    return {name: value_of(text) for name, _, text in pairs}


def value_of(text: str) -> Any:
    """A JSON value, else YAML's reading, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return float(text) if _numeric(text) else yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
