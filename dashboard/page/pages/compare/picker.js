/* What the compare page is told: a list to search for runs, and lists of boxes behind a button. */
import { ask } from "../../api/ask.js";
import { el, say } from "../../lib/element.js";
import { ago } from "../../lib/times.js";
import { badge } from "../../runs/state.js";

const PAGE = 30;
const CALM_MS = 200;

/* Runs to add, newest first; found by a part of the name, a tag or a strategy. */
export class Picker {
  /* `toggle(run, chosen)`; `chosen()` are the ids there are. */
  constructor(toggle, chosen) {
    Object.assign(this, { toggle, chosen, asked: 0, boxes: new Map() });
    this.search = el("input", {
      type: "search",
      class: "compare-search",
      placeholder: "Name, tag or strategy",
      "aria-label": "Search runs by name, tag or strategy",
      oninput: () => this._later(),
    });
    this.list = el("ul", { class: "picker-list", "aria-label": "Runs, newest first" });
    this.none = el("p", { class: "muted", hidden: true });
    this.element = el(
      "section",
      { class: "card run-picker", "aria-label": "Add runs", hidden: true },
      this.search,
      this.list,
      this.none,
    );
  }

  open() {
    this.element.hidden = false;
    this.find();
  }

  _later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.find(), CALM_MS);
  }

  async find() {
    const asked = ++this.asked;
    const words = this.search.value.trim();
    const query = (filter) => ask(`/runs?${new URLSearchParams({ limit: PAGE, ...filter })}`);
    const filters = words
      ? [{ q: words }, { tag: words }, { strategy: words.toLowerCase().replaceAll(/[ _]/g, "-") }]
      : [{}];
    let pages;
    try {
      pages = await Promise.all(filters.map(query));
    } catch (error) {
      if (asked === this.asked) this._say(error.message);
      return;
    }
    if (asked !== this.asked) return;
    const found = new Map(pages.flatMap((page) => page.runs).map((run) => [run.id, run]));
    this._show([...found.values()].sort((a, b) => b.created - a.created).slice(0, PAGE), words);
  }

  _show(runs, words) {
    this.boxes.clear();
    this.list.replaceChildren(...runs.map((run) => this._row(run)));
    this._say(
      runs.length
        ? (runs.length === PAGE ? `The newest ${PAGE}; search for others.` : "")
        : words
        ? `No run has “${words}” in its name, or as its tag or strategy.`
        : "There is no run yet. Launch one on the first page.",
    );
    this.check();
  }

  _row(run) {
    const box = el("input", {
      type: "checkbox",
      class: "check",
      onchange: (event) => this.toggle(run.id, event.target.checked),
    });
    this.boxes.set(run.id, box);
    const about = [run.spec.strategy, run.spec.dataset, ...run.tags, ago(run.started ?? run.created)].join(
      " · ",
    );
    return el(
      "li",
      {},
      el(
        "label",
        {},
        box,
        el("span", { class: "picker-name" }, run.name),
        el("span", { class: "muted picker-about" }, about),
        badge(run.state),
      ),
    );
  }

  _say(text) {
    say(this.none, text);
    this.none.hidden = !text;
  }

  /* Boxes as the page has its runs. */
  check() {
    const there = new Set(this.chosen());
    for (const [id, box] of this.boxes) box.checked = there.has(id);
  }
}
