/* Where there are no runs yet: what to do first, and the tour that shows the instrument at work. */
import { misfits, once, send } from "../../api/ask.js";
import { el, icon, say } from "../../lib/element.js";
import { go } from "../../shell/navigate.js";

/** @import { Sweep } from "../../api/schema.d.ts" */

const BOTH = {
  name: "Joint training beside OGM-GE",
  points: [{ strategy: "joint" }, { strategy: "ogm-ge" }],
};

/** In place of the table's rows. */
export function firstVisit() {
  let key = once(); /* after a lost answer it is the same two runs */
  const problem = el("p", { class: "reason", role: "alert", hidden: true });
  const start = el("button", {
    type: "button",
    class: "button button-strong",
    "data-action": "tour",
    onclick: () => launch(),
  }, "Take the tour");

  async function launch() {
    start.disabled = true;
    problem.hidden = true;
    try {
      /** @type {Sweep} */
      const { runs } = await send("POST", "/sweeps", BOTH, key);
      key = once();
      go(`/watch?runs=${runs.map(({ id }) => id).join(",")}&tour=1`);
    } catch (error) {
      say(problem, misfits(error));
      problem.hidden = false;
    } finally {
      start.disabled = false;
    }
  }

  return el(
    "div",
    { class: "empty", hidden: true },
    icon("chart"),
    el("h3", {}, "No runs yet"),
    el(
      "p",
      {},
      "Press Launch: the form is already filled in with a run that shows how audio dominates " +
        "and what OGM-GE does about it. Or take the tour of two minutes: joint training beside OGM-GE, live.",
    ),
    start,
    problem,
  );
}
