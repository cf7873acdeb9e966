/* The tags of a run, and a field to add one. */
import { el } from "../../../lib/element.js";

/** Tags that can be added and removed. */
export class Tags {
  /**
   * @param {string} id of the field
   * @param {(tags: string[]) => void} changed
   */
  constructor(id, changed) {
    this.changed = changed;
    /** @type {string[]} */
    this.tags = [];
    this.chips = el("ul", { class: "own-tags", "aria-label": "Tags" });
    this.field = el("input", {
      type: "text",
      id,
      maxlength: "200",
      autocomplete: "off",
      placeholder: "Add a tag",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this._key(event),
      onchange: () => this._add(),
    });
    this.element = el("div", { class: "tag-row" }, this.chips, this.field);
  }

  /** @param {string[]} tags */
  show(tags) {
    if (JSON.stringify(tags) === JSON.stringify(this.tags)) return;
    this.tags = tags;
    this.chips.replaceChildren(...tags.map((tag) => this._chip(tag)));
    this.chips.hidden = !tags.length;
  }

  /** @param {string} tag */
  _chip(tag) {
    const remove = el("button", {
      type: "button",
      class: "tag-remove",
      "aria-label": `Remove the tag ${tag}`,
      onclick: () => this.changed(this.tags.filter((other) => other !== tag)),
    }, "×");
    return el("li", { class: "own-tag" }, el("span", {}, tag), remove);
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const { key, repeat } = event;
    if (key === "Backspace" && !repeat && !this.field.value && this.tags.length) {
      this.changed(this.tags.slice(0, -1));
    }
    if (key !== "Enter" && key !== ",") return;
    event.preventDefault();
    this._add();
  }

  _add() {
    const tag = this.field.value.trim();
    this.field.value = "";
    if (tag && !this.tags.includes(tag)) this.changed([...this.tags, tag]);
  }
}
