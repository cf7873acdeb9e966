/* What the form would launch as text to be copied: curl, Python, YAML, the command line. */
import { el, say } from "../../lib/element.js";

const KINDS = [
  ["curl", "curl"],
  ["python", "Python"],
  ["yaml", "YAML"],
  ["cli", "Terminal"],
];
const SAID_MS = 2000;
let texts = {};
let chosen = "curl";
let holds = true; /* whether the texts say what stands in the form now */
let parts = null;

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
    onclick: () => take(),
  }, "Copy");
  const said = el("span", { class: "muted", role: "status" });
  root.replaceChildren(
    el("div", { class: "segments", role: "group", "aria-label": "Copy as" }, ...tabs),
    text,
    el("div", { class: "recipe-foot" }, copy, said),
  );
  return { root, tabs, text, copy, said };
}

function choose(kind) {
  chosen = kind;
  show();
}

function show() {
  for (const tab of parts.tabs) tab.setAttribute("aria-pressed", String(tab.dataset.recipe === chosen));
  say(parts.text, texts[chosen] ?? "The form does not fit yet.");
  parts.copy.disabled = !texts[chosen] || !holds;
  parts.text.setAttribute("aria-busy", String(!holds));
}

/* Browsers give the clipboard to safe origins only; elsewhere the text is selected, and the keys copy it. */
async function take() {
  let told = "Copied";
  try {
    await navigator.clipboard.writeText(texts[chosen]);
  } catch {
    getSelection().selectAllChildren(parts.text);
    told = "Selected; press Ctrl+C";
  }
  say(parts.said, told);
  setTimeout(() => say(parts.said, ""), SAID_MS);
}

/* `found`: a text by kind; none while the form does not fit. */
export function recipes(found) {
  const root = document.getElementById("recipes");
  if (!root) return;
  if (parts?.root !== root) parts = build(root);
  texts = found;
  show();
}

export function recipesHold(hold) {
  holds = hold;
  if (parts) show();
}
