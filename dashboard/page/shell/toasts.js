/* A notice as a row, and in the corner for a while. */
import { el } from "../lib/element.js";
import { ago } from "../lib/times.js";

/** @import { Notice } from "./notice.js" */

const STAYS_MS = 10000;
const MOST = 4;

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
  const present = document.getElementById("toasts");
  if (present) return present;
  const section = el("section", { id: "toasts", "aria-label": "New notices", "aria-live": "polite" });
  document.body.append(section);
  return section;
}

/**
 * Show a notice in the corner; it stays while the pointer or the focus is on it.
 * @param {Notice} notice
 */
export function toast(notice) {
  const close = el("button", {
    type: "button",
    class: "icon-button",
    "aria-label": "Close this notice",
    onclick: () => element.remove(),
  }, "×");
  const element = el("div", { class: "toast card", "data-key": notice.key }, ...row(notice, close));
  let timer = 0;
  const leave = () => {
    timer = setTimeout(() => element.remove(), STAYS_MS);
  };
  for (const stay of ["mouseenter", "focusin"]) element.addEventListener(stay, () => clearTimeout(timer));
  for (const go of ["mouseleave", "focusout"]) element.addEventListener(go, leave);
  const holder = corner();
  holder.append(element);
  while (holder.children.length > MOST) holder.firstElementChild?.remove();
  leave();
}
