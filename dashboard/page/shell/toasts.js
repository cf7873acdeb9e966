/* A notice as a row, and in the corner for a while. */
import { el } from "../lib/element.js";
import { ago } from "../lib/times.js";
import { FEW, gathered } from "./gathered.js";

/** @import { Notice } from "./notice.js" */

const STAYS_MS = 10000;

/**
 * The parts of a notice's row.
 * @param {Notice} notice
 * @param {HTMLElement | null} [extra] what follows the text
 */
export function row({ time, tone, href, title, words }, extra = null) {
  const at = new Date(time * 1000);
  return [
    el("span", { class: "notice-dot", "data-tone": tone, "aria-hidden": "true" }),
    el(
      "div",
      { class: "notice-text" },
      el("a", { class: "run-link", href }, title),
      el("p", {}, words),
      el("time", { class: "muted", datetime: at.toISOString(), title: at.toLocaleString() }, ago(time)),
    ),
    extra,
  ];
}

function corner() {
  const there = document.getElementById("toasts");
  if (there) return there;
  const section = el("section", { id: "toasts", "aria-label": "New notices", "aria-live": "polite" });
  document.body.append(section);
  return section;
}

/** Those in the corner. @type {Notice[]} */
let present = [];

/**
 * Show a notice in the corner; it stays while the pointer or the focus is on it. More than a few are one.
 * @param {Notice} notice
 */
export function toast(notice) {
  present.push(notice);
  const many = present.length > FEW;
  if (many) corner().replaceChildren();
  put(many ? gathered(present) : notice);
}

/** @param {Notice} notice */
function put(notice) {
  const many = notice.key === "many";
  const away = () => {
    element.remove();
    present = many ? [] : present.filter((one) => one !== notice);
  };
  const close = el("button", {
    type: "button",
    class: "icon-button",
    "aria-label": "Close this notice",
    onclick: away,
  }, "×");
  const element = el("div", { class: "toast card", "data-key": notice.key }, ...row(notice, close));
  let timer = 0;
  const leave = () => {
    timer = setTimeout(() => element.isConnected && away(), STAYS_MS);
  };
  for (const stay of ["mouseenter", "focusin"]) element.addEventListener(stay, () => clearTimeout(timer));
  for (const go of ["mouseleave", "focusout"]) element.addEventListener(go, leave);
  corner().append(element);
  leave();
}
