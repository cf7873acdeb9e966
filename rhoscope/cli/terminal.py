"""The two consoles of every command, its specification files, and its client of the API."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text
from typing_extensions import override

from rhoscope import documents
from rhoscope.assignments import assignments
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput, NotFound
from rhoscope.spec import RunSpec
from rhoscope.texts import visible
from rhoscope.validation import invalid


class Terminal(Console):
    """A console on which nothing of what it shows is taken for markup, or steers the terminal."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False)

    @override
    def render_str(self, text: str, **given: Any) -> Text:
        return super().render_str(visible(text), **given)

    @override
    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(visible(text), style)


Model = TypeVar("Model", bound=BaseModel)
out = Terminal()
err = Terminal(stderr=True)


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


def spec_of(content: Mapping[str, Any]) -> RunSpec:
    """Raises: InvalidInput, naming each field that does not fit."""
    return model_of(RunSpec, content)


def model_of(model: type[Model], content: Mapping[str, Any]) -> Model:
    """A model out of texts, each read as its field's type. Raises: InvalidInput, as `spec_of`."""
    try:
        return model.model_validate(documents.of_model(model, content))
    except ValidationError as error:
        raise invalid(error) from error


def read_mapping(path: Path | None) -> dict[str, Any]:
    """A YAML or JSON file's mapping, its values as texts; empty when there is no path.

    Raises:
        NotFound, InvalidInput: as `read_spec`.
    """
    if path is None:
        return {}
    try:
        content = documents.load(path.read_text())
    except FileNotFoundError as error:
        raise NotFound(f"File not found: {path}.") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidInput(f"{path} can't be read as YAML or JSON: {reason}.") from error
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise InvalidInput(f"{path} holds a {kind}, not a mapping of settings such as 'alpha: 0.3'.")
    return content
