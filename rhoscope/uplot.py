"""uPlot, the drawing library, in the installed package that carries it; nothing is copied here."""

import re
from importlib.util import find_spec
from pathlib import Path

from rhoscope.errors import Unavailable

VERSION = "1.6.31"
"""What our programs were written and tested against."""
SCRIPT, STYLE = "uplot.iife.min.js", "uplot.min.css"

_MEND = "Install what pyproject.toml names: pip install -c constraints.txt -e '.[dashboard]'."


def folder() -> Path:
    """Where the files are.

    Raises:
        Unavailable: when the package is missing or carries another version.
    """
    spec = find_spec("youplot")
    if spec is None or spec.origin is None:
        raise Unavailable(f"The package youplot, which carries uPlot, is not installed. {_MEND}")
    location = Path(spec.origin).parent / "vendor"
    try:
        with (location / SCRIPT).open(encoding="utf-8") as script:
            head = script.read(200)
    except OSError as error:
        raise Unavailable(f"uPlot can't be read from {location} ({error.strerror}). {_MEND}") from error
    version = re.search(r"\(v([\d.]+)\)", head)
    if version is None or version[1] != VERSION:
        given = version[1] if version else "no version"
        raise Unavailable(f"The page needs uPlot {VERSION}, and {location} carries {given}. {_MEND}")
    return location
