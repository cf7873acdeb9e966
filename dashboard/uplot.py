"""uPlot, the drawing library, served from the installed package that carries it; nothing is copied here."""

import re
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

from rhoscope.errors import Unavailable

VERSION = "1.6.31"
"""What `assets/` was written and tested against."""
SCRIPT = f"/vendor/uplot-{VERSION}.js"
STYLE = f"/vendor/uplot-{VERSION}.css"

_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_MEND = "Install what pyproject.toml names: pip install -c constraints.txt -e '.[dashboard]'."


def folder() -> Path:
    """Where the files are.

    Raises:
        Unavailable: when the package is missing or carries another version.
    """
    spec = find_spec("youplot")
    if spec is None or spec.origin is None:
        raise Unavailable(f"The package youplot, which carries uPlot, is not installed. {_MEND}")
    found = Path(spec.origin).parent / "vendor"
    try:
        with (found / "uplot.iife.min.js").open(encoding="utf-8") as script:
            head = script.read(200)
    except OSError as error:
        raise Unavailable(f"uPlot can't be read from {found} ({error.strerror}). {_MEND}") from error
    version = re.search(r"\(v([\d.]+)\)", head)
    if version is None or version[1] != VERSION:
        given = version[1] if version else "no version"
        raise Unavailable(f"The page needs uPlot {VERSION}, and {found} carries {given}. {_MEND}")
    return found


def routes() -> APIRouter:
    """The two files. Raises: Unavailable, as `folder`."""
    found = folder()
    router = APIRouter(include_in_schema=False)

    @router.get(SCRIPT)
    async def script() -> FileResponse:
        return FileResponse(found / "uplot.iife.min.js", media_type="text/javascript", headers=_FOREVER)

    @router.get(STYLE)
    async def style() -> FileResponse:
        return FileResponse(found / "uplot.min.css", media_type="text/css", headers=_FOREVER)

    return router
