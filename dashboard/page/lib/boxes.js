/* A list of boxes to tick, behind a button. */
import { el, say } from "./element.js";

/** @typedef {{ name: string, text: string }} Option */

const BELOW_PX = 6;

export class Boxes {
  /**
   * @param {string} title
   * @param {(names: string[]) => void} changed called with those ticked when one was
   */
  constructor(title, changed) {
    this.changed = changed;
    this.known = ""; /* the options on the page */
    /** @type {HTMLInputElement[]} */
    this.inputs = [];
    this.list = el("div", {
      class: "card boxes-list",
      role: "group",
      popover: "auto",
      "aria-label": title,
    });
    this.button = el("button", { type: "button", class: "button", "aria-expanded": "false" });
    this.button.popoverTargetElement = this.list;
    this.list.addEventListener("beforetoggle", (event) => this._turn(event.newState === "open"));
    this.element = el("div", { class: "boxes" }, this.button, this.list);
    this.element.addEventListener("keydown", (event) => this._key(event));
  }

  /** @param {boolean} open */
  _turn(open) {
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const { bottom, left } = this.button.getBoundingClientRect();
    this.list.style.top = `${bottom + scrollY + BELOW_PX}px`;
    this.list.style.left = `${left + scrollX}px`;
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    if (event.key !== "Escape" || !this.list.matches(":popover-open")) return;
    event.stopPropagation();
    this.leave();
    this.button.focus();
  }

  /**
   * @param {Option[]} options in order
   * @param {string[]} chosen names
   * @param {string} words on the button
   */
  show(options, chosen, words) {
    say(this.button, words);
    const known = JSON.stringify(options);
    if (known !== this.known) this._fill(options);
    this.known = known;
    for (const box of this.inputs) box.checked = chosen.includes(box.value);
  }

  /** @param {Option[]} options */
  _fill(options) {
    const change = () => this.changed(this.inputs.filter((box) => box.checked).map((box) => box.value));
    this.inputs = options.map(({ name }) =>
      el("input", { type: "checkbox", class: "check", value: name, onchange: change })
    );
    this.list.replaceChildren(
      ...options.map(({ text }, i) => el("label", {}, this.inputs[i], el("span", {}, text))),
    );
  }

  leave() {
    if (this.list.matches(":popover-open")) this.list.hidePopover();
  }
}
