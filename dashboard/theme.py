"""The look: one accent, quiet grays, and a page that knows light from dark before it paints."""

import re
from html import escape
from typing import Any

from dashboard.bundle import STYLE

FONT = (
    "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', "
    "'Liberation Sans', Arial, sans-serif"
)
MONO = "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'Liberation Mono', monospace"

ACCENT = [
    "#eef2ff", "#e0e7ff", "#c7d2fe", "#a5b4fc", "#818cf8",
    "#6366f1", "#4f46e5", "#4338ca", "#3730a3", "#312e81",
]  # fmt: skip
DARK = [
    "#e4e6ec", "#c3c7d1", "#9ba1b0", "#6f7686", "#3b4150",
    "#2b303c", "#21252f", "#191c24", "#13151c", "#0d0f14",
]  # fmt: skip

MANTINE: dict[str, Any] = {
    "primaryColor": "accent",
    "primaryShade": 6,
    "colors": {"accent": ACCENT, "dark": DARK},
    "fontFamily": FONT,
    "fontFamilyMonospace": MONO,
    "defaultRadius": "md",
    "cursorType": "pointer",
    "respectReducedMotion": True,
    "headings": {"fontFamily": FONT, "fontWeight": "650"},
}

SCHEME_SCRIPT = """
      (function () {
        var saved = null;
        try { saved = localStorage.getItem("mantine-color-scheme-value"); } catch (refused) {}
        var system = matchMedia("(prefers-color-scheme: dark)").matches;
        var dark = saved === "dark" || (saved !== "light" && system);
        document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
      })();
    """
"""Sets the color scheme before the first paint, from the same place where Mantine keeps the choice."""

HEAD = f"""<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
    <script>{SCHEME_SCRIPT}</script>"""
"""Of every document."""


def under(base: str, document: str) -> str:
    """The document with its own addresses, `/...`, under a path.

    >>> under("/rho/", '<a href="/watch"> <script src="/bundle/x.js"> <a href="//other">')
    '<a href="/rho/watch"> <script src="/rho/bundle/x.js"> <a href="//other">'
    """
    return re.sub(r'\b(href|src)="/(?!/)', rf'\1="{base}', document)


def missing(path: str) -> str:
    """The whole document for an address without a page."""
    return f"""<!DOCTYPE html>
<html lang="en">
  <head>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Not found · rhoscope</title>
    {HEAD}
    <link rel="stylesheet" href="{STYLE.path}">
  </head>
  <body>
    <main class="page empty">
      <h1>There is no such page</h1>
      <p>There is nothing at {escape(path)}.</p>
      <a class="text-link" href="/">Go to the runs</a>
    </main>
  </body>
</html>
"""


def login(script: str) -> str:
    """The whole document of the login; `script` shows what one can log in with, and sends it."""
    return f"""<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Log in · rhoscope</title>
    {HEAD}
    <link rel="stylesheet" href="{STYLE.path}">
  </head>
  <body class="login-page">
    <main class="card login">
      <div class="brand"><span class="logo" aria-hidden="true"></span><span>rhoscope</span></div>
      <h1>Log in</h1>
      <form id="login" hidden>
        <label data-way="password">Name
          <input name="name" autocomplete="username" autocapitalize="none" spellcheck="false"></label>
        <label data-way="password">Password
          <input name="password" type="password" autocomplete="current-password"></label>
        <label data-way="token">Token
          <input name="token" type="password" autocomplete="off"></label>
        <p class="muted small" data-way="token">The server's RHOSCOPE_API_TOKEN.</p>
        <p id="login-problem" class="reason" role="alert" hidden></p>
        <button class="button button-strong">Log in</button>
        <button id="other-way" type="button" class="button button-quiet" hidden></button>
      </form>
      <p id="no-way" hidden></p>
      <noscript>rhoscope draws live data in your browser and needs JavaScript.</noscript>
    </main>
    <script src="{script}"></script>
  </body>
</html>
"""
