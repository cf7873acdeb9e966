"""Declarations of a run's series, which are most of its row and those of many other runs as well."""

from functools import lru_cache

from pydantic import TypeAdapter

from backend.store.json_text import read_json
from rhoscope.series import Series

KEPT = 64
"""Texts whose declarations are kept: of 15 kB each where a run has fifty series."""
_SERIES: TypeAdapter[list[Series]] = TypeAdapter(list[Series])


def declared(text: str) -> list[Series]:
    """Declarations as their column holds them. Raises: ValidationError."""
    return [*_declared(text)]


@lru_cache(maxsize=KEPT)
def _declared(text: str) -> tuple[Series, ...]:
    return tuple(_SERIES.validate_python(read_json(text)))
