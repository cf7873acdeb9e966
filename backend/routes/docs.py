"""The reference of the API as a page that loads nothing from elsewhere: it works without the internet."""

from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

router = APIRouter(include_in_schema=False)
STATIC = files("fastapi_offline") / "static"
KINDS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
_KEPT = {"Cache-Control": "public, max-age=86400"}

_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>API · rhoscope</title>
    <link rel="icon" href="docs/favicon.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
});
"""
"""The validator would be another host's."""


@router.get("/docs")
def show_docs() -> HTMLResponse:
    """The page; its addresses are relative, so that it works under any path."""
    return HTMLResponse(_PAGE)


@router.get("/docs/{name}")
def load(name: str) -> Response:
    """A file of the page."""
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    if name not in KINDS:
        raise HTTPException(404, f"There is no file '{name[:100]}'.")
    return Response((STATIC / name).read_bytes(), media_type=KINDS[name], headers=_KEPT)
