/* What the form would launch as text to be copied: curl, Python, YAML, the command line. */
import { copyText } from "../../lib/clipboard.js";
import { el, say } from "../../lib/element.js";

/** @typedef {"curl" | "python" | "yaml" | "cli"} Kind */

/**
 * Texts by kind; none while the form does not fit.
 * @typedef {Partial<Record<Kind, string>>} Recipes
 */

/** @type {[Kind, string][]} */
const KINDS = [
  ["curl", "curl"],
  ["python", "Python"],
  ["yaml", "YAML"],
  ["cli", "Terminal"],
];
const SAID_MS = 2000;

const state = {
  /** @type {Recipes} */
  texts: {},
  /** @type {Kind} */
  chosen: "curl",
  holds: true, /* whether the texts are of the form as it is now */
};
/** @type {ReturnType<typeof build> | null} */
let parts = null;

/** @param {HTMLElement} root */
function build(root) {
  const tabs = KINDS.map(([kind, title]) =>
    el("button", {
      type: "button",
      class: "segment",
      "data-recipe": kind,
      "aria-pressed": "false",
      onclick: () => choose(kind),
    }, title)
  );
  const text = el("pre", { id: "recipe", tabindex: "0", "aria-label": "What the form would launch" });
  const copy = el("button", {
    type: "button",
    class: "button button-quiet",
    id: "copy-recipe",
    onclick: () => take(text, outcome),
  }, "Copy");
  const outcome = el("span", { class: "muted", role: "status" });
  root.replaceChildren(
    el("div", { class: "segments", role: "group", "aria-label": "Copy as" }, ...tabs),
    text,
    el("div", { class: "recipe-foot" }, copy, outcome),
  );
  return { root, tabs, text, copy };
}

/** @param {Kind} kind */
function choose(kind) {
  state.chosen = kind;
  show();
}

function show() {
  if (!parts) return;
  const text = state.texts[state.chosen];
  for (const tab of parts.tabs) {
    tab.setAttribute("aria-pressed", String(tab.dataset.recipe === state.chosen));
  }
  say(parts.text, text ?? "Fix the form first.");
  parts.copy.disabled = !text || !state.holds;
  parts.text.setAttribute("aria-busy", String(!state.holds));
}

/**
 * Copy the text; where the browser refuses, it is selected, and the keys copy it.
 * @param {HTMLElement} text
 * @param {HTMLElement} outcome
 */
async function take(text, outcome) {
  try {
    await copyText(state.texts[state.chosen] ?? "");
    say(outcome, "Copied");
  } catch {
    getSelection()?.selectAllChildren(text);
    say(outcome, "Selected; press Ctrl+C");
  }
  setTimeout(() => say(outcome, ""), SAID_MS);
}

/**
 * Show what the form would launch.
 * @param {Recipes} texts
 */
export function recipes(texts) {
  const root = document.getElementById("recipes");
  if (!root) return;
  if (parts?.root !== root) parts = build(root);
  state.texts = texts;
  show();
}

/**
 * Whether the texts are of the form as it is now; others can't be copied.
 * @param {boolean} holds
 */
export function recipesHold(holds) {
  state.holds = holds;
  show();
}
