"""The page's own program and style, as `dashboard/bundle.js` made them of `dashboard/page/`."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

STATIC = Path(__file__).parent / "static"
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@dataclass(frozen=True)
class Bundle:
    """One file; the path changes with the content, so that browsers may keep it."""

    path: str
    body: bytes
    media_type: str

    @classmethod
    def of(cls, name: str, media_type: str) -> "Bundle":
        """The file of this name."""
        body = (STATIC / name).read_bytes()
        return cls(f"/bundle/{sha256(body).hexdigest()[:16]}/{name}", body, media_type)


SCRIPT = Bundle.of("page.js", "text/javascript")
LOGIN_SCRIPT = Bundle.of("login.js", "text/javascript")
STYLE = Bundle.of("page.css", "text/css")


def routes() -> APIRouter:
    """Routes that serve the bundles at their paths."""
    router = APIRouter(include_in_schema=False)
    for bundle in (SCRIPT, LOGIN_SCRIPT, STYLE):

        def answer(body: bytes = bundle.body, kind: str = bundle.media_type) -> Response:
            return Response(body, media_type=kind, headers=_FOREVER)

        router.add_api_route(bundle.path, answer, methods=["GET"])
    return router
