"""Looks at pages of many runs: how long each takes, what it requests, and what the page holds then."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.rig.browser import fresh

WATCHED = """
window.until = (ready) => new Promise((resolve) => {
  (function look() {
    if (ready()) requestAnimationFrame(() => resolve(performance.now()));
    else requestAnimationFrame(look);
  })();
});
window.indexed = () =>
  performance.getEntriesByType('resource').filter((e) => e.name.includes('/runs/index')).length;
window.filled = (seen) => () =>
  indexed() > seen && !document.querySelector('.run-awaited') &&
  document.querySelector('.runs-body .run-row, .table-card .empty:not([hidden])');
performance.setResourceTimingBufferSize(5000);
"""
SIZES = """() => performance.getEntriesByType('resource')
  .filter((e) => e.name.includes('/api/v1/')).map((e) => e.decodedBodySize)"""
COMPARED = """() => until(() => {
  const cards = [...document.querySelectorAll('.charts .card, .charts > *')].filter((card) => {
    const { top, bottom } = card.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
  return document.querySelector('.compare-table td') && cards.length &&
    cards.every((card) => card.querySelector('.u-over'));
})"""
CLICK = """async ([head]) => {
  const button = [...document.querySelectorAll('.head-button')].find((one) => one.textContent === head);
  const [seen, began] = [indexed(), performance.now()];
  button.click();
  return await until(filled(seen)) - began;
}"""
FILTER = """async ([text]) => {
  const field = document.querySelector('.runs-toolbar input[type=search], .runs-toolbar input');
  const [seen, began] = [indexed(), performance.now()];
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  return await until(filled(seen)) - began;
}"""
SCROLL = """async () => {
  const frame = document.querySelector('.runs-frame');
  const began = performance.now();
  if (frame.scrollHeight > frame.clientHeight + 1) frame.scrollTop = frame.scrollHeight / 2;
  else scrollTo(0, document.body.scrollHeight / 2);
  await new Promise(requestAnimationFrame);
  return await until(filled(-1)) - began;
}"""


@dataclass(frozen=True)
class Look:
    """Milliseconds until all was there and of the main thread, requests of the API, their bytes, the heap."""

    what: str
    ms: float
    busy_ms: float
    requests: int
    size: int
    heap: float


class Visit:
    """A page in a browser without a cache, and what it costs from act to act."""

    def __init__(self, page: Page, session: CDPSession, *, collects: bool) -> None:
        """With `collects` no heap holds garbage; a page compiles its programs again after each collection."""
        self.page, self._session, self._collects = page, session, collects
        self._busy, self._requests, self._size = 0.0, 0, 0

    def look(self, what: str, ms: float) -> Look:
        """What was spent since the look before."""
        sizes = self.page.evaluate(SIZES)
        busy = 1000 * self._metric("TaskDuration")
        before = self._busy, self._requests, self._size
        self._busy, self._requests, self._size = busy, len(sizes), sum(sizes)
        if self._collects:
            self._session.send("HeapProfiler.collectGarbage")
        heap = self._metric("JSHeapUsedSize")
        return Look(what, ms, busy - before[0], len(sizes) - before[1], self._size - before[2], heap)

    def _metric(self, name: str) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == name))


@contextmanager
def visit(browser: Browser, url: str, *, collects: bool = True) -> Iterator[Visit]:
    """Go there."""
    with fresh(browser) as page:
        page.set_default_timeout(60_000)
        page.add_init_script(WATCHED)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        page.goto(url, wait_until="commit")
        yield Visit(page, session, collects=collects)


def table(browser: Browser, url: str, *, brief: bool) -> Iterator[Look]:
    """The table of runs: opened, sorted by each kind of column, filtered, and scrolled far down.

    `brief` is for who needs no heaps: their garbage stays.
    """
    with visit(browser, url, collects=not brief) as here:
        page = here.page
        yield here.look("table, opened", page.evaluate("() => until(filled(0))"))
        page.wait_for_timeout(500)
        here.look("", 0)
        for head in ("Run", "Best val."):
            yield here.look(f"table, sorted by {head}", page.evaluate(CLICK, [head]))
        for what, text in (("many", "ogm"), ("few", "best>0.93"), ("none", "zebra"), ("all", "")):
            yield here.look(f"table, filtered: {what} left", page.evaluate(FILTER, [text]))
        yield here.look("table, scrolled to the middle", page.evaluate(SCROLL))


def compare(browser: Browser, url: str) -> Look:
    """Runs side by side, until the table and the first charts stand."""
    with visit(browser, url) as here:
        return here.look("Compare, opened", here.page.evaluate(COMPARED))


def watch(browser: Browser, url: str, ids: Sequence[str]) -> Look:
    """Runs over each other, until each is drawn on every chart that is on the screen."""
    ready = (
        "(count) => until(() => { const runs = Object.values(window.rhoscope?.stats.runs ?? {}); "
        "return !document.querySelector('[data-settling]') && "
        "runs.filter((one) => one.drawn >= 0).length === count; })"
    )
    with visit(browser, url) as here:
        return here.look("Watch, opened", here.page.evaluate(ready, len(ids)))
