"""uPlot, the drawing library, served from where it is installed."""

from fastapi import APIRouter
from starlette.responses import FileResponse

from rhoscope.uplot import VERSION, folder

SCRIPT = f"/vendor/uplot-{VERSION}.js"
STYLE = f"/vendor/uplot-{VERSION}.css"

_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


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
