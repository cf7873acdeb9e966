"""The tree of all pages beside each page, from titles alone.

It shows no headings, but Sphinx would copy those of all pages for every page, and drop them only then: a
quarter of the time that building takes.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

FIRST = 400
"""Before the theme, which is at 500, builds the tree."""


def shorten(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _document: Any) -> None:
    """Let the theme build the tree of a page from less."""
    whole: Callable[..., str] = context["toctree"]

    def toctree(**options: Any) -> str:
        if not options.get("titles_only"):
            return whole(**options)
        headings, app.env.tocs = app.env.tocs, titles(app.env)
        try:
            return whole(**options)
        finally:
            app.env.tocs = headings

    context["toctree"] = toctree


@cache
def titles(env: BuildEnvironment) -> dict[str, nodes.bullet_list]:
    """Each page's title, with the trees of pages under it."""
    return {page: _title(headings) for page, headings in env.tocs.items()}


def _title(headings: nodes.bullet_list) -> nodes.bullet_list:
    result = headings.copy()
    for item in (one for one in headings.children if isinstance(one, nodes.Element)):
        short = item.copy()
        short += item[0].deepcopy()
        if trees := list(item.findall(addnodes.toctree)):
            short += nodes.bullet_list("", *(tree.deepcopy() for tree in trees))
        result += short
    return result
