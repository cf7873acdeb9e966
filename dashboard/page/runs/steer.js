/* Settings of a running run that may change while it trains: a field each, from the catalogue. */
import { send } from "../api/ask.js";
import { catalogue, settingsOf, settingWords } from "../api/catalog.js";
import { el, icon, say } from "../lib/element.js";
import { parsed, whole } from "../lib/numbers.js";

const STEERABLE = ["running", "starting"];

const numeric = (schema) =>
  [schema.type, ...(schema.anyOf ?? []).map((s) => s.type)].some((t) => t === "number" || t === "integer");
const isWhole = (schema) =>
  schema.type === "integer" || (schema.anyOf ?? []).some((s) => s.type === "integer");

/* Where a slider ends: about twice what is usual, never beyond what is allowed. */
function reach(schema, value) {
  const usual = 2 * Math.max(Math.abs(schema.default ?? 0), Math.abs(value ?? 0));
  return Math.min(schema.maximum ?? Infinity, usual || 1);
}

/* From the first touch until the browser has told of the change. Not every browser focuses what is dragged. */
function hold(field) {
  const ends = ["pointerup", "pointercancel"];
  const end = () => {
    for (const name of ends) window.removeEventListener(name, end, true);
    setTimeout(() => (field.held = false));
  };
  for (const name of ends) window.addEventListener(name, end, true);
  field.held = true;
}

export class Steer {
  constructor(record, failed) {
    Object.assign(this, { record, failed });
    this.fields = new Map();
    this.panel = el("div", { class: "steer-panel", hidden: true });
    this.button = el(
      "button",
      {
        type: "button",
        class: "button button-quiet",
        "data-action": "steer",
        "aria-expanded": "false",
        title: "Change settings while it trains",
        "aria-label": "Steer",
        hidden: true,
        onclick: () => this._open(),
      },
      icon("steer"),
      el("span", {}, "Steer"),
    );
    record.steered = (event) => this._applied(event);
  }

  update(run) {
    const can = STEERABLE.includes(run.state);
    this.button.hidden = !can;
    if (!can) this.panel.hidden = true;
    if (this.fields.size && this.filled !== run.spec.strategy) this._fill();
    for (const [name, field] of this.fields) {
      field.show(name === "strategy" ? run.spec.strategy : run.settings[name]);
    }
  }

  async _open() {
    this.panel.hidden = !this.panel.hidden;
    this.button.setAttribute("aria-expanded", String(!this.panel.hidden));
    if (this.panel.hidden || this.fields.size) return;
    try {
      this.catalog = await catalogue();
    } catch (error) {
      this.failed(error.message);
      return;
    }
    this._fill();
  }

  /* A field for the strategy and for each live setting it leaves; the strategy's own field stays. */
  _fill() {
    const { run } = this.record;
    this.filled = run.spec.strategy;
    const strategy = this.fields.get("strategy") ?? this._strategies(run);
    this.fields = new Map(strategy ? [["strategy", strategy]] : []);
    for (const [name, schema] of settingsOf(this.catalog, run.spec)) {
      if (schema.live && name in run.settings) {
        this.fields.set(name, this._field(name, schema, run.settings[name]));
      }
    }
    this.panel.replaceChildren(...[...this.fields.values()].map((field) => field.element));
  }

  /* Strategies that a running run can change between; null when its own is none of them. */
  _strategies(run) {
    const live = this.catalog.plugins.filter((p) => p.kind === "strategy" && p.provides.includes("live"));
    const names = live.map((p) => p.name);
    if (!names.includes(run.spec.strategy)) return null;
    return this._field("strategy", {
      enum: names,
      description: "What happens to the gradients from the next step on.",
    }, run.spec.strategy);
  }

  _field(name, schema, value) {
    const told = el("output", {});
    const undo = el("button", {
      type: "button",
      class: "undo",
      hidden: true,
      title: "Back to what it was before",
    }, "undo");
    const words = settingWords(name);
    const inputs = numeric(schema)
      ? this._numbers(name, words, schema, value)
      : this._choice(name, words, schema, value);
    const head = el(
      "div",
      { class: "steer-head" },
      el("span", { title: schema.description }, words),
      el("span", { class: "spacer" }),
      told,
      undo,
    );
    const element = el("div", { class: "steer-field" }, head, el("div", { class: "steer-row" }, ...inputs));
    const field = { element, told, inputs, undo, sent: 0, held: false };
    /* What is in force; not while a hand is on the field or something of it is on its way. A change that was
       `applied` is shown to whoever only has the cursor there, but never into what is being typed. */
    field.show = (now, applied = false) => {
      const used = inputs.find((input) => input === document.activeElement);
      if (field.held || field.sent || (used && !applied)) return;
      for (const input of inputs) if (input !== used || input.type !== "number") input.value = now ?? "";
    };
    field.show(value);
    for (const input of inputs) {
      if (input.type === "range") {
        input.addEventListener("pointerdown", () => hold(field));
      }
    }
    return field;
  }

  _numbers(name, words, schema, value) {
    const low = schema.minimum ?? schema.exclusiveMinimum ?? 0;
    const high = reach(schema, value);
    const step = isWhole(schema) ? 1 : "any";
    const number = el("input", {
      type: "number",
      id: `steer-${this.record.id}-${name}`,
      min: schema.minimum,
      max: schema.maximum,
      step,
      "aria-label": words,
    });
    const slider = el("input", {
      type: "range",
      min: low,
      max: high,
      step: isWhole(schema) ? 1 : (high - low) / 200,
      "aria-label": `${words}, slider`,
    });
    const take = () => (number.value = String(Number(Number(slider.value).toPrecision(3))));
    slider.addEventListener("input", take);
    slider.addEventListener("change", () => {
      take();
      this._send(name, number);
    });
    number.addEventListener("change", () => this._send(name, number, schema));
    return schema.anyOf ? [number] : [slider, number];
  }

  _choice(name, words, schema, value) {
    const options = schema.enum ?? [true, false];
    const select = el(
      "select",
      { "aria-label": words },
      ...options.map((o) => el("option", { value: String(o), selected: o === value }, String(o))),
    );
    select.addEventListener(
      "change",
      () => this._patch(name, options.find((o) => String(o) === select.value)),
    );
    return [select];
  }

  _send(name, number, schema) {
    if (number.value === "" && !schema?.anyOf) return;
    this._patch(name, number.value === "" ? null : Number(number.value));
  }

  async _patch(name, value) {
    const field = this.fields.get(name);
    this.failed("");
    field.sent += 1;
    say(field.told, "sending");
    try {
      await send("PATCH", `/runs/${this.record.id}/settings`, {
        settings: { [name]: value },
        who: "dashboard",
      });
    } catch (error) {
      say(field.told, "");
      this.failed(error.message);
    } finally {
      field.sent -= 1;
    }
  }

  _applied(event) {
    const field = this.fields.get(event.data.setting);
    if (!field) return;
    field.show(parsed(event.data.new), true);
    say(field.told, `from step ${whole(event.step)}`);
    field.undo.hidden = false;
    field.undo.onclick = () => {
      field.undo.hidden = true;
      this._patch(event.data.setting, event.data.old);
    };
  }
}
