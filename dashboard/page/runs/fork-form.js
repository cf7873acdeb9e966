/* The form of a fork: from which step, with which strategy and settings. */
import { settingsOf, settingWords } from "../api/catalog.js";
import { el } from "../lib/element.js";
import { whole } from "../lib/numbers.js";

/** @import { Checkpoint, Fork, Run } from "../api/schema.d.ts" */
/** @import { Catalog, Setting } from "../api/catalog.js" */
/** @typedef {HTMLInputElement | HTMLSelectElement} Input */
/** @typedef {{ input: Input, before: string | null, choices: unknown[] | null }} Field */

export class ForkForm {
  /**
   * @param {Run} run
   * @param {Catalog} catalog
   * @param {Checkpoint[]} checkpoints those that are kept
   */
  constructor(run, catalog, checkpoints) {
    this.run = run;
    this.catalog = catalog;
    this.checkpoints = checkpoints;
    const steps = [...new Set(checkpoints.map((c) => c.step))].sort((a, b) => b - a);
    this.step = select(steps.map((step) => [String(step), whole(step)]), String(steps[0]));
    const strategies = catalog.plugins.filter((p) => p.kind === "strategy" && !p.error);
    this.strategy = select(strategies.map((p) => [p.name, p.title]), run.spec.strategy);
    const strategyField = labeled("Strategy", this.strategy);
    strategyField.hidden = Boolean(run.spec.program);
    /** @type {Map<string, Field>} */
    this.settings = new Map();
    this.rest = el("div", { class: "fork-settings" });
    this.submit = el("button", { type: "submit", class: "button button-strong" }, "Fork");
    this.submit.disabled = !steps.length;
    const why = steps.length ? null : el("p", { class: "muted" }, noneYet(run));
    this.parts = [
      labeled("From step", this.step),
      strategyField,
      this.rest,
      el("div", { class: "fork-end" }, this.submit, why),
    ];
    this.step.addEventListener("change", () => this.begin());
    this.strategy.addEventListener("change", () => this._fill());
    this.origin = inForce(checkpoints, Number(this.step.value), run);
    this.begin();
  }

  /**
   * The form as it opens, at another step.
   * @param {number} step
   */
  startAt(step) {
    this.step.value = String(step);
    this.begin();
  }

  /* Fields hold what is in force at the chosen step, which may not be what the run trains with now. */
  begin() {
    this.origin = inForce(this.checkpoints, Number(this.step.value), this.run);
    this.strategy.value = this.origin.strategy;
    this._fill();
  }

  _fill() {
    this.settings.clear();
    const spec = { ...this.run.spec, strategy: this.strategy.value };
    this.rest.replaceChildren(
      ...settingsOf(this.catalog, spec).map(([name, schema]) => this._setting(name, schema)),
    );
  }

  /**
   * @param {string} name
   * @param {Setting} schema
   */
  _setting(name, schema) {
    const { settings } = this.origin;
    const value = (name in settings ? settings[name] : schema.default) ?? "";
    const choices = schema.enum ?? (schema.type === "boolean" ? [true, false] : null);
    const input = choices
      ? select(choices.map((c) => [String(c), String(c)]), String(value))
      : el("input", { type: "text", inputmode: "decimal", autocomplete: "off", value: String(value) });
    /* What another strategy begins with is always sent: the API may know other values from earlier on. */
    const before = name in settings || schema.default === undefined ? String(value) : null;
    this.settings.set(name, { input, before, choices });
    return labeled(settingWords(name), input, schema.description);
  }

  /**
   * What differs from the parent at the chosen step.
   * @returns {Pick<Fork, "step" | "strategy" | "settings">}
   */
  get changes() {
    /** @type {Record<string, unknown>} */
    const settings = {}; /* texts: the API reads them by their declared types */
    for (const [name, { input, before, choices }] of this.settings) {
      const text = input.value.trim();
      if (text !== before) settings[name] = choices?.find((c) => String(c) === text) ?? text;
    }
    const same = this.run.spec.program || this.strategy.value === this.origin.strategy;
    const strategy = same ? "" : this.strategy.value;
    return { step: Number(this.step.value), strategy, settings };
  }
}

/** @param {Run} run */
const noneYet = (run) =>
  run.spec.program
    ? "There is no checkpoint yet; the program notes one with run.checkpoint(path, step)."
    : "There is no checkpoint yet; one is written after each epoch.";

/**
 * Strategy and settings of the checkpoint that the API takes for a step; where none are recorded, those in
 * force now.
 * @param {Checkpoint[]} checkpoints
 * @param {number} step
 * @param {Run} run
 * @returns {{ strategy: string, settings: Record<string, unknown> }}
 */
function inForce(checkpoints, step, run) {
  const [newest] = checkpoints.filter((c) => c.step <= step).sort((a, b) =>
    b.attempt - a.attempt || b.step - a.step
  );
  return newest?.strategy ? newest : { strategy: run.spec.strategy, settings: run.settings };
}

/**
 * @param {string[][]} options pairs of value and text
 * @param {string} chosen
 */
function select(options, chosen) {
  return el(
    "select",
    {},
    ...options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)),
  );
}

/**
 * @param {string} label
 * @param {Input} input
 * @param {string} [help]
 */
function labeled(label, input, help) {
  return el(
    "label",
    { class: "steer-field", title: help ?? "" },
    el("span", { class: "steer-head" }, label),
    input,
  );
}
