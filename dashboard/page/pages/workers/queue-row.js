/* The row of a run that waits in the queue. */
import { el, say } from "../../lib/element.js";
import { ago } from "../../lib/times.js";
import { cell } from "./worker-row.js";

/** @import { Run } from "../../api/schema.d.ts" */
/** @typedef {{ first: () => void, last: () => void, cancel: () => void }} Acts */

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} act
 */
const button = (text, title, act) =>
  el("button", { type: "button", class: "button button-quiet", title, onclick: act }, text);

/**
 * The line below a name: of a run that has trained before, why it waits again.
 * @param {Run} run
 */
const about = ({ attempt, reason, spec }) =>
  attempt > 1
    ? `attempt ${attempt}: ${reason}`
    : spec.program
    ? `program ${spec.program}`
    : `${spec.strategy} · ${spec.dataset}`;

/* Filled again at every answer. */
export class QueueRow {
  /**
   * @param {Run} run
   * @param {Acts} acts
   */
  constructor(run, { first, last, cancel }) {
    this.place = cell("num c-aside");
    this.link = el("a", { class: "run-link", href: `/watch?runs=${run.id}` });
    this.about = el("div", { class: "muted small" });
    this.priority = cell("num c-aside");
    this.created = cell("num");
    const buttons = el(
      "div",
      { class: "row-buttons" },
      button("First", "Before all others", first),
      button("Last", "After all others", last),
      button("Cancel", "Stop this run before it starts", cancel),
    );
    this.element = el(
      "tr",
      { "data-run": run.id },
      this.place,
      cell("run", this.link, this.about),
      this.priority,
      this.created,
      cell("act", buttons),
    );
  }

  /**
   * @param {Run} run
   * @param {number} place from 0
   */
  fill(run, place) {
    say(this.place, String(place + 1));
    say(this.link, run.name);
    say(this.about, about(run));
    say(this.priority, String(run.priority));
    say(this.created, ago(run.created));
  }
}
