/* How much of an encoder's gradient its coefficient k leaves. */
import { el, say } from "../lib/element.js";

/** @import { Record } from "../data/record.js" */

export class Gauge {
  /**
   * @param {string} modality
   * @param {string} color
   */
  constructor(modality, color) {
    this.modality = modality;
    this.fill = el("span", { class: "needle-fill", style: `background:${color}` });
    this.value = el("span", { class: "legend-value" });
    this.element = el(
      "span",
      { class: "needle-k" },
      el("span", { class: "needle-k-name", style: `--modality:${color}` }, modality),
      el("span", { class: "muted" }, "k"),
      el("span", { class: "needle-gauge", "aria-hidden": "true" }, this.fill),
      this.value,
    );
  }

  /**
   * @param {Record} record
   * @param {number | null} step null: the newest
   */
  paint(record, step) {
    const name = `k.${this.modality}`;
    const reading = step === null
      ? record.series.get(name)?.last()
      : record.best(name, step, step)?.at(Math.round(step));
    const k = reading?.mean ?? NaN;
    this.fill.style.width = `${Number.isFinite(k) ? 100 * Math.min(1, Math.max(0, k)) : 0}%`;
    say(this.value, reading ? k.toFixed(2) : "–");
  }
}
