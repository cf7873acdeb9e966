/* A small bar with words below it: how much of something a worker uses. */
import { el, say } from "../../lib/element.js";

/* The bar and its words. */
export class Vital {
  constructor() {
    this.fill = el("div", { class: "bar-fill" });
    this.text = el("div", { class: "muted small" });
    this.bar = el("div", { class: "bar" }, this.fill);
    this.element = el("div", {}, this.bar, this.text);
  }

  /**
   * @param {number | null} share null where it is not known
   * @param {string} words
   */
  show(share, words) {
    this.bar.hidden = share === null;
    this.fill.style.width = `${100 * (share ?? 0)}%`;
    say(this.text, words || "–");
  }
}
