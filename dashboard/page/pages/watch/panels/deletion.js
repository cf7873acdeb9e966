/* The deletion of a run, after a second click. */
import { el } from "../../../lib/element.js";

/** A button that asks again. */
export class Deletion {
  /** @param {() => void} act deletes */
  constructor(act) {
    this.remove = el("button", {
      type: "button",
      class: "button button-quiet",
      "data-action": "delete",
      onclick: () => this.ask(true),
    }, "Delete this run …");
    this.keep = el("button", { type: "button", class: "button", onclick: () => this.ask(false) }, "Keep it");
    this.sure = el("button", { type: "button", class: "button button-danger", onclick: act }, "Delete it");
    this.question = el(
      "div",
      { class: "sure", role: "group", "aria-label": "Delete this run", hidden: true },
      el("span", {}, "Permanently deletes its curves, events and log."),
      this.sure,
      this.keep,
    );
    this.element = el("div", { class: "about-end" }, this.remove, this.question);
  }

  /** @param {boolean} allowed whether the run has ended */
  allow(allowed) {
    this.remove.disabled = !allowed;
    this.remove.title = allowed ? "" : "Stop it first";
  }

  /** @param {boolean} again whether to show the question, or the button */
  ask(again) {
    this.question.hidden = !again;
    this.remove.hidden = again;
    (again ? this.sure : this.remove).focus();
  }
}
