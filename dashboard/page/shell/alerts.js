/* The alerts that were set, and the form of a new one: a sentence with gaps. */
import { ask, send } from "../api/ask.js";
import { catalogue } from "../api/catalog.js";
import { el, say } from "../lib/element.js";

const CONDITIONS = [["above", "is above"], ["below", "is below"], ["nan", "is NaN"], [
  "stalled",
  "takes no step",
]];

export class Alerts {
  constructor() {
    this.run = null;
    this.list = el("ul", { class: "alerts", "aria-label": "Alerts that are set" });
    this.none = el(
      "p",
      { class: "muted", hidden: true },
      "No alert is set. They hold while no page is open, and are told of here.",
    );
    this.told = el("p", { class: "reason", role: "status", hidden: true });
    this.element = el("div", { class: "alerts-panel" }, this._form(), this.told, this.list, this.none);
  }

  _form() {
    const number = (value, label, min, step = "any") =>
      el("input", { type: "number", value, min, step, required: true, "aria-label": label });
    this.series = el("input", {
      type: "text",
      value: "rho.*",
      list: "alert-series",
      required: true,
      autocomplete: "off",
      "aria-label": "Series, or a pattern",
      title: "A series' name; * stands for any text",
    });
    this.options = el("datalist", { id: "alert-series" });
    this.condition = el(
      "select",
      { "aria-label": "Condition", onchange: () => this._shape() },
      ...CONDITIONS.map(([value, text]) => el("option", { value }, text)),
    );
    this.threshold = number(5, "Threshold");
    this.steps = number(100, "Steps in a row", 1, 1);
    this.seconds = number(300, "Seconds", 1, 1);
    this.scope = el("select", { "aria-label": "Which runs", onchange: () => this._shape() });
    this.tag = el("input", {
      type: "text",
      placeholder: "tag",
      required: true,
      maxlength: "200",
      "aria-label": "Tag",
    });
    this.of = el("span", { class: "alert-part" }, this.series, this.options);
    this.forSteps = el("span", { class: "alert-part" }, "for", this.steps, "steps");
    this.forSeconds = el("span", { class: "alert-part" }, "for", this.seconds, "seconds");
    this.set = el("button", { type: "submit", class: "button button-strong" }, "Set this alert");
    const form = el(
      "form",
      { class: "alert-form", onsubmit: (submit) => this._submit(submit) },
      el("h3", {}, "Alert me when"),
      el(
        "div",
        { class: "alert-sentence" },
        this.of,
        this.condition,
        this.threshold,
        this.forSteps,
        this.forSeconds,
        el("span", { class: "alert-part" }, "in", this.scope, this.tag),
      ),
      this.set,
    );
    this._scopes();
    return form;
  }

  _scopes() {
    const options = [["", "all runs"], ["tag", "runs tagged"]];
    if (this.run) options.unshift(["run", this.run.name]);
    this.scope.replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
    this._shape();
  }

  /* Only the gaps that this sentence has. */
  _shape() {
    const stalled = this.condition.value === "stalled";
    const limited = ["above", "below"].includes(this.condition.value);
    const show = (part, shown, ...inputs) => {
      part.hidden = !shown;
      for (const input of inputs) input.disabled = !shown;
    };
    show(this.of, !stalled, this.series);
    show(this.threshold, limited, this.threshold);
    show(this.forSteps, !stalled, this.steps);
    show(this.forSeconds, stalled, this.seconds);
    show(this.tag, this.scope.value === "tag", this.tag);
  }

  /* The form for a run, whose series are offered. */
  prepare(run) {
    this.run = run;
    this._scopes();
    this._offer(run.series.map((series) => series.name));
    (this.of.hidden ? this.condition : this.series).focus();
  }

  _offer(names) {
    const stems = names.map((name) => name.replace(/\.\{m\}$/, ".*")).flatMap((
      name,
    ) => (name.includes(".") ? [`${name.slice(0, name.lastIndexOf("."))}.*`, name] : [name]));
    this.options.replaceChildren(...["*", ...new Set(stems)].map((value) => el("option", { value })));
  }

  async read() {
    try {
      const found = await ask("/alerts");
      this.none.hidden = found.length > 0;
      this.list.replaceChildren(...found.map((one) => this._row(one)));
    } catch (error) {
      this._fail(error);
    }
    if (this.options.children.length) return;
    const catalog = await catalogue().catch(() => ({ plugins: [] }));
    this._offer(catalog.plugins.flatMap((plugin) => (plugin.series ?? []).map((series) => series.name)));
  }

  _row(one) {
    const on = el("input", {
      type: "checkbox",
      checked: one.enabled,
      "aria-label": `${one.words}: on`,
      title: "On or off",
      onchange: () => this._send("PATCH", `/alerts/${one.id}`, { enabled: on.checked }),
    });
    const where = one.run
      ? el(
        "a",
        { class: "text-link", href: `/watch?runs=${one.run}` },
        one.run === this.run?.id ? this.run.name : `run ${one.run}`,
      )
      : el("span", {}, one.tag ? `runs tagged ${one.tag}` : "all runs");
    const remove = el("button", {
      type: "button",
      class: "icon-button",
      "aria-label": `Delete the alert ${one.words}`,
      title: "Delete",
      onclick: () => this._send("DELETE", `/alerts/${one.id}`),
    }, "×");
    return el(
      "li",
      { "data-alert": one.id },
      on,
      el("div", {}, el("div", {}, one.words), el("div", { class: "muted small" }, where)),
      remove,
    );
  }

  async _submit(submit) {
    submit.preventDefault();
    if (this.set.disabled) return;
    const rule = { condition: this.condition.value };
    const numbers = { threshold: this.threshold, steps: this.steps, seconds: this.seconds };
    for (const [name, input] of Object.entries(numbers)) {
      if (!input.disabled) rule[name] = Number(input.value);
    }
    if (!this.series.disabled) rule.series = this.series.value.trim();
    if (this.scope.value === "run") rule.run = this.run.id;
    if (this.scope.value === "tag") rule.tag = this.tag.value.trim();
    this.set.disabled = true;
    await this._send("POST", "/alerts", rule);
    this.set.disabled = false;
  }

  async _send(method, path, body) {
    this.told.hidden = true;
    try {
      await send(method, path, body);
    } catch (error) {
      this._fail(error);
    }
    await this.read();
  }

  _fail(error) {
    const told = (error.problem?.errors ?? []).map((one) => `${one.field}: ${one.message}`).join("; ");
    say(this.told, told || error.message);
    this.told.hidden = false;
  }
}
