"""The page's own program and style as one file each, of `dashboard/assets/` in the order of the names.

A hundred small files would cost a hundred answers before the first curve.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

ASSETS = Path(__file__).parent / "assets"
IGNORED = r".*\.(js|css)$"
"""What Dash shall not put into the page by itself."""
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@dataclass(frozen=True)
class Bundle:
    """All assets of a kind; the path changes with the content, so that browsers may keep it."""

    path: str
    body: bytes
    media_type: str

    @classmethod
    def of(cls, suffix: str, media_type: str) -> "Bundle":
        """Those whose names end like this."""
        parts = [file.read_bytes() for file in sorted(ASSETS.glob(f"*.{suffix}"))]
        body = b"\n".join(parts)
        return cls(f"/bundle/{sha256(body).hexdigest()[:16]}.{suffix}", body, media_type)


def bundles() -> tuple[Bundle, Bundle]:
    """The script and the style, as the files are now."""
    return Bundle.of("js", "text/javascript"), Bundle.of("css", "text/css")


def routes(*served: Bundle) -> APIRouter:
    """What answers at their paths."""
    router = APIRouter(include_in_schema=False)
    for bundle in served:

        def answer(body: bytes = bundle.body, kind: str = bundle.media_type) -> Response:
            return Response(body, media_type=kind, headers=_FOREVER)

        router.add_api_route(bundle.path, answer, methods=["GET"])
    return router
