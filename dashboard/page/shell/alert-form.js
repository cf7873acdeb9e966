/* The form of a new alert: a sentence with gaps. */
import { el, say } from "../lib/element.js";
import { runCount } from "../runs/facts.js";

/** @import { AlertRule, Rehearsal, Run } from "../api/schema.d.ts" */

/** @type {[AlertRule["condition"], string][]} */
const CONDITIONS = [
  ["above", "is above"],
  ["below", "is below"],
  ["nan", "is NaN"],
  ["stalled", "takes no step"],
];

/** How a threshold is compared: what is noisy is high at many steps, and at few in a row. */
const MODES = /** @type {const} */ ([["mean", "on the mean of the last"], ["row", "in each of the last"]]);
const CALM_MS = 400;

/**
 * @param {number} value
 * @param {string} label
 * @param {number} [min]
 * @param {number | "any"} [step]
 */
const number = (value, label, min, step = "any") =>
  el("input", { type: "number", value, min, step, required: true, "aria-label": label });

/** @param {...(Node | string)} parts */
const gap = (...parts) => el("span", { class: "alert-part" }, ...parts);

/**
 * @param {readonly (readonly [string, string])[]} options
 */
const options = (options) => options.map(([value, text]) => el("option", { value }, text));

/**
 * Show or hide a gap; what is hidden is not part of the rule.
 * @param {HTMLElement} part
 * @param {boolean} shown
 * @param {HTMLInputElement} input
 */
function show(part, shown, input) {
  part.hidden = !shown;
  input.disabled = !shown;
}

/**
 * "Would have fired in 3 of the last 12 runs."
 * @param {Rehearsal} rehearsal
 */
export function rehearsed({ runs, fired }) {
  if (!runs) return "";
  const all = runs === 1 ? "the last run" : `the last ${runCount(runs)}`;
  if (!fired.length) return `Would not have fired in ${all}.`;
  return `Would have fired in ${runs === 1 ? "" : `${fired.length} of `}${all}.`;
}

/** The form of a new alert. */
export class AlertForm {
  /**
   * @param {(rule: Partial<AlertRule>) => Promise<void>} create
   * @param {(rule: Partial<AlertRule>) => Promise<Rehearsal>} rehearse what it would have done
   */
  constructor(create, rehearse) {
    this.create = create;
    this.rehearse = rehearse;
    /** @type {Run | null} */
    this.run = null;
    const shape = () => this._shape();
    this.series = el("input", {
      type: "text",
      value: "rho.*",
      list: "alert-series",
      required: true,
      autocomplete: "off",
      "aria-label": "Series, or a pattern",
      title: "Name of a series; * matches any text",
    });
    this.names = el("datalist", { id: "alert-series" });
    this.condition = el("select", { "aria-label": "Condition", onchange: shape }, ...options(CONDITIONS));
    this.threshold = number(3, "Threshold");
    this.mode = el("select", { "aria-label": "Over which steps", onchange: shape }, ...options(MODES));
    this.steps = number(20, "Number of steps", 1, 1);
    this.seconds = number(300, "Seconds", 1, 1);
    this.scope = el("select", { "aria-label": "Which runs", onchange: shape });
    this.tag = el("input", {
      type: "text",
      placeholder: "tag",
      required: true,
      maxlength: "200",
      "aria-label": "Tag",
    });
    this.gaps = {
      series: gap(this.series, this.names),
      steps: gap(this.mode, this.steps, "steps"),
      seconds: gap("for", this.seconds, "seconds"),
      scope: gap("in", this.scope, this.tag),
    };
    this.submit = el("button", { type: "submit", class: "button button-strong" }, "Set this alert");
    this.forecast = el("p", { class: "muted small alert-forecast", role: "status" });
    this.timer = 0;
    const { series, steps, seconds, scope } = this.gaps;
    this.element = el(
      "form",
      {
        class: "alert-form",
        onsubmit: (/** @type {SubmitEvent} */ event) => this._submit(event),
        oninput: () => this._rehearse(),
      },
      el("h3", {}, "Alert me when"),
      el("div", { class: "alert-sentence" }, series, this.condition, this.threshold, steps, seconds, scope),
      this.forecast,
      this.submit,
    );
    this._scopes();
  }

  /** Whether names of series are offered. */
  get offers() {
    return this.names.children.length > 0;
  }

  /**
   * Offer the series of a run, and it alone as the scope.
   * @param {Run} run
   */
  prepare(run) {
    this.run = run;
    this._scopes();
    this.offer(run.series.map((series) => series.name));
    (this.gaps.series.hidden ? this.condition : this.series).focus();
  }

  /**
   * Offer these series, and patterns of those with a modality.
   * @param {string[]} names
   */
  offer(names) {
    const stems = names.map((name) => name.replace(/\.\{m\}$/, ".*"));
    const patterns = stems.flatMap((name) =>
      name.includes(".") ? [`${name.slice(0, name.lastIndexOf("."))}.*`, name] : [name]
    );
    this.names.replaceChildren(...["*", ...new Set(patterns)].map((value) => el("option", { value })));
  }

  _scopes() {
    /** @type {[string, string][]} */
    const own = this.run ? [["run", this.run.name]] : [];
    this.scope.replaceChildren(...options([...own, ["", "all runs"], ["tag", "runs tagged"]]));
    this._shape();
  }

  /** It is in sight. */
  show() {
    this._rehearse();
  }

  /* Only the gaps that this sentence has. */
  _shape() {
    const stalled = this.condition.value === "stalled";
    const limited = ["above", "below"].includes(this.condition.value);
    show(this.gaps.series, !stalled, this.series);
    show(this.threshold, limited, this.threshold);
    show(this.gaps.steps, limited, this.steps);
    show(this.gaps.seconds, stalled, this.seconds);
    show(this.tag, this.scope.value === "tag", this.tag);
    this._rehearse();
  }

  /* What the rule would have done, once nothing was typed for a moment. */
  _rehearse() {
    clearTimeout(this.timer);
    if (!this.element?.isConnected || !this.element.checkVisibility()) return;
    this.timer = setTimeout(async () => {
      const answer = this.element.checkValidity()
        ? await this.rehearse(this._rule()).catch(() => null)
        : null;
      say(this.forecast, answer ? rehearsed(answer) : "");
    }, CALM_MS);
  }

  /** @param {SubmitEvent} event */
  async _submit(event) {
    event.preventDefault();
    if (this.submit.disabled) return;
    this.submit.disabled = true;
    await this.create(this._rule());
    this.submit.disabled = false;
  }

  get _measure() {
    return this.mode.value === "mean" ? "mean_of" : "steps";
  }

  _rule() {
    const condition = /** @type {AlertRule["condition"]} */ (this.condition.value);
    /** @type {Partial<AlertRule>} */
    const rule = { condition };
    for (const name of /** @type {const} */ (["threshold", "seconds"])) {
      if (!this[name].disabled) rule[name] = Number(this[name].value);
    }
    if (!this.steps.disabled) rule[this._measure] = Number(this.steps.value);
    if (!this.series.disabled) rule.series = this.series.value.trim();
    if (this.scope.value === "run") rule.run = this.run?.id;
    if (this.scope.value === "tag") rule.tag = this.tag.value.trim();
    return rule;
  }
}
