/* A menu behind a button: arrow keys, first letters, Escape, and the focus back where it was. */
import { el } from "./element.js";

let open = null; /* one at a time */

/* A button that opens what `items()` gives: {text, act, checked, group, hint, keep} or {title}; null is left out.
   `checked` makes a tick, and with `group` one of several. With `keep` the menu stays open. */
export function menuButton(properties, children, items) {
  const button = el("button", {
    type: "button",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    ...properties,
    onclick: () => toggle(button, items),
  }, ...children);
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || open?.button === button) return;
    event.preventDefault();
    toggle(button, items);
  });
  return button;
}

export const closeMenu = () => close(false);

function toggle(button, items) {
  if (open?.button === button) return close(true);
  close(false);
  const list = el("div", {
    class: "menu",
    role: "menu",
    "aria-label": button.getAttribute("aria-label") ?? button.textContent,
  });
  open = { button, list, items };
  fill();
  button.setAttribute("aria-expanded", "true");
  (button.closest("main") ?? document.body).append(list);
  place(button, list);
  list.addEventListener("keydown", keys);
  choices()[0]?.focus({ preventScroll: true });
}

function fill() {
  const { list, items } = open;
  list.replaceChildren(
    ...items().filter(Boolean).map((
      item,
    ) => (item.title ? el("div", { class: "menu-title", role: "presentation" }, item.title) : entry(item))),
  );
}

function entry({ text, act, checked, group, hint, keep, disabled }) {
  const role = checked === undefined ? "menuitem" : group ? "menuitemradio" : "menuitemcheckbox";
  return el(
    "button",
    {
      type: "button",
      class: "menu-item",
      role,
      tabindex: "-1",
      "aria-checked": checked === undefined ? null : String(checked),
      "aria-disabled": disabled ? "true" : null,
      onclick: () => !disabled && choose(act, keep),
    },
    el("span", { class: "menu-tick", "aria-hidden": "true" }, checked ? "✓" : ""),
    el("span", {}, text),
    hint ? el("span", { class: "menu-hint" }, hint) : null,
  );
}

function choose(act, keep) {
  const at = choices().indexOf(document.activeElement);
  if (!keep) close(true);
  act();
  if (!keep || !open) return;
  fill();
  choices()[Math.max(0, at)]?.focus({ preventScroll: true });
}

const choices = () => [...open.list.querySelectorAll("[role^='menuitem']")];

/* Below the button, or above it where there is more room; never beyond the window's edge. */
function place(button, list) {
  const box = button.getBoundingClientRect();
  const [width, height] = [list.offsetWidth, list.offsetHeight];
  const below = box.bottom + 4 + height <= innerHeight || box.top < height;
  const origin = list.offsetParent.getBoundingClientRect();
  list.style.left = `${
    Math.max(8, Math.min(box.right - width, document.documentElement.clientWidth - width - 8)) - origin.left
  }px`;
  list.style.top = `${(below ? box.bottom + 4 : box.top - 4 - height) - origin.top}px`;
}

function keys(event) {
  const all = choices();
  const at = all.indexOf(document.activeElement);
  const to = {
    ArrowDown: (at + 1) % all.length,
    ArrowUp: (at - 1 + all.length) % all.length,
    Home: 0,
    End: all.length - 1,
  }[event.key];
  const letter = event.key.length === 1 && event.key !== " "
    ? [...all.slice(at + 1), ...all].find((one) =>
      one.children[1].textContent.toLowerCase().startsWith(event.key.toLowerCase())
    )
    : null;
  if (event.key === "Escape" || event.key === "Tab") close(true);
  else if (to !== undefined) all[to].focus();
  else if (letter) letter.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function close(back) {
  if (!open) return;
  const { button, list } = open;
  open = null;
  button.setAttribute("aria-expanded", "false");
  list.remove();
  if (back) button.focus({ preventScroll: true });
}

document.addEventListener(
  "pointerdown",
  (event) => open && !open.list.contains(event.target) && !open.button.contains(event.target) && close(false),
);
window.addEventListener("resize", () => close(false));
