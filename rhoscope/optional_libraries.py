"""Optional libraries, imported on use; a missing one is one clear error."""

import importlib
from typing import Any

from rhoscope.errors import Unavailable


class Missing(Unavailable, ImportError):
    """Caught by whoever expects that an import may fail, and by the command line."""


def library(name: str, extra: str = "notebook", package: str = "") -> Any:
    """A module of an optional library: of one of our extras, or of a package that has none.

    Raises:
        Missing: when it is not installed, with how to install it.

    >>> library("json").dumps(1)
    '1'
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = (error.name or name).split(".")[0]
        wanted = package or f"'rhoscope[{extra}]'"
        raise Missing(f"This needs {missing}, which is not installed: pip install {wanted}.") from error
