"""The documentation site. `make docs` builds it; every warning is an error; reading it needs no network."""

import gc
import sys
from collections.abc import MutableSequence
from pathlib import Path

from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))

import generators
import navigation
import searching

import rhoscope

# Pages are trees that Sphinx keeps to the end: looking through millions of living nodes for garbage, again
# and again, takes a third of the time, and frees no more than a fifth of the memory.
gc.disable()

project = "rhoscope"
author = "the rhoscope developers"
version = release = rhoscope.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["screenshots/take.py"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

default_role = "code"  # docstrings write code in single backticks
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"

html_theme = "furo"
html_title = f"rhoscope {release}"
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # it would fetch pages, which a browser forbids for files
html_theme_options: dict[str, list[str]] = {"top_of_page_buttons": []}


def _fill(_app: Sphinx, _page: str, source: MutableSequence[str]) -> None:
    source[0] = generators.fill(source[0])


def setup(app: Sphinx) -> None:
    """Let the generators complete each page before it is parsed."""
    app.add_search_language(searching.English)
    app.connect("source-read", _fill)
    app.connect("html-page-context", navigation.shorten, priority=navigation.FIRST)
