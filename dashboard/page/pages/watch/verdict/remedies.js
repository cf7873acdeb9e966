/* "What would help?": the dialog that tries candidates on a run. */
import { ask, misfits, once, send } from "../../../api/ask.js";
import { el, say } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";
import { asCandidates, cost } from "./trial.js";

/** @import { Checkpoint, Suggestion, Sweep, Run } from "../../../api/schema.d.ts" */

/**
 * Whether candidates can be tried on a run: it has begun, and it is no program's.
 * @param {Run | null} run
 */
export const races = (run) => Boolean(run?.total_steps && run.epochs && !run.spec.guest);

/** A dialog on one run; `started` is called with the sweep that it made. */
export class Remedies {
  /**
   * @param {string} run
   * @param {(sweep: string) => void} started
   */
  constructor(run, started) {
    this.run = run;
    this.started = started;
    this.request = { text: "", key: "" };
    /** @type {Suggestion | null} */
    this.suggestion = null;
    this.candidates = el("textarea", {
      class: "trial-candidates",
      rows: "8",
      spellcheck: "false",
      oninput: () => this._count(),
    });
    this.step = el("select", {});
    this.horizon = el("input", {
      type: "number",
      min: "1",
      inputmode: "numeric",
      oninput: () => this._count(),
    });
    this.seeds = el("input", { type: "text", inputmode: "numeric", oninput: () => this._count() });
    this.about = el("p", { class: "muted", role: "status" });
    this.error = el("p", { class: "reason", role: "alert", hidden: true });
    this.submit = el("button", { type: "submit", class: "button button-strong" }, "Try them");
    const cancel = el(
      "button",
      { type: "button", class: "button", onclick: () => this.element.close() },
      "Cancel",
    );
    const form = el(
      "form",
      { method: "dialog", onsubmit: (/** @type {Event} */ event) => this._submit(event) },
      el("h2", { id: "remedies-title" }, "What would help?"),
      el(
        "p",
        { class: "muted" },
        "The candidates are trained from one place with the same data order. At each comparison the better " +
          "half goes on; joint training is the control and always does.",
      ),
      field("Candidates, one per line", this.candidates),
      el(
        "div",
        { class: "trial-fields" },
        field("Start", this.step),
        field("Epochs", this.horizon),
        field("Seeds", this.seeds),
      ),
      this.about,
      this.error,
      el("div", { class: "trial-end" }, cancel, this.submit),
    );
    this.element = el("dialog", { class: "card trial-dialog", "aria-labelledby": "remedies-title" }, form);
  }

  /**
   * Open it with what the API suggests.
   * @param {string | null} first a checkpoint's step to start from
   */
  async open(first = null) {
    this._say("");
    if (!this.element.isConnected) document.body.append(this.element);
    this.element.showModal();
    try {
      const path = `/runs/${encodeURIComponent(this.run)}`;
      /** @type {[Suggestion, Checkpoint[]]} */
      const [suggestion, checkpoints] = await Promise.all([
        ask(`${path}/remedies`),
        ask(`${path}/checkpoints`),
      ]);
      this.suggestion = suggestion;
      this._fill(suggestion, checkpoints.filter(({ kept }) => kept), first);
    } catch (error) {
      this._say(misfits(error));
    }
  }

  /**
   * @param {Suggestion} suggestion
   * @param {Checkpoint[]} checkpoints
   * @param {string | null} first
   */
  _fill({ candidates, horizon, seeds }, checkpoints, first) {
    const steps = [...new Set(checkpoints.map(({ step }) => step))].sort((a, b) => a - b);
    this.step.replaceChildren(
      el("option", { value: "" }, "the beginning"),
      ...steps.map((step) => el("option", { value: String(step) }, `the checkpoint at step ${whole(step)}`)),
    );
    this.step.value = first ?? "";
    this.candidates.value = (candidates ?? []).map(({ strategy, settings }) =>
      [strategy, ...Object.entries(settings ?? {}).map((pair) => pair.join("="))].filter(Boolean).join(", ")
    ).join("\n");
    this.horizon.value = String(horizon ?? "");
    this.seeds.value = (seeds ?? []).join(", ");
    this._count();
  }

  /* What it costs, as it is filled in. */
  _count() {
    const { suggestion } = this;
    if (!suggestion) return;
    say(this.about, cost(suggestion, this._trial()));
  }

  _trial() {
    const numbers = this.seeds.value.split(/[\s,]+/).filter(Boolean).map(Number);
    return {
      candidates: asCandidates(this.candidates.value),
      step: this.step.value ? Number(this.step.value) : null,
      horizon: this.horizon.value ? Number(this.horizon.value) : null,
      seeds: numbers,
    };
  }

  /** @param {Event} event */
  async _submit(event) {
    event.preventDefault();
    if (this.submit.disabled) return;
    this.submit.disabled = true;
    this._say("");
    const trial = this._trial();
    const text = JSON.stringify(trial);
    if (this.request.text !== text) this.request = { text, key: once() };
    try {
      /** @type {Sweep} */
      const sweep = await send("POST", `/runs/${this.run}/remedies`, trial, this.request.key);
      this.element.close();
      this.started(sweep.id);
    } catch (error) {
      this._say(misfits(error));
    } finally {
      this.submit.disabled = false;
    }
  }

  /** @param {string} words */
  _say(words) {
    say(this.error, words);
    this.error.hidden = !words;
  }

  leave() {
    this.element.remove();
  }
}

/**
 * @param {string} label
 * @param {HTMLElement} input
 */
const field = (label, input) =>
  el("label", { class: "steer-field" }, el("span", { class: "steer-head" }, label), input);
