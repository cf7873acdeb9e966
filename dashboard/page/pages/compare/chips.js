/* The lines of a comparison by name: hidden, shown or left out by a click. */
import { lineKey } from "../../bands/card.js";
import { el } from "../../lib/element.js";
import { Idle } from "../../lib/idle.js";
import { repeated, runCount } from "../../runs/facts.js";

/** @import { Column } from "./entries.js" */

const FIRST = 80; /* chips that come at once: more than are seen without scrolling */

/**
 * @typedef {object} Acts
 * @property {(column: Column) => void} hide hides its line, or shows it again
 * @property {(column: Column) => void} drop leaves its runs out
 * @property {(key: string) => void} light lets its line stand out; "": none does
 */

/* A chip for each column, made anew only where something differs. */
export class Chips {
  /** @param {Acts} acts */
  constructor(acts) {
    this.acts = acts;
    this.shape = "";
    this.rest = new Idle(); /* what is to be scrolled to comes once nothing else is to be drawn */
    this.element = el("ul", { class: "compare-chips", "aria-label": "Lines" });
  }

  /** @param {Column[]} columns */
  show(columns) {
    const shape = JSON.stringify(
      columns.map(({ key, label, color, hidden, runs }) => [key, label, color, hidden, runs.length]),
    );
    if (shape === this.shape) return;
    const first = this.shape ? columns : columns.slice(0, FIRST);
    this.shape = shape;
    this.rest.cancel();
    if (first.length < columns.length) {
      this.rest.ask(() => this.element.append(...columns.slice(FIRST).map((column) => this._chip(column))));
    }
    const { activeElement } = document;
    const key = activeElement instanceof HTMLElement ? activeElement.dataset.key : undefined;
    this.element.replaceChildren(...first.map((column) => this._chip(column)));
    if (!key) return;
    const again = this.element.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (again instanceof HTMLElement) again.focus();
  }

  /** @param {Column} column */
  _chip(column) {
    const light = () => this.acts.light(column.key);
    const dim = () => this.acts.light("");
    return el(
      "li",
      {
        class: column.hidden ? "compare-chip chip-hidden" : "compare-chip",
        onmouseenter: light,
        onmouseleave: dim,
      },
      el(
        "button",
        {
          type: "button",
          class: "chip-name",
          "aria-pressed": String(!column.hidden),
          "data-key": column.key,
          title: `${column.title}: ${column.hidden ? "show" : "hide"} its line`,
          onclick: () => this.acts.hide(column),
          onfocus: light,
          onblur: dim,
        },
        lineKey(column),
        el("span", {}, column.label),
        column.alone ? null : el(
          "span",
          { class: "muted" },
          runCount(column.runs.length) + repeated(column.repeats?.length ?? 0),
        ),
      ),
      el("button", {
        type: "button",
        class: "chip-drop",
        "aria-label": `Leave out ${column.label}`,
        title: "Leave out",
        onclick: () => this.acts.drop(column),
      }, "×"),
    );
  }

  leave() {
    this.rest.cancel();
  }
}
