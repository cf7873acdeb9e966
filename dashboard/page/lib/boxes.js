import { el, say } from "./element.js";

/* Boxes behind a button: `changed(names)` when one was ticked. */
export class Boxes {
  constructor(title, changed) {
    Object.assign(this, { title, changed, told: "" });
    this.button = el("summary", { class: "button" });
    this.list = el("div", { class: "card boxes-list", role: "group", "aria-label": title });
    this.element = el(
      "details",
      { class: "boxes", onkeydown: (event) => this._keys(event) },
      this.button,
      this.list,
    );
    this.outside = (event) =>
      this.element.open && !this.element.contains(event.target) && (this.element.open = false);
    document.addEventListener("pointerdown", this.outside);
  }

  _keys(event) {
    if (event.key !== "Escape" || !this.element.open) return;
    event.stopPropagation();
    this.element.open = false;
    this.button.focus();
  }

  /* `options`: [{name, text}] in order; `chosen` names; `words` for the button. */
  show(options, chosen, words) {
    say(this.button, words);
    const told = JSON.stringify(options);
    if (told !== this.told) {
      this.told = told;
      this.inputs = options.map(({ name }) =>
        el("input", {
          type: "checkbox",
          class: "check",
          value: name,
          onchange: () => this.changed(this.inputs.filter((box) => box.checked).map((box) => box.value)),
        })
      );
      this.list.replaceChildren(
        ...options.map(({ text }, i) => el("label", {}, this.inputs[i], el("span", {}, text))),
      );
    }
    for (const box of this.inputs) box.checked = chosen.includes(box.value);
  }

  leave() {
    document.removeEventListener("pointerdown", this.outside);
  }
}
