"""Optional libraries, imported on use; a missing one is one clear error."""

import importlib
from typing import Any

from rhoscope.errors import Unavailable


class Missing(Unavailable, ImportError):
    """Caught by whoever expects that an import may fail, and by the command line."""


def library(name: str, extra: str = "notebook") -> Any:
    """A module of an optional library.

    Raises:
        Missing: when it is not installed, with how to install it.

    >>> library("json").dumps(1)
    '1'
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        raise Missing(
            f"This needs {missing}, which is not installed: pip install 'rhoscope[{extra}]'."
        ) from error
