/* The alerts there are, each of which can be turned off or deleted, below the form of a new one. */
import { ask, misfits, send } from "../api/ask.js";
import { readCatalog } from "../api/catalog.js";
import { el, say } from "../lib/element.js";
import { AlertForm } from "./alert-form.js";

/** @import { Alert, Run } from "../api/schema.d.ts" */

/** The panel of alerts. */
export class Alerts {
  constructor() {
    /** @type {Run | null} */
    this.run = null;
    this.list = el("ul", { class: "alerts", "aria-label": "Alerts that are set" });
    this.none = el(
      "p",
      { class: "muted", hidden: true },
      "No alerts set. An alert fires even while no page is open, and appears under Notices.",
    );
    this.problem = el("p", { class: "reason", role: "status", hidden: true });
    this.form = new AlertForm(
      (rule) => this._send("POST", "/alerts", rule),
      (rule) => send("POST", "/alerts/check", rule),
    );
    this.element = el(
      "div",
      { class: "alerts-panel" },
      this.form.element,
      this.problem,
      this.list,
      this.none,
    );
  }

  /**
   * Prepare the form for a run, whose series are offered.
   * @param {Run} run
   */
  prepare(run) {
    this.run = run;
    this.form.prepare(run);
  }

  /** Show the alerts there are. */
  async read() {
    try {
      /** @type {Alert[]} */
      const alerts = await ask("/alerts");
      this.none.hidden = alerts.length > 0;
      this.list.replaceChildren(...alerts.map((alert) => this._row(alert)));
    } catch (error) {
      this._fail(error);
    }
    this.form.show();
    if (this.form.offers) return;
    const { plugins } = await readCatalog().catch(() => ({ plugins: [] }));
    this.form.offer(plugins.flatMap((plugin) => (plugin.series ?? []).map((series) => series.name)));
  }

  /** @param {Alert} alert */
  _row(alert) {
    const on = el("input", {
      type: "checkbox",
      checked: alert.enabled,
      "aria-label": `${alert.words}: on`,
      title: "On or off",
      onchange: () => this._send("PATCH", `/alerts/${alert.id}`, { enabled: on.checked }),
    });
    const remove = el("button", {
      type: "button",
      class: "icon-button",
      "aria-label": `Delete the alert ${alert.words}`,
      title: "Delete",
      onclick: () => this._send("DELETE", `/alerts/${alert.id}`),
    }, "×");
    return el(
      "li",
      { "data-alert": alert.id },
      on,
      el("div", {}, el("div", {}, alert.words), el("div", { class: "muted small" }, this._scope(alert))),
      remove,
    );
  }

  /**
   * The runs that an alert watches.
   * @param {Alert} alert
   */
  _scope({ run, tag }) {
    if (!run) return el("span", {}, tag ? `runs tagged ${tag}` : "all runs");
    const name = run === this.run?.id ? this.run.name : `run ${run}`;
    return el("a", { class: "text-link", href: `/watch?runs=${run}` }, name);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  async _send(method, path, body) {
    this.problem.hidden = true;
    try {
      await send(method, path, body);
    } catch (error) {
      this._fail(error);
    }
    await this.read();
  }

  /** @param {unknown} error */
  _fail(error) {
    say(this.problem, misfits(error));
    this.problem.hidden = false;
  }
}
