/* Launching what the form says, once, however often it is sent. */
import { once } from "../../api/ask.js";
import { setProps, unchanged } from "../../dash.js";
import { say } from "../../lib/element.js";
import { whole } from "../../lib/numbers.js";
import { typed } from "./form.js";
import { keepLaunched } from "./kept.js";
import { goToMisfit, mark } from "./misfits.js";

const PATIENCE_MS = 20_000; /* a worker may look at the data before anything is queued */
const SILENCE = "The dashboard is not responding, so it is unclear whether anything was launched. " +
  "Press Launch again: the same order is carried out only once.";

const state = {
  /** @type {{ text: string, key: string } | null} the order sent last, until something is known of it */
  sent: null,
  patience: 0,
};

/**
 * The order that a click sends. One that got no answer keeps its key: sent again as it was, it is carried out
 * once.
 * @param {number | null} clicks
 * @param {string} dataset
 * @param {string} fusion
 * @param {string} strategy
 * @param {string} program
 */
export function order(clicks, dataset, fusion, strategy, program) {
  if (!clicks) return unchanged();
  keepLaunched();
  const texts = typed({ dataset, fusion, strategy, program });
  const text = JSON.stringify(texts);
  const key = state.sent?.text === text ? state.sent.key : once();
  state.sent = { text, key };
  clearTimeout(state.patience);
  state.patience = setTimeout(silent, PATIENCE_MS);
  return { typed: texts, key };
}

/**
 * The answer to an order: messages at the fields, the first of which is gone to.
 * @param {Record<string, string> | null} misfits
 */
export function answered(misfits) {
  settle();
  mark(misfits ?? {});
  goToMisfit(misfits ?? {});
  return unchanged();
}

function settle() {
  clearTimeout(state.patience);
  state.sent = null;
}

function silent() {
  if (!document.getElementById("launch-problem")) return;
  const props = { children: SILENCE, title: "No answer yet", color: "red", variant: "light", radius: "md" };
  setProps("launch-problem", { children: { namespace: "dash_mantine_components", type: "Alert", props } });
}

/** Forget what was sent: whoever comes back and launches the same again wants another run. */
export function forgetOrder() {
  settle();
  mark({});
}

/**
 * Say on the button how many runs the form describes, as the server counts them.
 * @param {number} runs
 */
export function countRuns(runs) {
  const label = document.querySelector("#launch .mantine-Button-label");
  if (label) say(label, runs > 1 ? `Launch ${whole(runs)} runs` : "Launch");
}
