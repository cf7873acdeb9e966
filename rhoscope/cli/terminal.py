"""The two consoles of every command, its specification files, and its client of the API."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from rich.console import Console

from rhoscope.assignments import assignments
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput, NotFound
from rhoscope.spec import RunSpec
from rhoscope.validation import invalid

out = Console()
err = Console(stderr=True)


def client() -> Client:
    """The API at RHOSCOPE_API_URL."""
    environment = Environment.load()
    return Client(environment.api_url, environment.client_token)


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
        raise invalid(error) from error


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
