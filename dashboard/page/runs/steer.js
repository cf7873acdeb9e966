/* Live settings of a running run: the button and its panel, with a field for each setting. */
import { send } from "../api/ask.js";
import { readCatalog, settingsOf } from "../api/catalog.js";
import { STEERABLE } from "../api/states.js";
import { el, icon, say } from "../lib/element.js";
import { reason } from "../lib/reason.js";
import { SteerField } from "./steer-field.js";

/** @import { Event as RunEvent, Run } from "../api/schema.d.ts" */
/** @import { Catalog, Setting } from "../api/catalog.js" */
/** @import { Record } from "../data/record.js" */

const HINT = "Point at a setting to read what it does. A change takes effect between two steps.";
/** What a reader steers by, and what the loop does besides. */
const FIRST = ["alpha", "strategy", "lr"];
const HOUSEKEEPING = ["validate_every", "log_every", "keep_last", "keep_every", "keep_best", "step_delay_ms"];

/**
 * Settings in the order of their fields, and those that are folded.
 * @param {string[]} names
 * @returns {[first: string[], rest: string[]]}
 */
export function steerOrder(names) {
  const place = (/** @type {string} */ name) => FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length;
  const ordered = [...names].sort((a, b) => place(a) - place(b));
  return [
    ordered.filter((name) => !HOUSEKEEPING.includes(name)),
    ordered.filter((name) => HOUSEKEEPING.includes(name)),
  ];
}

/**
 * The settings that a guest's program lets us change.
 * @param {Run} run
 */
const live = (run) => /** @type {[string, Setting][]} */ (Object.entries(run.spec.guest?.live ?? {}));

export class Steer {
  /**
   * @param {Record} record
   * @param {(text: string) => void} failed called with "" when a new attempt begins
   */
  constructor(record, failed) {
    this.record = record;
    this.failed = failed;
    /** @type {Map<string, SteerField>} */
    this.fields = new Map();
    this.strategy = ""; /* the one whose settings have fields */
    /** @type {Catalog | null} */
    this.catalog = null;
    const explain = (/** @type {Event} */ event) => this._explain(event);
    this.panel = el("div", {
      class: "steer-panel",
      hidden: true,
      onfocusin: explain,
      onpointerover: explain,
    });
    this.help = el("p", { class: "steer-help muted small" }, HINT);
    this.rest = el("div", { class: "steer-rest" });
    this.fold = el("details", { class: "steer-more" }, el("summary", {}, "Housekeeping"), this.rest);
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
    record.steered = (/** @type {RunEvent} */ event) =>
      this.fields.get(String(event.data.setting))?.applied(event);
  }

  /** @param {Run} run */
  update(run) {
    const can = STEERABLE.includes(run.state);
    this.button.hidden = !can;
    if (!can) this.panel.hidden = true;
    const changed = run.spec.guest
      ? this.fields.size !== live(run).length
      : this.strategy !== run.spec.strategy;
    if (this.fields.size && changed) this._fill();
    for (const [name, field] of this.fields) {
      field.show(name === "strategy" && !run.spec.guest ? run.spec.strategy : run.settings[name]);
    }
  }

  async _open() {
    this.panel.hidden = !this.panel.hidden;
    this.button.setAttribute("aria-expanded", String(!this.panel.hidden));
    if (this.panel.hidden || this.fields.size) return;
    try {
      this.catalog = await readCatalog();
    } catch (error) {
      this.failed(reason(error));
      return;
    }
    this._fill();
  }

  /* A field for the strategy and for each live setting; the strategy's own field is kept. */
  _fill() {
    const { catalog, record: { run } } = this;
    if (!catalog || !run) return;
    if (run.spec.guest) this._offered(run);
    else this._known(catalog, run);
    this._arrange();
  }

  /**
   * What a guest's program lets us change.
   * @param {Run} run
   */
  _offered(run) {
    const fields = live(run).map(([name, schema]) => this._field(name, schema, run.settings[name]));
    this.fields = new Map(live(run).map(([name], place) => [name, fields[place]]));
  }

  /**
   * @param {Catalog} catalog
   * @param {Run} run
   */
  _known(catalog, run) {
    this.strategy = run.spec.strategy;
    const strategy = this.fields.get("strategy") ?? this._strategies(catalog, run);
    this.fields = new Map(strategy ? [["strategy", strategy]] : []);
    for (const [name, schema] of settingsOf(catalog, run.spec)) {
      if (schema.live && name in run.settings) {
        this.fields.set(name, this._field(name, schema, run.settings[name]));
      }
    }
  }

  /* What is steered by first, the rest in a fold. */
  _arrange() {
    const [first, rest] = steerOrder([...this.fields.keys()]);
    const elements = (/** @type {string[]} */ names) =>
      names.flatMap((name) => this.fields.get(name)?.element ?? []);
    this.rest.replaceChildren(...elements(rest));
    this.fold.hidden = !rest.length;
    this.panel.replaceChildren(...elements(first), this.fold, this.help);
  }

  /** @param {Event} event at a field, whose help is then shown */
  _explain({ target }) {
    const field = target instanceof Element ? target.closest(".steer-field") : null;
    if (field instanceof HTMLElement) say(this.help, field.dataset.help || HINT);
  }

  /**
   * Strategies that a running run can change between; null when its own is none of them.
   * @param {Catalog} catalog
   * @param {Run} run
   */
  _strategies(catalog, run) {
    const live = catalog.plugins.filter((p) => p.kind === "strategy" && p.provides.includes("live"));
    const names = live.map((p) => p.name);
    if (!names.includes(run.spec.strategy)) return null;
    const description = "What happens to the gradients from the next step on.";
    return this._field("strategy", { enum: names, description }, run.spec.strategy);
  }

  /**
   * @param {string} name
   * @param {Setting} schema
   * @param {unknown} value in force
   */
  _field(name, schema, value) {
    const { id } = this.record;
    return new SteerField(`steer-${id}-${name}`, name, schema, value, {
      send: (now) => send("PATCH", `/runs/${id}/settings`, { settings: { [name]: now }, who: "dashboard" }),
      failed: this.failed,
    });
  }
}
