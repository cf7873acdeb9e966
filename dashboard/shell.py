"""The document of every page: the header, the place of the page, and Dash's program, which waits.

The header is there with the first bytes, and our own program draws a page as soon as it is read. Dash's
program is five times as large, and only the launch form needs it: `dashboard/page/dash.js` begins it there.
"""

import re
from html import escape

from dashboard.pages import PAGES
from dashboard.theme import HEAD

ENTRY = '<div id="dash" hidden>{%app_entry%}</div>'
"""Where Dash renders. The page that shows it takes it into itself, and puts it back when it is left."""

_ICON = '<span class="icon icon-{name}" aria-hidden="true"></span>'
_LINK = '<a class="nav-link" href="{path}">{title}</a>'
_SCHEME = (
    '<button type="button" class="scheme-button" data-scheme="{name}" title="{title}" aria-label="{title}">'
    + _ICON
    + "</button>"
)
_SCHEMES = {"light": "Light", "auto": "System", "dark": "Dark"}

_INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="description" content="Watch and steer the balance between modalities while a network trains.">
    <title>{%title%}</title>
    HEAD
    {%css%}
  </head>
  <body>
    <a class="skip-link" href="#page">Skip to content</a>
    <header class="header">
      <div class="header-row">
        <a class="brand" href="/"><span class="logo" aria-hidden="true"></span><span>rhoscope</span></a>
        <nav aria-label="Main">LINKS</nav>
        <div class="spacer"></div>
        <button id="show-shortcuts" type="button" class="icon-button" title="Keyboard shortcuts"
          aria-label="Keyboard shortcuts" aria-haspopup="dialog">?</button>
        <button id="views" type="button" class="icon-button" title="Saved views" aria-label="Saved views"
          aria-expanded="false">VIEWS</button>
        <button id="bell" type="button" class="icon-button bell" title="Notices and alerts"
          aria-label="Notices and alerts" aria-expanded="false">BELL<span id="bell-count" class="bell-count"
          hidden></span></button>
        <button id="account" type="button" class="button button-quiet account" hidden></button>
        <div id="connection" class="connection" role="status"><span class="dot"></span><span
          id="connection-text">Connecting</span></div>
        <div class="scheme" role="group" aria-label="Color scheme">SCHEMES</div>
      </div>
    </header>
    <main class="main">
      <div id="banner" class="banner" role="status" hidden></div>
      <div id="health" class="banner" role="status" hidden></div>
      <div id="page" tabindex="-1"></div>
    </main>
    ENTRY
    <noscript>rhoscope draws live data in your browser and needs JavaScript.</noscript>
    {%config%}
    <template id="dash-program">
      {%scripts%}
      {%renderer%}
    </template>
    <script src="SCRIPT"></script>
  </body>
</html>
"""


def index(script: str) -> str:
    """The document, as Dash fills it in; `script` is the address of our own program."""
    parts = {
        "HEAD": HEAD,
        "LINKS": "".join(
            _LINK.format(path=page.path, title=escape(page.title)) for page in PAGES if page.linked
        ),
        "VIEWS": _ICON.format(name="views"),
        "BELL": _ICON.format(name="bell"),
        "SCHEMES": "".join(_SCHEME.format(name=name, title=title) for name, title in _SCHEMES.items()),
        "ENTRY": ENTRY,
        "SCRIPT": script,
    }
    return re.sub("|".join(parts), lambda match: parts[match[0]], _INDEX)
