/* A new run from a checkpoint of this one: from which step, with which strategy and settings. */
import { ask, once, send } from "../api/ask.js";
import { catalogue, settingsOf, settingWords } from "../api/catalog.js";
import { el, icon } from "../lib/element.js";
import { whole } from "../lib/numbers.js";
import { go } from "../shell/navigate.js";

const BEGUN = ["running", "pausing", "paused", "stopping", "stopped", "completed", "failed", "lost"];

export class Fork {
  constructor(record, failed) {
    Object.assign(this, { record, failed });
    this.panel = el("form", {
      class: "steer-panel",
      hidden: true,
      onsubmit: (submit) => this._submit(submit),
    });
    this.button = el(
      "button",
      {
        type: "button",
        class: "button button-quiet",
        "data-action": "fork",
        "aria-expanded": "false",
        title: "A new run from a checkpoint of this one, with changes",
        "aria-label": "Fork",
        hidden: true,
        onclick: () => this._open(),
      },
      icon("fork"),
      el("span", {}, "Fork"),
    );
  }

  update(run) {
    this.button.hidden = !BEGUN.includes(run.state) || run.epoch < 1;
    if (this.button.hidden) this._close();
  }

  _close() {
    this.panel.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  /* The form as it opens, at another step. */
  async openAt(step) {
    this._close();
    await this._open();
    if (this.panel.hidden) return;
    this.step.value = String(step);
    this.begin();
    this.panel.scrollIntoView({ block: "center" });
  }

  async _open() {
    if (!this.panel.hidden) return this._close();
    this.failed("");
    try {
      const [catalog, checkpoints] = await Promise.all([
        catalogue(),
        ask(`/runs/${this.record.id}/checkpoints`),
      ]);
      this._fill(catalog, checkpoints.filter((c) => c.kept));
    } catch (error) {
      this.failed(error.message);
      return;
    }
    this.panel.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.panel.querySelector("select").focus();
  }

  /* Fields hold what is in force at the chosen step, which may not be what the run trains with now. */
  _fill(catalog, checkpoints) {
    const { run } = this.record;
    const steps = [...new Set(checkpoints.map((c) => c.step))].sort((a, b) => b - a);
    this.step = select(steps.map((step) => [String(step), whole(step)]), String(steps[0]));
    const strategies = catalog.plugins.filter((p) => p.kind === "strategy" && !p.error);
    this.strategy = select(strategies.map((p) => [p.name, p.title]), run.spec.strategy);
    this.settings = new Map();
    const rest = el("div", { class: "fork-settings" });
    const settings = () => {
      this.settings.clear();
      const spec = { ...run.spec, strategy: this.strategy.value };
      rest.replaceChildren(...settingsOf(catalog, spec).map(([name, schema]) => this._setting(name, schema)));
    };
    this.begin = () => {
      this.there = inForce(checkpoints, Number(this.step.value), run);
      this.strategy.value = this.there.strategy;
      settings();
    };
    this.step.addEventListener("change", () => this.begin());
    this.strategy.addEventListener("change", settings);
    this.begin();
    this.submit = el("button", { type: "submit", class: "button button-strong" }, "Fork");
    this.submit.disabled = !steps.length;
    const why = steps.length
      ? null
      : el("p", { class: "muted" }, "There is no checkpoint yet; one is written after each epoch.");
    this.panel.replaceChildren(
      field("From step", this.step),
      field("Strategy", this.strategy),
      rest,
      el("div", { class: "fork-end" }, this.submit, why),
    );
  }

  _setting(name, schema) {
    const { settings } = this.there;
    const value = (name in settings ? settings[name] : schema.default) ?? "";
    const choices = schema.enum ?? (schema.type === "boolean" ? [true, false] : null);
    const input = choices
      ? select(choices.map((c) => [String(c), String(c)]), String(value))
      : el("input", { type: "text", inputmode: "decimal", autocomplete: "off", value: String(value) });
    /* What another strategy begins with is always said: the API may know other values from earlier on. */
    const before = name in settings || schema.default === undefined ? String(value) : null;
    this.settings.set(name, { input, before, choices });
    return field(settingWords(name), input, schema.description);
  }

  /* What differs from the parent at that step, as JSON values. */
  changes() {
    const found = {};
    for (const [name, { input, before, choices }] of this.settings) {
      const text = input.value.trim();
      if (text === before) continue;
      const choice = choices?.find((c) => String(c) === text);
      found[name] = choice ?? (text === "" ? null : Number.isNaN(Number(text)) ? text : Number(text));
    }
    return found;
  }

  /* One at a time; and the same again, after an answer that was lost, makes no second run. */
  async _submit(submit) {
    submit.preventDefault();
    if (this.submit.disabled) return;
    this.failed("");
    const { run } = this.record;
    const strategy = this.strategy.value === this.there.strategy ? "" : this.strategy.value;
    const changes = { step: Number(this.step.value), strategy, settings: this.changes() };
    const asked = JSON.stringify(changes);
    if (this.asked?.asked !== asked) this.asked = { asked, key: once() };
    this.submit.disabled = true;
    try {
      const made = await send("POST", `/runs/${run.id}/fork`, changes, this.asked.key);
      this.asked = null;
      this._close();
      go(`/watch?runs=${run.id},${made.id}`);
    } catch (error) {
      const told = (error.problem?.errors ?? []).map((e) => `${e.field}: ${e.message}`).join("; ");
      this.failed(told || error.message);
    } finally {
      this.submit.disabled = false;
    }
  }
}

/* {strategy, settings} of the checkpoint that the API takes for a step; where it does not know, what is in force now. */
function inForce(checkpoints, step, run) {
  const [newest] = checkpoints.filter((c) => c.step <= step).sort((a, b) =>
    b.attempt - a.attempt || b.step - a.step
  );
  return newest?.strategy ? newest : { strategy: run.spec.strategy, settings: run.settings };
}

function select(options, chosen) {
  return el(
    "select",
    {},
    ...options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)),
  );
}

function field(label, input, help) {
  return el(
    "label",
    { class: "steer-field", title: help ?? "" },
    el("span", { class: "steer-head" }, label),
    input,
  );
}

/* A button that asks the API for a turn of a run, `verb` being the last part of its address. */
export function turnButton(record, verb, label, title, failed, body = () => undefined, action = verb) {
  const button = el(
    "button",
    {
      type: "button",
      class: "button button-quiet",
      "data-action": action,
      title,
      "aria-label": label,
      hidden: true,
    },
    icon(action),
    el("span", {}, label),
  );
  button.addEventListener("click", async () => {
    button.disabled = true;
    failed("");
    try {
      await send("POST", `/runs/${record.id}/${verb}`, body());
    } catch (error) {
      failed(error.message);
    } finally {
      button.disabled = false;
    }
  });
  return button;
}
