/* The control of the median rule, which stops the runs of a sweep that fall behind. */
import { el } from "../../lib/element.js";

const DEFAULT = 5; /* epochs */

/* A box that switches the rule on, and the number of epochs after which it applies. */
export class MedianRule {
  /** @param {(epochs: number | null) => void} change called with null when the rule is switched off */
  constructor(change) {
    this.on = el("input", { type: "checkbox", class: "check", id: "median-rule" });
    this.after = el("input", {
      type: "number",
      class: "steps",
      min: "1",
      value: DEFAULT,
      "aria-label": "Epochs before the median rule",
    });
    this.on.addEventListener("change", () => change(this.on.checked ? this.epochs : null));
    this.after.addEventListener("change", () => this.on.checked && change(this.epochs));
    this.element = el(
      "div",
      {
        class: "median-rule",
        title:
          "Median rule: a run stops when its best validation accuracy is below the median of the other " +
          "runs' means up to the same step",
      },
      this.on,
      el("label", { for: "median-rule" }, "Stop runs below the median after"),
      this.after,
      el("span", {}, "epochs"),
    );
  }

  get epochs() {
    return Math.max(1, Math.round(Number(this.after.value) || 1));
  }

  /**
   * Show the rule as it is, unless the user is about to change it.
   * @param {number | null} epochs
   */
  show(epochs) {
    if (this.element.contains(document.activeElement)) return;
    this.on.checked = epochs !== null;
    if (epochs !== null) this.after.value = String(epochs);
  }
}
