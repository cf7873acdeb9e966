/* The head of the compare page: how many runs there are, and what can be done with all of them. */
import { el, say } from "../../lib/element.js";
import { copyText } from "../../lib/clipboard.js";
import { runCount } from "../../runs/facts.js";
import { reportButton } from "../../runs/report-dialog.js";
import { address } from "../../shell/address.js";
import { watchable } from "../runs/selection.js";

/** @import { Reported } from "../../runs/report-dialog.js" */

const SAID_MS = 2000;
const WATCH = "All of these runs, step by step";

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} act
 */
const button = (text, title, act) =>
  el("button", { type: "button", class: "button", title, onclick: act }, text);

/* Buttons beside the title. */
export class CompareHead {
  /** @param {{ pick: () => void, watch: () => void, report: () => Reported }} acts */
  constructor({ pick, watch, report }) {
    this.count = el("span", { class: "muted" });
    this.add = button("Add runs", "Search for runs to compare", pick);
    this.watch = button("Show curves", WATCH, watch);
    this.report = reportButton(report, () => `Comparison of ${this.count.textContent}`);
    this.link = button("Copy link", "A link to exactly this view", () => this._copy());
    this.picking(false);
    this.element = el(
      "header",
      { class: "section-head compare-head" },
      el("h2", {}, "Compare"),
      this.count,
      el("span", { class: "spacer" }),
      this.add,
      this.watch,
      this.report,
      this.link,
    );
  }

  /** @param {boolean} open whether the list of runs to add is */
  picking(open) {
    this.add.setAttribute("aria-expanded", String(open));
  }

  /**
   * @param {number} n runs that are compared
   * @param {number} ids runs that the address names
   */
  show(n, ids) {
    this.watch.hidden = this.report.hidden = this.link.hidden = !n;
    watchable(this.watch, ids, WATCH);
    say(this.count, n ? runCount(n) : "");
  }

  async _copy() {
    address.settle();
    try {
      await copyText(location.href);
      say(this.link, "Copied");
    } catch {
      say(this.link, "Copy it from the address bar");
    }
    setTimeout(() => say(this.link, "Copy link"), SAID_MS);
  }
}
