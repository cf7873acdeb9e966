/* Keys for those who have their hands on the keyboard, and the list of them. */
import { asking } from "../lib/dialogs.js";
import { el } from "../lib/element.js";
import { unfold } from "../pages/watch/folds.js";
import { go } from "./navigate.js";
import { shortcutTargets } from "./targets.js";

const GO = {
  r: ["/", "Runs and launch"],
  c: ["/compare", "Compare"],
  s: ["/sweeps", "Sweeps"],
  w: ["/workers", "Workers"],
};
const SCHEMES = ["light", "auto", "dark"];
const PATIENCE_MS = 1200;
const HELD = ["j", "k"]; /* the only ones that are meant again and again while they are held down */
let going = 0;

const ACTS = {
  "?": ["Show these keys", () => show()],
  l: ["Launch what the form says", () => launch()],
  f: ["Follow live again after a zoom", () => document.querySelector(".zoom-pill button")?.click()],
  p: ["Pause or resume the run", () => press("[data-action='pause'], [data-action='resume']")],
  e: ["What happened to the run", () => unfold("story")],
  c: ["Its checkpoints", () => unfold("checkpoints")],
  o: ["Its log", () => unfold("log")],
  b: ["Notices and alerts", () => document.getElementById("bell")?.click()],
  j: ["Next run in the list, or the arrow keys", () => shortcutTargets.runs?.move(1)],
  k: ["Run before it", () => shortcutTargets.runs?.move(-1)],
  x: ["Choose the run", () => shortcutTargets.runs?.mark()],
  "/": ["Filter the runs", () => shortcutTargets.runs?.search()],
  t: ["Light, as the system, dark", () => turn()],
};

function press(selector) {
  [...document.querySelectorAll(selector)].find((button) => !button.hidden && !button.disabled)?.click();
}

/* Never what cannot be seen: a form that was put away is opened. */
function launch() {
  const button = document.getElementById("launch");
  if (button?.offsetParent) button.click();
  else document.querySelector(".form-button")?.click();
}

function turn() {
  const now = document.querySelector("[data-scheme][aria-pressed='true']")?.dataset.scheme ?? "auto";
  const alone = matchMedia("(max-width: 640px)").matches;
  document.querySelector(
    `[data-scheme='${alone ? now : SCHEMES[(SCHEMES.indexOf(now) + 1) % SCHEMES.length]}']`,
  )?.click();
}

function show() {
  const open = document.getElementById("shortcuts");
  if (open) return open.close();
  const row = (keys, words) =>
    el(
      "div",
      { class: "shortcut" },
      el("dt", {}, ...keys.map((key) => el("kbd", {}, key))),
      el("dd", {}, words),
    );
  const rows = [
    ...Object.entries(GO).map(([key, [, words]]) => row(["g", key], words)),
    ...Object.entries(ACTS).map(([key, [words]]) => row([key], words)),
    row(["Esc"], "Close what is open"),
  ];
  const close = el("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Close");
  const dialog = el(
    "dialog",
    {
      id: "shortcuts",
      class: "card",
      "aria-labelledby": "shortcuts-title",
      onclose: () => dialog.remove(),
    },
    el("h2", { id: "shortcuts-title" }, "Keys"),
    el("dl", {}, ...rows),
    close,
  );
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("input, textarea, select, [contenteditable], [role='slider']");
  if (field || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.repeat && !HELD.includes(event.key)) return;
  if (event.key !== "?" && asking()) return;
  if (Date.now() - going < PATIENCE_MS && GO[event.key]) {
    going = 0;
    go(GO[event.key][0]);
    return;
  }
  going = event.key === "g" ? Date.now() : 0;
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act[1]();
});

document.addEventListener("click", (event) => event.target.closest?.("#show-shortcuts") && show());
