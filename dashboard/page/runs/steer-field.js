/* A field for one live setting: a number with a slider, or a choice, and the fate of the last change. */
import { settingWords } from "../api/catalog.js";
import { el, say } from "../lib/element.js";
import { parsed, whole } from "../lib/numbers.js";
import { reason } from "../lib/reason.js";
import { reachOf } from "./reach.js";

/** @import { Event as RunEvent } from "../api/schema.d.ts" */
/** @import { Setting } from "../api/catalog.js" */
/** @import { Reach } from "./reach.js" */
/**
 * What a field does: `send` a value to the API, report what `failed` ("" when a new attempt begins).
 * @typedef {{ send: (value: unknown) => Promise<unknown>, failed: (text: string) => void }} Acts
 */

/** @param {Setting} schema */
const types = (schema) => [schema.type, ...(schema.anyOf ?? []).map((s) => s.type)];
/** @param {Setting} schema */
const isWhole = (schema) => types(schema).includes("integer");
/** @param {Setting} schema */
const isNumeric = (schema) => isWhole(schema) || types(schema).includes("number");

export class SteerField {
  /**
   * @param {string} id of the number's element
   * @param {string} name
   * @param {Setting} schema
   * @param {unknown} value in force
   * @param {Acts} acts
   */
  constructor(id, name, schema, value, acts) {
    this.id = id;
    this.schema = schema;
    this.acts = acts;
    this.sent = 0; /* changes on their way */
    /** Of its slider. @type {Reach | null} */
    this.reach = null;
    this.held = false; /* from the first touch until the browser has reported the change */
    this.words = settingWords(name);
    this.output = el("output", {});
    this.undo = el(
      "button",
      { type: "button", class: "undo", hidden: true, title: "Restore the previous value" },
      "undo",
    );
    /** @type {(HTMLInputElement | HTMLSelectElement)[]} */
    this.inputs = isNumeric(schema) ? this._numbers(value) : [this._choice(value)];
    const head = el(
      "div",
      { class: "steer-head" },
      el("span", { title: schema.description }, this.words),
      el("span", { class: "spacer" }),
      this.output,
      this.undo,
    );
    this.element = el(
      "div",
      { class: "steer-field", "data-help": schema.description },
      head,
      el("div", { class: "steer-row" }, ...this.inputs),
    );
    this.show(value);
  }

  /**
   * Show the value in force; not while the field is in use or a change is on its way. A change that was
   * `applied` is shown to a reader who only has the cursor there, but never in what is being typed.
   * @param {unknown} value
   */
  show(value, applied = false) {
    const used = this.inputs.find((input) => input === document.activeElement);
    if (this.held || this.sent || (used && !applied)) return;
    const free = this.inputs.filter((input) => input !== used || input.type !== "number");
    for (const input of free) input.value = this._shown(input, value);
  }

  /**
   * A value as an input has it: a slider has places.
   * @param {HTMLInputElement | HTMLSelectElement} input
   * @param {unknown} value
   */
  _shown(input, value) {
    const slides = input.type === "range" && this.reach && typeof value === "number";
    return slides ? String(this.reach?.placeOf(value)) : String(value ?? "");
  }

  /**
   * A change of this setting took effect.
   * @param {RunEvent} event
   */
  applied({ step, data }) {
    this.show(parsed(data.new), true);
    say(this.output, `from step ${whole(step)}`);
    this.undo.hidden = false;
    this.undo.onclick = () => {
      this.undo.hidden = true;
      this._change(data.old);
    };
  }

  /** @param {unknown} value in force */
  _numbers(value) {
    const { schema } = this;
    const number = el("input", {
      type: "number",
      id: this.id,
      min: schema.minimum,
      max: schema.maximum,
      step: isWhole(schema) ? 1 : "any",
      "aria-label": this.words,
    });
    number.addEventListener("change", () => this._typed(number));
    return schema.anyOf ? [number] : [this._slider(number, value), number];
  }

  /**
   * @param {HTMLInputElement} number
   * @param {unknown} value in force
   */
  _slider(number, value) {
    const reach = this.reach = reachOf(this.schema, value);
    const slider = el("input", {
      type: "range",
      min: 0,
      max: reach.places,
      step: 1,
      "aria-label": `${this.words}, slider`,
    });
    const tell = () => slider.setAttribute("aria-valuetext", number.value);
    const copy = () => {
      number.value = String(reach.valueOf(Number(slider.value)));
      tell();
    };
    slider.addEventListener("input", copy);
    slider.addEventListener("change", () => {
      copy();
      this._typed(number);
    });
    slider.addEventListener("pointerdown", () => this._hold());
    return slider;
  }

  /** @param {unknown} value in force */
  _choice(value) {
    const options = this.schema.enum ?? [true, false];
    const select = el(
      "select",
      { "aria-label": this.words },
      ...options.map((o) => el("option", { value: String(o), selected: o === value }, String(o))),
    );
    select.addEventListener("change", () => this._change(options.find((o) => String(o) === select.value)));
    return select;
  }

  /* Not every browser focuses what is dragged. */
  _hold() {
    const ends = ["pointerup", "pointercancel"];
    const end = () => {
      for (const name of ends) globalThis.removeEventListener(name, end, true);
      setTimeout(() => (this.held = false));
    };
    for (const name of ends) globalThis.addEventListener(name, end, true);
    this.held = true;
  }

  /**
   * An empty number is sent only where none is allowed as a value; what the browser can't read is none.
   * @param {HTMLInputElement} number
   */
  _typed({ value: text, validity }) {
    if (validity.badInput) this.acts.failed(`${this.words}: not a number; write it as in 0.5.`);
    else if (text !== "") this._change(Number(text));
    else if (this.schema.anyOf) this._change(null);
  }

  /** @param {unknown} value */
  async _change(value) {
    this.acts.failed("");
    this.sent += 1;
    say(this.output, "sending");
    try {
      await this.acts.send(value);
    } catch (error) {
      say(this.output, "");
      this.acts.failed(reason(error));
    } finally {
      this.sent -= 1;
    }
  }
}
