/* One run of many, in a line of the list. */
import { el, icon, say } from "../../lib/element.js";
import { number } from "../../lib/numbers.js";
import { Chip } from "../../runs/chip.js";
import { showName } from "../../runs/names.js";
import { badge } from "../../runs/state.js";

/** @import { Run } from "../../api/schema.d.ts" */
/** @import { Colors } from "../../charts/colors.js" */
/** @import { Record } from "../../data/record.js" */

const PAUSE_MS = 300; /* values are written no oftener */

/** A run in a line, with the interface of a chip. What a chip offers comes when the line is opened. */
export class Row {
  /**
   * @param {Record} record
   * @param {string} color
   * @param {(event: MouseEvent) => void} toggle shows or hides the run's lines
   */
  constructor(record, color, toggle) {
    this.record = record;
    this.color = color;
    this.toggle = toggle;
    this.series = ""; /* whose newest value is shown */
    this.written = -Infinity; /* when a value was */
    this.refused = "";
    /** @type {Chip | null} */
    this.chip = null;
    this.swatch = el("button", {
      type: "button",
      class: "swatch",
      "aria-pressed": "true",
      title: "Show or hide; Alt-click shows only this one",
      onclick: toggle,
    });
    this.name = el("span", { class: "run-name" }, record.id);
    this.value = el("span", { class: "row-value" }, "–");
    this.badge = badge("loading");
    this.more = el("button", {
      type: "button",
      class: "icon-button",
      "aria-expanded": "false",
      "aria-label": "More of this run",
      onclick: () => this._open(),
    }, icon("more"));
    this.line = el("div", { class: "row-line" }, this.swatch, this.name, this.value, this.badge, this.more);
    this.element = el("li", { class: "row", "data-run": record.id }, this.line);
    this.paint(color);
  }

  _open() {
    if (this.chip) {
      this.chip.element.remove();
      this.chip = null;
    } else {
      this.chip = this._chip();
      this.element.append(this.chip.element);
    }
    const open = this.chip !== null;
    this.more.setAttribute("aria-expanded", String(open));
    this.element.classList.toggle("row-open", open);
  }

  _chip() {
    const chip = new Chip(this.record, this.color, this.toggle);
    if (this.record.run) chip.update(this.record.run);
    if (this.refused) chip.refuse(this.refused);
    return chip;
  }

  /** @param {string} color */
  paint(color) {
    this.color = color;
    this.element.style.setProperty("--run", color);
    this.chip?.paint(color);
  }

  /** @param {boolean} shown */
  shown(shown) {
    this.element.classList.toggle("run-hidden", !shown);
    this.swatch.setAttribute("aria-pressed", String(shown));
    this.chip?.shown(shown);
  }

  /** @param {string} text */
  refuse(text) {
    this.refused = text;
    this.badge.dataset.state = "failed";
    say(this.badge, "unknown");
    this.badge.title = text;
    this.chip?.refuse(text);
  }

  /** @param {Run} run */
  update(run) {
    showName(this.name, this.record.label || run.name);
    this.name.title = `${run.name} (${run.id})`;
    this.swatch.setAttribute("aria-label", `Show or hide ${run.name}`);
    this.more.setAttribute("aria-label", `More of ${run.name}`);
    say(this.badge, run.state);
    this.badge.dataset.state = run.state;
    this.chip?.update(run);
  }

  /**
   * Show the newest value of another series.
   * @param {string} name
   */
  choose(name) {
    this.series = name;
    this.written = -Infinity;
  }

  /**
   * Show the newest value.
   * @param {Colors} colors
   * @param {boolean} single
   */
  balance(colors, single) {
    const now = performance.now();
    if (now - this.written < PAUSE_MS) return;
    this.written = now;
    const last = this.record.series.get(this.series)?.last();
    say(this.value, last ? number(last.mean) : "–");
    this.chip?.balance(colors, single);
  }

  /**
   * Whether its name, state or settings contain every word.
   * @param {string[]} words
   */
  fits(words) {
    const { run, id } = this.record;
    const settings = Object.entries(run?.settings ?? {}).map((pair) => pair.join("="));
    const text = [run ? `${run.name} ${run.state}` : `${id} `, ...settings].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  }
}
