/* The head of a group: what its runs have in common, how many there are, and how good they became. */
import { el, say } from "../../lib/element.js";
import { repeated, runCount } from "../../runs/facts.js";
import { cell } from "./row.js";

/** @import { Group, Item } from "./order.js" */
/** @import { Selection } from "./selection.js" */
/**
 * What the head of a group uses of the page.
 * @typedef {object} GroupPage
 * @property {Selection} selection
 * @property {(key: string) => void} fold
 */

/**
 * The best validation accuracy of a group, in percent.
 * @param {Group} group
 */
function score({ mean, deviation, scored }) {
  if (mean === null || mean === undefined) return { text: "", title: "" };
  const percent = (/** @type {number} */ share) => (100 * share).toFixed(1);
  const several = deviation !== null && deviation !== undefined;
  const apart = several ? ` ± ${percent(deviation)}` : "";
  return {
    text: `best val. ${percent(mean)}${apart} %`,
    title: `Best validation accuracy of ${runCount(scored)}: mean${several ? " ± standard deviation" : ""}`,
  };
}

/* The row at the head of a group. */
export class BunchRow {
  /** @param {GroupPage} page */
  constructor(page) {
    this.page = page;
    /** @type {Group | null} */
    this.group = null;
    this.check = el("input", { type: "checkbox", class: "check" });
    this.check.addEventListener("change", () => {
      if (this.group) page.selection.set(this.group.ids, this.check.checked);
    });
    this.name = el("span", { class: "strong" });
    this.count = el("span", { class: "muted" });
    this.score = el("span", { class: "bunch-score" });
    this.button = el(
      "button",
      { type: "button", class: "bunch-button", onclick: () => this.group && page.fold(this.group.key) },
      el("span", { class: "bunch-arrow", "aria-hidden": "true" }),
      this.name,
      this.count,
      this.score,
    );
    this.element = el(
      "div",
      { class: "bunch-row", role: "row" },
      cell("check", this.check),
      cell("bunch", this.button),
    );
  }

  /** @param {Item} item of a group; another one is not of this row's kind */
  fill(item) {
    if (item.kind !== "bunch") return;
    const { bunch } = item;
    this.group = bunch;
    this.element.dataset.bunch = bunch.key;
    this.button.setAttribute("aria-expanded", String(!bunch.closed));
    say(this.name, bunch.title);
    say(this.count, runCount(bunch.count) + repeated(bunch.repeats ?? 0));
    const { text, title } = score(bunch);
    say(this.score, text);
    this.score.title = title;
    this.page.selection.mark(this.check, bunch.ids);
    this.check.setAttribute("aria-label", `Select all of ${bunch.title}`);
  }
}
