/* Pictures, sounds, texts, and tables that a run's program shows, with a slider over its steps. */
import { ask } from "../../../api/ask.js";
import { seenAt, stepsOf } from "../../../data/items.js";
import { el, say } from "../../../lib/element.js";
import { number, whole } from "../../../lib/numbers.js";
import { within } from "../../../lib/prefix.js";
import { reason } from "../../../lib/reason.js";
import { Followed } from "./followed.js";

/** @import { Gallery, Shown } from "../../../api/schema.d.ts" */
/** @import { Record } from "../../../data/record.js" */
/** @import { Panel } from "./index.js" */

const EVERY_MS = 5000;
const ROWS = 100; /* of a table at first */
const CHARACTERS = 20_000;
const AT_ONCE = Promise.resolve();
const NONE = "Nothing is shown yet: run.media(name, value) shows pictures, sounds, texts, and tables here.";

/** @typedef {{ columns: string[], rows: unknown[][] }} Cells */

/** @typedef {{ element: HTMLElement, filled: Promise<void> }} Figure */

/**
 * Whether it has rows of its own: these come after what stands side by side.
 * @param {Pick<Shown, "kind">} item
 */
const isWide = ({ kind }) => kind === "table" || kind === "text";

/**
 * A table's cells as a table that scrolls in itself. Numbers are shortened; a hover shows all their digits.
 * @param {string} name
 * @param {Cells} cells
 */
function tableOf(name, { columns, rows }) {
  const row = (/** @type {unknown[]} */ cells) => el("tr", {}, ...cells.map(cellOf));
  const shown = rows.slice(0, ROWS);
  const numeric = columns.map((_, i) => shown.every((cells) => typeof (cells[i] ?? 0) === "number"));
  const head = columns.map((column, i) =>
    el("th", { scope: "col", class: numeric[i] ? "c-num" : "" }, column)
  );
  const more = rows.length - ROWS;
  return el(
    "div",
    { class: "details-frame media-frame", tabindex: "0", role: "group", "aria-label": name },
    el(
      "table",
      { class: "details-table" },
      el("thead", {}, el("tr", {}, ...head)),
      el("tbody", {}, ...shown.map(row)),
    ),
    more > 0 ? el("p", { class: "muted" }, `And ${whole(more)} more rows.`) : "",
  );
}

/**
 * @param {string} name
 * @param {string} text
 */
const textOf = (name, text) =>
  el(
    "pre",
    { class: "code log", tabindex: "0", role: "group", "aria-label": name },
    text.slice(0, CHARACTERS),
  );

/** @param {unknown} cell */
function cellOf(cell) {
  if (typeof cell !== "number") return el("td", {}, String(cell ?? ""));
  const text = Number.isInteger(cell) ? String(cell) : number(cell);
  return el("td", { class: "c-num", title: String(cell) }, text);
}

class Media extends Followed {
  /**
   * @param {Record} record
   * @param {HTMLElement} root
   * @param {() => boolean} alive
   */
  constructor(record, root, alive) {
    super(record, root, alive, EVERY_MS);
    /** @type {Shown[]} */
    this.items = [];
    /** @type {number[]} */
    this.steps = [];
    this.follows = true; /* the newest step, until the reader moves the slider */
    /** What is shown, by digest: it is not built anew with every step. @type {Map<string, Figure>} */
    this.figures = new Map();
    this.turn = 0;
    this.slider = el("input", {
      type: "range",
      min: "0",
      "aria-label": "Step of what is shown",
      oninput: () => this._moved(),
    });
    this.place = el("output", { class: "muted" });
    this.head = el("div", { class: "fold-head media-head", hidden: true }, this.slider, this.place);
    this.body = el("div", { class: "media-items" });
    say(this.note, "Loading …");
    root.classList.add("media-panel");
    root.replaceChildren(this.head, this.body, this.note);
  }

  get path() {
    return `/runs/${encodeURIComponent(this.record.id)}/media`;
  }

  /** @override */
  async load() {
    /** @type {Gallery} */
    const { items } = await ask(this.path);
    if (this.alive()) await this._take(items);
  }

  /** @param {Shown[]} items */
  async _take(items) {
    const at = this.steps[Number(this.slider.value)];
    this.items = items;
    this.steps = stepsOf(items);
    say(this.note, items.length ? "" : NONE);
    this.note.hidden = items.length > 0;
    this.head.hidden = this.steps.length < 2;
    this.slider.max = String(Math.max(0, this.steps.length - 1));
    const kept = this.follows ? -1 : this.steps.indexOf(at);
    this.slider.value = String(kept < 0 ? this.steps.length - 1 : kept);
    await this._show();
  }

  _moved() {
    this.follows = Number(this.slider.value) === this.steps.length - 1;
    this._show();
  }

  /** What was there stays until all of another step is: a text that is still being read has no size yet. */
  async _show() {
    const turn = ++this.turn;
    const step = this.steps[Number(this.slider.value)] ?? 0;
    say(this.place, `step ${whole(step)}`);
    this.slider.setAttribute("aria-valuetext", `step ${whole(step)}`);
    const items = seenAt(this.items, step).toSorted((a, b) => Number(isWide(a)) - Number(isWide(b)));
    const figures = items.map((item) => this._figure(item));
    await Promise.all(figures.map(({ filled }) => filled));
    if (turn === this.turn) this.body.replaceChildren(...figures.map(({ element }) => element));
  }

  /**
   * @param {Shown} item
   * @returns {Figure}
   */
  _figure(item) {
    const key = `${item.name} ${item.digest} ${item.step}`;
    const known = this.figures.get(key);
    if (known) return known;
    const { content, filled } = this._content(item);
    const caption = el(
      "figcaption",
      {},
      el("strong", {}, item.name),
      el("span", { class: "muted" }, ` step ${whole(item.step)}`),
      item.caption ? el("p", {}, item.caption) : "",
    );
    const element = el("figure", { class: `media-item media-${item.kind}` }, caption, content);
    this.figures.set(key, { element, filled });
    return { element, filled };
  }

  /** @param {Shown} item */
  _content(item) {
    const source = within(`/api/v1${this.path}/${item.digest}`);
    if (item.kind === "image") {
      const alt = item.caption || item.name;
      return { content: el("img", { src: source, alt, loading: "lazy" }), filled: AT_ONCE };
    }
    if (item.kind === "sound") {
      const more = { src: source, controls: true, preload: "none" };
      return { content: el("audio", { ...more, "aria-label": item.name }), filled: AT_ONCE };
    }
    const holder = el("div");
    return { content: holder, filled: this._fill(holder, item, source) };
  }

  /**
   * Texts and tables are read, and shown as what they are: nothing in them is markup.
   * @param {HTMLElement} holder
   * @param {Shown} item
   * @param {string} source
   */
  async _fill(holder, item, source) {
    try {
      const answer = await fetch(source);
      if (!answer.ok) throw new Error(`The API answered ${answer.status}.`);
      holder.replaceChildren(
        item.kind === "table"
          ? tableOf(item.name, await answer.json())
          : textOf(item.name, await answer.text()),
      );
    } catch (error) {
      holder.replaceChildren(el("p", { class: "reason" }, reason(error)));
    }
  }
}

/** @type {Panel} */
export const mediaPanel = {
  name: "media",
  title: "Media",
  open: (record, root, alive) => new Media(record, root, alive),
};
