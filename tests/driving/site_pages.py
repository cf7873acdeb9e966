"""A built site: its pages with what they link to, what they load, and the anchors they have."""

from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
"""Attributes by which an element loads something."""
FETCHED = {"stylesheet", "icon", "preload", "modulepreload", "manifest", "preconnect", "dns-prefetch"}
"""Relations of `link` by which a browser contacts a server."""


@dataclass
class PageLinks:
    """The links, assets, and anchors of one page."""

    links: list[str] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


@dataclass
class Site:
    """A folder of HTML pages, and the processor time that building it took."""

    folder: Path
    seconds: float

    @cached_property
    def pages(self) -> dict[Path, PageLinks]:
        """Every page by its path."""
        return {path: read(path.read_text()) for path in sorted(self.folder.rglob("*.html"))}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = PageLinks()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.page.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.page.links.append(given["href"])
        elif tag == "link" and FETCHED & set(given.get("rel", "").split()):
            self.page.assets.append(given.get("href", ""))
        elif tag in LOADED and LOADED[tag] in given:
            self.page.assets.append(given[LOADED[tag]])


def read(html: str) -> PageLinks:
    """The links, assets, and anchors in the HTML of a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.page
