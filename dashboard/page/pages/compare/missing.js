/* A notice of runs that are not compared: they do not exist, or they are too many. */
import { el } from "../../lib/element.js";

/* Hidden while there is nothing to report. */
export class Missing {
  /** @param {(ids: string[]) => void} drop leaves runs out */
  constructor(drop) {
    this.drop = drop;
    this.words = "";
    this.element = el("div", { class: "notice", role: "status", hidden: true });
  }

  /**
   * @param {string[]} ids of runs that do not exist
   * @param {string} cut the words where some are too many
   */
  show(ids, cut) {
    const none = ids.length === 1 ? "is no run" : "are no runs";
    const they = ids.length === 1 ? "it was" : "they were";
    const words = ids.length
      ? `There ${none} ${ids.join(", ")}: ${they} deleted, or the address is wrong.`
      : cut;
    if (this.words === words) return;
    this.words = words;
    this.element.hidden = !words;
    this.element.replaceChildren(el("span", {}, words), ...(ids.length ? [this._button(ids)] : []));
  }

  /** @param {string[]} ids */
  _button(ids) {
    return el("button", {
      type: "button",
      class: "button button-quiet",
      onclick: () => this.drop(ids),
    }, ids.length === 1 ? "Leave it out" : "Leave them out");
  }
}
