/* Keyboard shortcuts of every page, and the list of them. */
import { asking } from "../lib/dialogs.js";
import { el } from "../lib/element.js";
import { page } from "./arrival.js";
import { go } from "./navigate.js";

/** @type {Record<string, [string, string]>} */
const GO = {
  r: ["/", "Runs and launch"],
  c: ["/compare", "Compare"],
  s: ["/sweeps", "Sweeps"],
  w: ["/workers", "Workers"],
};
const SCHEMES = ["light", "auto", "dark"];
const PATIENCE_MS = 1200;
const [LOOKS, LOOK_MS] = [50, 100]; /* for the launch button, behind a key */
const HELD = ["j", "k"]; /* the only ones that are meant again and again while they are held down */
const FIELDS = "input, textarea, select, [contenteditable], [role='slider']";
let going = 0; /* when "g" was pressed */

/** @type {Record<string, [string, () => void]>} words, and what every page does */
const ACTS = {
  "?": ["Show keyboard shortcuts", () => show()],
  l: ["Go to the launch button; Enter launches", () => launch()],
  f: ["Follow live after zooming", () => press(".zoom-pill button")],
  p: ["Pause or resume the run", () => press("[data-action='pause'], [data-action='resume']")],
  v: ["Saved views", () => press("#views")],
  b: ["Notices and alerts", () => press("#bell")],
  t: ["Light, system, dark", () => turn()],
};

/** @type {Record<string, string>} words; what is done is a matter of the page that is open */
const OWN = {
  e: "Events of the run",
  c: "Checkpoints of the run",
  o: "Log of the run",
  j: "Next run in the list, or the arrow keys",
  k: "Previous run",
  x: "Select run",
  "/": "Filter runs",
};
const ORDER = ["?", "l", "f", "p", "e", "c", "o", "v", "b", "j", "k", "x", "/", "t"];

/**
 * Click the first of some buttons that can be clicked.
 * @param {string} selector
 */
function press(selector) {
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = document.querySelectorAll(selector);
  [...buttons].find((button) => !button.disabled && button.checkVisibility())?.click();
}

/* One key alone starts nothing: it leads to the button, and opens a form that was put away. */
function launch() {
  press(".form-away .form-button");
  lead(document.activeElement, LOOKS);
}

/**
 * Lead to the launch button once it is there and can be clicked, unless the reader turns to something else.
 * @param {Element | null} from what had the focus
 * @param {number} left how often it is looked for
 */
function lead(from, left) {
  const button = document.querySelector("#launch:enabled");
  if (button instanceof HTMLElement) return button.focus();
  const here = document.activeElement === from && document.querySelector(".form-button");
  if (left && here) setTimeout(() => lead(from, left - 1), LOOK_MS);
}

function turn() {
  /** @type {HTMLElement | null} */
  const pressed = document.querySelector("[data-scheme][aria-pressed='true']");
  const now = pressed?.dataset.scheme ?? "auto";
  const alone = matchMedia("(max-width: 640px)").matches;
  press(`[data-scheme='${alone ? now : SCHEMES[(SCHEMES.indexOf(now) + 1) % SCHEMES.length]}']`);
}

/**
 * @param {string[]} keys
 * @param {string} words
 */
const row = (keys, words) =>
  el(
    "div",
    { class: "shortcut" },
    el("dt", {}, ...keys.map((key) => el("kbd", {}, key))),
    el("dd", {}, words),
  );

/* Open the list, or close it. */
function show() {
  const open = document.getElementById("shortcuts");
  if (open instanceof HTMLDialogElement) return open.close();
  const rows = [
    ...Object.entries(GO).map(([key, [, words]]) => row(["g", key], words)),
    ...ORDER.map((key) => row([key], OWN[key] ?? ACTS[key][0])),
    row(["Esc"], "Close"),
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
    el("h2", { id: "shortcuts-title" }, "Keyboard shortcuts"),
    el("dl", {}, ...rows),
    close,
  );
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * Whether a key is meant as a shortcut, and not for a field, the browser or a dialog.
 * @param {KeyboardEvent} event
 */
function meant({ target, key, repeat, ctrlKey, metaKey, altKey, defaultPrevented }) {
  if ([ctrlKey, metaKey, altKey, defaultPrevented].includes(true)) return false;
  if (target instanceof Element && target.closest(FIELDS)) return false;
  if (repeat && !HELD.includes(key)) return false;
  return key === "?" || !asking();
}

/**
 * Go where the second key after "g" leads; whether it leads anywhere.
 * @param {string} key
 */
function leads(key) {
  const [href] = Date.now() - going < PATIENCE_MS ? GO[key] ?? [] : [];
  going = key === "g" ? Date.now() : 0;
  if (href) go(href);
  return Boolean(href);
}

document.addEventListener("keydown", (event) => {
  const { key } = event;
  if (!meant(event) || leads(key) || !ORDER.includes(key)) return;
  event.preventDefault();
  const act = key in OWN ? page()?.shortcuts?.[key] : ACTS[key][1];
  act?.();
});

document.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.closest("#show-shortcuts")) show();
});
