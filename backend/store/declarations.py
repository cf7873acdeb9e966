"""Specifications and declarations of series, which hardly change and take long to read."""

from functools import lru_cache

from pydantic import TypeAdapter

from backend.store.json_text import read_json
from rhoscope.series import Series
from rhoscope.spec import RunSpec

KEPT = 64
"""Texts whose declarations are kept: of 15 kB each where a run has fifty series."""
SPECIFICATIONS = 2048
"""Texts whose specifications are kept: whoever tends runs that train reads them again and again."""
_SERIES: TypeAdapter[list[Series]] = TypeAdapter(list[Series])


def declared(text: str) -> list[Series]:
    """Declarations as their column holds them. Raises: ValidationError."""
    return [*_declared(text)]


@lru_cache(maxsize=SPECIFICATIONS)
def specified(text: str) -> RunSpec:
    """A specification as its column holds it; nobody changes it. Raises: ValidationError, InvalidInput."""
    return RunSpec.model_validate(read_json(text))


@lru_cache(maxsize=KEPT)
def _declared(text: str) -> tuple[Series, ...]:
    return tuple(_SERIES.validate_python(read_json(text)))
