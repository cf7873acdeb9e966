"""What commands share: the two consoles, reading `key=value`, and finding the API."""

import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from rich.console import Console

from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.errors import FieldError, InvalidInput, NotFound
from rhoscope.spec import RunSpec

out = Console()
err = Console(stderr=True)


def client() -> Client:
    """The API at RHOSCOPE_API_URL."""
    environment = Environment.load()
    return Client(environment.api_url, environment.api_token)


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
            raise InvalidInput(f"'{name}' is not of the form setting=value, such as alpha=0.3.")
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


def read_spec(path: Path | None, given: list[str]) -> RunSpec:
    """A specification from a YAML or JSON file, or the defaults, with `given` assignments on top.

    Raises:
        NotFound: no such file.
        InvalidInput: a file that is no mapping, or a field that does not fit.
    """
    return spec_of(read_mapping(path) | assignments(given))


def spec_of(content: dict[str, Any]) -> RunSpec:
    """Raises: InvalidInput, naming each field that does not fit."""
    try:
        return RunSpec.model_validate(content)
    except ValidationError as error:
        fields = [
            FieldError(field=".".join(map(str, e["loc"])), value=e["input"], message=e["msg"])
            for e in error.errors()
        ]
        raise InvalidInput.of(fields) from error


def read_mapping(path: Path | None) -> dict[str, Any]:
    """A YAML or JSON file's mapping; empty when there is no path.

    Raises:
        NotFound, InvalidInput: as `read_spec`.
    """
    if path is None:
        return {}
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError as error:
        raise NotFound(f"File not found: {path}.") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidInput(f"{path} can't be read as YAML or JSON: {reason}.") from error
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise InvalidInput(f"{path} holds a {kind}, not a mapping of settings such as 'alpha: 0.3'.")
    return content
