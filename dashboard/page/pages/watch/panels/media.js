/* Pictures, sounds, texts, and tables that a run's program shows, with a slider over its steps. */
import { ask } from "../../../api/ask.js";
import { seenAt, stepsOf } from "../../../data/items.js";
import { el, say } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";
import { within } from "../../../lib/prefix.js";
import { reason } from "../../../lib/reason.js";
import { Followed } from "./followed.js";

/** @import { Gallery, Shown } from "../../../api/schema.d.ts" */
/** @import { Record } from "../../../data/record.js" */
/** @import { Panel } from "./index.js" */

const EVERY_MS = 5000;
const ROWS = 100; /* of a table at first */
const CHARACTERS = 20_000;
const NONE = "Nothing is shown yet: run.media(name, value) shows pictures, sounds, texts, and tables here.";

/** @typedef {{ columns: string[], rows: unknown[][] }} Cells */

/**
 * A table's cells as a table.
 * @param {Cells} cells
 */
function tableOf({ columns, rows }) {
  const row = (/** @type {unknown[]} */ cells) =>
    el("tr", {}, ...cells.map((cell) => el("td", {}, String(cell ?? ""))));
  const head = el("tr", {}, ...columns.map((name) => el("th", { scope: "col" }, name)));
  const more = rows.length - ROWS;
  return el(
    "div",
    { class: "details-frame" },
    el(
      "table",
      { class: "details-table" },
      el("thead", {}, head),
      el("tbody", {}, ...rows.slice(0, ROWS).map(row)),
    ),
    more > 0 ? el("p", { class: "muted" }, `And ${whole(more)} more rows.`) : "",
  );
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
    /** What is shown, by digest: it is not built anew with every step. @type {Map<string, HTMLElement>} */
    this.figures = new Map();
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
    if (this.alive()) this._take(items);
  }

  /** @param {Shown[]} items */
  _take(items) {
    const at = this.steps[Number(this.slider.value)];
    this.items = items;
    this.steps = stepsOf(items);
    say(this.note, items.length ? "" : NONE);
    this.note.hidden = items.length > 0;
    this.head.hidden = this.steps.length < 2;
    this.slider.max = String(Math.max(0, this.steps.length - 1));
    const kept = this.follows ? -1 : this.steps.indexOf(at);
    this.slider.value = String(kept < 0 ? this.steps.length - 1 : kept);
    this._show();
  }

  _moved() {
    this.follows = Number(this.slider.value) === this.steps.length - 1;
    this._show();
  }

  _show() {
    const step = this.steps[Number(this.slider.value)] ?? 0;
    say(this.place, `step ${whole(step)}`);
    this.slider.setAttribute("aria-valuetext", `step ${whole(step)}`);
    this.body.replaceChildren(...seenAt(this.items, step).map((item) => this._figure(item)));
  }

  /** @param {Shown} item */
  _figure(item) {
    const key = `${item.name} ${item.digest} ${item.step}`;
    const figure = this.figures.get(key) ?? el(
      "figure",
      { class: `media-item media-${item.kind}` },
      el(
        "figcaption",
        {},
        el("strong", {}, item.name),
        el("span", { class: "muted" }, ` step ${whole(item.step)}`),
        item.caption ? el("p", {}, item.caption) : "",
      ),
      this._content(item),
    );
    this.figures.set(key, figure);
    return figure;
  }

  /** @param {Shown} item */
  _content(item) {
    const source = within(`/api/v1${this.path}/${item.digest}`);
    if (item.kind === "image") {
      return el("img", { src: source, alt: item.caption || item.name, loading: "lazy" });
    }
    if (item.kind === "sound") {
      return el("audio", { src: source, controls: true, preload: "none", "aria-label": item.name });
    }
    const holder = el("div", {}, el("p", { class: "muted" }, "Loading …"));
    this._fill(holder, item, source);
    return holder;
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
      if (item.kind === "table") holder.replaceChildren(tableOf(await answer.json()));
      else {
        const text = (await answer.text()).slice(0, CHARACTERS);
        holder.replaceChildren(
          el("pre", { class: "code log", tabindex: "0", "aria-label": item.name }, text),
        );
      }
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
