/* The selected runs, and the bar of what can be done to all of them at once. */
import { el, say } from "../../lib/element.js";
import { whole } from "../../lib/numbers.js";
import { runCount } from "../../runs/facts.js";
import { go } from "../../shell/navigate.js";
import { Bulk } from "./bulk.js";
import { tagFields } from "./tag-fields.js";

/** @import { Run } from "../../api/schema.d.ts" */
/** @import { Orders } from "./bulk.js" */
/**
 * What the selection uses of the page.
 * @typedef {object} SelectionPage
 * @property {(one: string, other: string) => string[] | null} between
 *   the runs from one row to another, by their keys
 * @property {(id: string) => Run | null} run
 * @property {() => void} refresh
 * @property {() => void} changed
 */

const WATCHABLE = 100; /* the live connection takes no more */

/**
 * Enable a button that opens several runs together, if they are not too many.
 * @param {HTMLButtonElement} button
 * @param {number} n
 * @param {string} [title]
 */
export function watchable(button, n, title = "") {
  button.disabled = n > WATCHABLE;
  button.title = n > WATCHABLE ? `Up to ${WATCHABLE} runs` : title;
}

/**
 * @param {string} text
 * @param {() => void} act
 * @param {Record<string, string>} [more]
 */
const button = (text, act, more = {}) =>
  el("button", { type: "button", class: "button button-quiet", onclick: act, ...more }, text);

/* The ids of the selected runs, shown or not. */
export class Selection {
  /** @param {SelectionPage} page */
  constructor(page) {
    this.page = page;
    /** @type {Set<string>} */
    this.ids = new Set();
    this.last = ""; /* the key of the row that was selected last */
    /** @type {Bulk | null} */
    this.bulk = null;
    this.words = el("strong", { "aria-live": "polite" });
    this.together = button("Watch together", () => this._open("/watch?runs="), { id: "watch-together" });
    this.compare = button("Compare", () => this._open("/compare?runs="));
    this.element = el(
      "div",
      { class: "bulk-bar", role: "region", "aria-label": "Selected runs", hidden: true },
      this.words,
      this.together,
      this.compare,
      button("Tags", () => this._tag(), { class: "button button-quiet bulk-write" }),
      button("Stop", () => this._stop(), { class: "button button-quiet bulk-write" }),
      button("Delete", () => this._delete(), { class: "button button-quiet button-bad bulk-write" }),
      button("Clear selection", () => this.clear()),
    );
  }

  /** @param {string} id */
  has(id) {
    return this.ids.has(id);
  }

  /**
   * Select a row, or take it out. A run may have several rows, so that the row is known by its key.
   * @param {{ key: string, id: string }} row
   * @param {boolean} on
   * @param {boolean} [span] together with all rows since the last one
   */
  toggle({ key, id }, on, span = false) {
    const ids = (span && this.page.between(this.last, key)) || [id];
    this.last = key;
    this.set(ids, on);
  }

  /**
   * @param {string[]} ids
   * @param {boolean} on
   */
  set(ids, on) {
    for (const id of ids) {
      if (on) this.ids.add(id);
      else this.ids.delete(id);
    }
    this._changed();
  }

  clear() {
    this.ids.clear();
    this._changed();
  }

  /** @param {string} id of a run that was deleted */
  forget(id) {
    if (this.ids.delete(id)) this._changed();
  }

  /**
   * Tick the box of several runs: wholly, partly or not.
   * @param {HTMLInputElement} box
   * @param {string[]} ids
   */
  mark(box, ids) {
    const n = this.ids.size ? ids.reduce((sum, id) => sum + (this.ids.has(id) ? 1 : 0), 0) : 0;
    box.checked = n > 0 && n === ids.length;
    box.indeterminate = n > 0 && n < ids.length;
  }

  _changed() {
    const n = this.ids.size;
    this.element.hidden = n === 0;
    say(this.words, `${whole(n)} selected`);
    for (const opens of [this.together, this.compare]) watchable(opens, n);
    this.page.changed();
  }

  /** @param {string} place the address up to the ids */
  _open(place) {
    go(place + [...this.ids].join(","));
  }

  _stop() {
    const runs = runCount(this.ids.size);
    this._ask({
      title: `Stop ${runs}?`,
      text: "Each run stops at its next step and writes a checkpoint. Runs that have ended are not affected.",
      label: `Stop ${runs}`,
      outcome: "will stop",
      body: () => ({ act: "stop" }),
    });
  }

  _delete() {
    const runs = runCount(this.ids.size);
    this._ask({
      title: `Delete ${runs}?`,
      text: "Their curves, events and logs are deleted too. This can't be undone.",
      label: `Delete ${runs}`,
      outcome: "deleted",
      body: () => ({ act: "delete" }),
      danger: true,
    });
  }

  _tag() {
    const { element, body } = tagFields([...this.ids].flatMap((id) => this.page.run(id)?.tags ?? []));
    this._ask({
      title: `Tags of ${runCount(this.ids.size)}`,
      text: "",
      label: "Apply",
      outcome: "tagged",
      body,
      fields: element,
    });
  }

  /** @param {Orders} orders */
  _ask(orders) {
    this.bulk = new Bulk(orders, [...this.ids], {
      deleted: (ids) => this.set(ids, false),
      ended: () => this.page.refresh(),
    });
  }

  /* Another page: nothing goes on behind it. */
  leave() {
    this.bulk?.close();
  }
}
