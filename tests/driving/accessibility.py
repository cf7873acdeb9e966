"""What axe-core finds wrong with a page. Only that is asked for: a list of all that is right takes longer."""

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def violations(page: Page, rules: Sequence[str] = RULES) -> list[tuple[str, str, str]]:
    """Impact, rule, and the beginning of the first element of each."""
    options = {"runOnly": list(rules), "resultTypes": ["violations"]}
    result = Axe().run(page, options=options).response["violations"]
    return [(one["impact"], one["id"], one["nodes"][0]["html"][:120]) for one in result]
