"""What axe-core finds wrong with a page. Only that is asked for: a list of all that is right takes longer.

Contrast takes milliseconds a text, and a page has hundreds that look alike: of each look one is measured.
"""

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CONTRAST = "color-contrast"
MARK = "data-contrast-is-measured"
LOOKS = """() => {
  const STYLES = ["color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight"];
  const looks = new Map([[null, ""]]);
  const look = (one) => {
    if (!looks.has(one)) {
      const style = getComputedStyle(one);
      const own = STYLES.map((name) => style[name]);
      looks.set(one, `${look(one.parentElement)} > ${one.tagName} ${one.className} ${own}`);
    }
    return looks.get(one);
  };
  const speaks = (one) =>
    one.getClientRects().length > 0 &&
    (one.matches("input, select, textarea") ||
      [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()));
  const texts = [...document.body.querySelectorAll("*")].filter(speaks);
  return [...new Map(texts.map((one) => [look(one), one])).values()];
}"""
"""One element with a text for each look: that of all it is in, and its own."""
RUN = f"""async (rules) => {{
  const checked = rules.some((one) => ["{CONTRAST}", "wcag2aa"].includes(one)) ? ({LOOKS})() : [];
  axe.configure({{ rules: [{{ id: "{CONTRAST}", selector: "[{MARK}]" }}] }});
  checked.forEach((one) => one.setAttribute("{MARK}", ""));
  const result = await axe.run({{ resultTypes: ["violations"], runOnly: rules }});
  checked.forEach((one) => one.removeAttribute("{MARK}"));
  return result.violations;
}}"""
"""All rules in one pass, because axe describes the whole page to itself before each."""


def violations(page: Page, rules: Sequence[str] = RULES) -> list[tuple[str, str, str]]:
    """Impact, rule, and the beginning of the first element of each."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    result = page.evaluate(RUN, list(rules))
    return [(one["impact"], one["id"], one["nodes"][0]["html"][:120]) for one in result]
