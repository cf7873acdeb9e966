/* A menu behind a button: arrow keys, first letters, Escape, and the focus back where it was. */
import { el } from "./element.js";

/**
 * An entry. `checked` gives it a tick, and with `group` it is one of several; `keep` leaves the menu open.
 * @typedef {object} MenuChoice
 * @property {string} text
 * @property {() => void} act
 * @property {boolean} [checked]
 * @property {string} [group]
 * @property {string} [hint] such as the keys that do the same
 * @property {boolean} [keep]
 * @property {boolean} [disabled]
 */

/** @typedef {{ title: string }} MenuTitle a heading between entries */
/** @typedef {MenuChoice | MenuTitle} MenuItem */
/** @typedef {() => (MenuItem | null)[]} Items what a menu offers when it opens; null is left out */

const EDGE_PX = 8; /* between a menu and the window's edge */
const GAP_PX = 4; /* between a menu and its button */

/** @type {Menu | null} one at a time */
let open = null;

class Menu {
  /**
   * @param {HTMLButtonElement} button
   * @param {Items} items
   */
  constructor(button, items) {
    this.button = button;
    this.items = items;
    this.closing = new AbortController();
    this.list = el("div", {
      class: "menu",
      role: "menu",
      popover: "auto",
      "aria-label": button.getAttribute("aria-label") ?? button.textContent,
    });
    this.list.addEventListener("keydown", (event) => this._key(event));
    this.list.addEventListener("beforetoggle", (event) => {
      if (event.newState === "closed") this._closed();
    });
    this.list.addEventListener("toggle", (event) => {
      if (event.newState === "closed") this.list.remove();
      /* From here on the button is the popover's own: pressing it again closes the menu. */
      else if (open === this) button.popoverTargetElement = this.list;
    });
  }

  show() {
    open = this;
    this.fill();
    this.button.setAttribute("aria-expanded", "true");
    (this.button.closest("main") ?? document.body).append(this.list);
    this.list.showPopover();
    this._place();
    addEventListener("resize", () => this.hide(false), { signal: this.closing.signal });
    this._focus(0);
  }

  fill() {
    const items = this.items().filter((item) => item !== null);
    this.list.replaceChildren(
      ...items.map((item) =>
        "title" in item
          ? el("div", { class: "menu-title", role: "presentation" }, item.title)
          : this._entry(item)
      ),
    );
  }

  /** @param {MenuChoice} choice */
  _entry({ text, act, checked, group, hint, keep = false, disabled = false }) {
    return el(
      "button",
      {
        type: "button",
        class: "menu-item",
        role: roleOf(checked, group),
        tabindex: "-1",
        "aria-checked": checked === undefined ? null : String(checked),
        "aria-disabled": disabled ? "true" : null,
        onclick: () => {
          if (!disabled) this._choose(act, keep);
        },
      },
      el("span", { class: "menu-tick", "aria-hidden": "true" }, checked ? "✓" : ""),
      el("span", { class: "menu-text" }, text),
      hint ? el("span", { class: "menu-hint" }, hint) : null,
    );
  }

  /**
   * @param {() => void} act
   * @param {boolean} keep
   */
  _choose(act, keep) {
    const place = this._current();
    if (!keep) this.hide(true);
    act();
    if (!keep || open !== this) return;
    this.fill();
    this._focus(Math.max(0, place));
  }

  /** @returns {HTMLElement[]} */
  _choices() {
    return [...this.list.querySelectorAll("button")];
  }

  /** The place of the entry that has the focus, or -1. */
  _current() {
    return this._choices().findIndex((choice) => choice === document.activeElement);
  }

  /** @param {number} place */
  _focus(place) {
    this._choices()[place]?.focus({ preventScroll: true });
  }

  /** Below the button, or above it where there is more room; never beyond the window's edge. */
  _place() {
    const { list } = this;
    const box = this.button.getBoundingClientRect();
    const [width, height] = [list.offsetWidth, list.offsetHeight];
    const right = Math.min(box.right, document.documentElement.clientWidth - EDGE_PX);
    const below = box.bottom + GAP_PX + height <= innerHeight || box.top < height;
    list.style.left = `${Math.max(EDGE_PX, right - width) + scrollX}px`;
    list.style.top = `${(below ? box.bottom + GAP_PX : box.top - GAP_PX - height) + scrollY}px`;
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    if (event.key === "Escape" || event.key === "Tab") this.hide(true);
    else {
      const choice = this._target(event.key);
      if (!choice) return;
      choice.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * The entry that a key moves to.
   * @param {string} key
   * @returns {HTMLElement | undefined}
   */
  _target(key) {
    const choices = this._choices();
    const place = this._current();
    switch (key) {
      case "ArrowDown":
        return choices[(place + 1) % choices.length];
      case "ArrowUp":
        return choices[(place - 1 + choices.length) % choices.length];
      case "Home":
        return choices[0];
      case "End":
        return choices.at(-1);
    }
    if (key.length !== 1 || key === " ") return undefined;
    return [...choices.slice(place + 1), ...choices].find((choice) => startsWith(choice, key));
  }

  /** @param {boolean} back whether the button gets the focus */
  hide(back) {
    if (open !== this) return;
    this.list.hidePopover();
    if (back) this.button.focus({ preventScroll: true });
  }

  /** It was closed, by this page or by the browser after a click elsewhere. */
  _closed() {
    if (open === this) open = null;
    this.closing.abort();
    this.button.popoverTargetElement = null;
    this.button.setAttribute("aria-expanded", "false");
  }
}

/**
 * @param {boolean | undefined} checked
 * @param {string | undefined} group
 */
function roleOf(checked, group) {
  if (checked === undefined) return "menuitem";
  return group ? "menuitemradio" : "menuitemcheckbox";
}

/**
 * A button that opens a menu.
 * @param {{ [name: string]: unknown }} properties
 * @param {(Node | string)[]} children
 * @param {Items} items
 */
export function menuButton(properties, children, items) {
  const button = el("button", {
    type: "button",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    ...properties,
  }, ...children);
  button.addEventListener("click", () => {
    if (open?.button !== button) new Menu(button, items).show();
  });
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || open?.button === button) return;
    event.preventDefault();
    new Menu(button, items).show();
  });
  return button;
}

export const closeMenu = () => open?.hide(false);

/**
 * @param {HTMLElement} choice
 * @param {string} letter
 */
function startsWith(choice, letter) {
  const text = choice.querySelector(".menu-text")?.textContent ?? "";
  return text.toLowerCase().startsWith(letter.toLowerCase());
}
