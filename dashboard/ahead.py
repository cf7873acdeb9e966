"""The first requests of a page, named in its document: a browser sends them while it reads the program.

They are those of the pages, to the letter (`dashboard/page/data/history.js`, `pages/runs/shelf.js`,
`pages/compare/subject.js` and `groups.js`): one that the page does not send is lost.
"""

import re
from collections.abc import Iterator
from contextvars import ContextVar
from html import escape
from urllib.parse import parse_qs, urlencode

from dashboard.proxy import PREFIX

FEW = 6
"""Runs of which each one's requests are named."""
MANY, CROWD, TOGETHER = 12, 30, 25
POINTS, FEWER, FEWEST = 1500, 600, 300
MOST_COMPARED = 200
ROWS = 40
"""Runs of the table whose contents come with its order."""
DRAWN = "rho.*,k.*,grad_norm_modulated.*,noise.*,loss,accuracy"
LIKELY = "val.accuracy,rho.*,k.*,loss,grad_norm.*"
BANDS = ((60, 80), (12, 150), (0, 300))
"""Runs beyond which each curve has this number of points."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LINK = '<link rel="preload" as="fetch" crossorigin="anonymous" href="{}">'

place: ContextVar[tuple[str, str]] = ContextVar("place", default=("/", ""))
"""Path and query of the present request."""


def links() -> str:
    """Elements for the head of the present request's document."""
    path, query = place.get()
    given = {name: values[0] for name, values in parse_qs(query).items()}
    return "\n    ".join(_LINK.format(escape(f"{PREFIX}{one}")) for one in _requests(path, given))


def _requests(path: str, given: dict[str, str]) -> Iterator[str]:
    runs = list(dict.fromkeys(filter(None, given.get("runs", "").split(","))))
    if path == "/" and not given.keys() & {"filter", "sort", "group"}:
        yield "/runs/index?sort=-created"
        yield f"/runs?sort=-created&limit={ROWS}"
    if not runs or not all(map(_ID.fullmatch, runs)):
        return
    if path == "/watch":
        yield from watched(runs, focus=given.get("focus", ""))
    if path == "/compare":
        yield from compared(runs[:MOST_COMPARED], given)


def compared(runs: list[str], given: dict[str, str]) -> Iterator[str]:
    """Addresses below the API's that Compare asks for first.

    >>> [one.partition("?")[0] for one in compared(["a", "b"], {})]
    ['/runs', '/groups']
    """
    yield f"/runs?{urlencode({'ids': ','.join(runs), 'limit': MOST_COMPARED})}"
    if given.keys() & {"by", "align", "series", "zoom", "base"}:
        return
    points = next(points for least, points in BANDS if len(runs) > least)
    about = {"runs": ",".join(runs), "by": "run", "whole": "k.*", "names": LIKELY}
    yield f"/groups?{urlencode(about | {'align': 'step', 'points': points, 'present': 'true'}, safe='*')}"


def watched(runs: list[str], focus: str = "") -> Iterator[str]:
    """Addresses below the API's that Watch asks for first; `focus` is the modality in the address.

    >>> list(watched(["a"]))
    ['/runs/a', '/runs/a/events', '/runs/a/series?points=1500']
    """
    if len(runs) <= FEW:
        for run in runs:
            yield from (f"/runs/{run}", f"/runs/{run}/events", f"/runs/{run}/series?points={POINTS}")
    if len(runs) > MANY:
        points = FEWEST if len(runs) > CROWD else FEWER
        for i in range(0, len(runs), TOGETHER):
            some = {"runs": ",".join(runs[i : i + TOGETHER]), "points": points}
            dense = {} if focus else {"dense": DRAWN}
            yield f"/runs/histories?{urlencode(some | dense, safe='*')}"
