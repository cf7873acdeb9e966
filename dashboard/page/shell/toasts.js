import { el } from "../lib/element.js";
import { ago } from "../lib/times.js";

const STAYS_MS = 10000;
const TOASTS = 4;

export function row(one, extra = null) {
  const at = new Date(one.time * 1000);
  return [
    el("span", { class: "notice-dot", "data-tone": one.tone, "aria-hidden": "true" }),
    el(
      "div",
      { class: "notice-text" },
      el("a", { class: "run-link", href: one.href }, one.title),
      el("p", {}, one.words),
      el("time", { class: "muted", datetime: at.toISOString(), title: at.toLocaleString() }, ago(one.time)),
    ),
    extra,
  ];
}

/* A notice in the corner, for a while; it stays while it is pointed at. */
export function toast(one) {
  let holder = document.getElementById("toasts");
  if (!holder) {
    document.body.append(
      holder = el("section", { id: "toasts", "aria-label": "New notices", "aria-live": "polite" }),
    );
  }
  const close = el("button", {
    type: "button",
    class: "icon-button",
    "aria-label": "Close this notice",
    onclick: () => toast.remove(),
  }, "×");
  const toast = el("div", { class: "toast card", "data-key": one.key }, ...row(one, close));
  let timer = 0;
  const leave = () => (timer = setTimeout(() => toast.remove(), STAYS_MS));
  for (const stay of ["mouseenter", "focusin"]) toast.addEventListener(stay, () => clearTimeout(timer));
  for (const go of ["mouseleave", "focusout"]) toast.addEventListener(go, leave);
  holder.append(toast);
  while (holder.children.length > TOASTS) holder.firstChild.remove();
  leave();
}
