"""Conversion of Python values, of whatever library, to values that JSON can represent."""

import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from pydantic import BaseModel, BeforeValidator, ValidationInfo

from rhoscope.errors import InvalidInput
from rhoscope.texts import LONGEST_QUERY, fault, visible

DEEPEST = 32
"""Lists and mappings in each other, far below where Python's own limit ends a program."""
SHORT = {"float16": np.float16, "float32": np.float32}
"""Kinds of numbers whose shortest decimal is meant: float32's 0.1 is 0.1 and not 0.10000000149011612."""


def plain(value: Any, field: str = "value", depth: int = 0) -> Any:
    """The value as numbers, texts, lists and mappings; NumPy's, PyTorch's and pydantic's own become these.

    Numbers that are not finite stay, so that whoever knows the setting can say what it allows. `depth` is how
    many lists and mappings the value is in.

    Raises:
        InvalidInput: naming the field that JSON has no place for, or that is nested deeper than `DEEPEST`.

    >>> plain({"alpha": np.float32(0.1), "seeds": range(2)})
    {'alpha': 0.1, 'seeds': [0, 1]}
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(str(value), field)
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, Mapping):
        names = {key: f"{field.removeprefix('value')}.{_key(key, field)}".strip(".") for key in value}
        return {key: plain(value[key], name, _deeper(depth, field)) for key, name in names.items()}
    if isinstance(value, os.PathLike):
        return _text(str(os.fspath(value)), field)
    return _number(value, field, depth)


def _of_field(value: Any, info: ValidationInfo) -> Any:
    return plain(value, info.field_name or "value")


PLAIN = BeforeValidator(_of_field)
"""Marks a field of a model that takes what `plain` takes."""


def _number(value: Any, field: str, depth: int) -> Any:
    """A number, or a list of whatever."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        kind = SHORT.get(str(value.dtype).removeprefix("torch."))
        inner = value.tolist()
        return float(str(kind(inner))) if kind and isinstance(inner, float) else plain(inner, field, depth)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, (float, Decimal, Fraction)):
        return float(value)
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray, memoryview)):
        return [plain(inner, field, _deeper(depth, field)) for inner in value]
    message = f"a {type(value).__name__} can't be sent; expected a number, a string, true or false, or a list"
    raise InvalidInput.field(field, message, repr(value)[:200])


def _deeper(depth: int, field: str) -> int:
    if depth < DEEPEST:
        return depth + 1
    message = f"nested more than {DEEPEST} levels deep; no setting needs more than a few"
    raise InvalidInput.field(field[:200], message)


def _key(key: Any, field: str) -> str:
    if not isinstance(key, str):
        message = f"{key!r} is not a name; names in a mapping are strings"
        raise InvalidInput.field(field, message, repr(key)[:200])
    return _text(key, field)


def _text(text: str, field: str) -> str:
    """A text that everybody can keep."""
    if message := fault(text, LONGEST_QUERY):
        raise InvalidInput.field(visible(field[:200]), message, visible(text[:200]))
    return text
