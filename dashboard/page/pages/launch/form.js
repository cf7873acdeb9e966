/* The launch form as the server gets it: the text of every field; and its complaints, back at the fields. */
import { setProps, trigger, unchanged } from "../../dash.js";
import { once } from "../../api/ask.js";
import { say } from "../../lib/element.js";
import { whole } from "../../lib/numbers.js";

const MARK = "setting-";
const PATIENCE_MS = 20_000; /* a worker may look at the data before anything is queued */
let marked = new Map();
let unanswered = null; /* the order sent last, until something is known of it */
let patience = 0;

function fields() {
  return [...document.querySelectorAll(`#launch-form [id^="${MARK}"]`)].filter((f) =>
    f.matches("input, textarea")
  );
}

/* {name: text}; a switch is "true" or "false". */
export function typed(plugins) {
  const found = {};
  for (const field of fields()) {
    const name = field.id.slice(MARK.length);
    found[name] = field.type === "checkbox" ? String(field.checked) : field.value;
  }
  return Object.assign(found, plugins);
}

/* Other plug-ins were chosen: what stands in the form stays where it still fits. */
export function reshape(dataset, fusion, strategy) {
  const found = typed({ dataset, fusion, strategy });
  if (trigger() === "setting-dataset") {
    for (const name of Object.keys(found)) if (name.startsWith("encoders.")) delete found[name];
  }
  mark({}, false); /* fields are made anew, without what was said at them */
  return found;
}

/* An order that got no answer keeps its key: sent again as it was, it is carried out once. */
export function order(clicks, dataset, fusion, strategy) {
  if (!clicks) return unchanged();
  const text = JSON.stringify(typed({ dataset, fusion, strategy }));
  const key = unanswered?.text === text ? unanswered.key : once();
  unanswered = { text, key };
  clearTimeout(patience);
  patience = setTimeout(silent, PATIENCE_MS);
  return { typed: JSON.parse(text), key };
}

function answered() {
  clearTimeout(patience);
  unanswered = null;
}

function silent() {
  const children =
    "The dashboard does not answer, so it is not known whether anything was launched. Press Launch again: the same order is carried out once.";
  const props = { children, title: "No answer yet", color: "red", variant: "light", radius: "md" };
  if (document.getElementById("launch-problem")) {
    setProps("launch-problem", { children: { namespace: "dash_mantine_components", type: "Alert", props } });
  }
}

/* Messages at the fields they name; one that is mended loses its own. With `lead` the first is gone to. */
export function mark(misfits, lead = true) {
  if (lead) answered();
  const set = setProps;
  const found = new Map(
    Object.entries(misfits ?? {}).filter(([name]) => document.getElementById(MARK + name)),
  );
  for (const name of marked.keys()) {
    if (!found.has(name) && document.getElementById(MARK + name)) set(MARK + name, { error: null });
  }
  for (const [name, text] of found) if (marked.get(name) !== text) set(MARK + name, { error: text });
  marked = found;
  const first = lead && found.size ? document.getElementById(MARK + [...found.keys()][0]) : null;
  const group = first?.closest("details");
  if (group) group.open = true;
  first?.focus();
  return unchanged();
}

export function forgetOrder() {
  answered(); /* whoever comes back and launches the same again wants another run */
  mark({}, false);
}

/* How many runs the form asks for stands on its button, as the server counts them. */
export function askedFor(runs) {
  const label = document.querySelector("#launch .mantine-Button-label");
  if (label) say(label, runs > 1 ? `Launch ${whole(runs)} runs` : "Launch");
}

document.addEventListener("keydown", (event) => {
  const field = event.target;
  const plain = field.matches?.(`#launch-form input[id^="${MARK}"]`) && field.type === "text" &&
    !field.getAttribute("aria-haspopup");
  if (event.key === "Enter" && plain) document.getElementById("launch")?.click();
});
