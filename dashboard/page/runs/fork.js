/* A new run from a checkpoint of this one: the button and the panel it opens. */
import { ask, misfits, once, send } from "../api/ask.js";
import { readCatalog } from "../api/catalog.js";
import { BEGUN } from "../api/states.js";
import { el, icon } from "../lib/element.js";
import { reason } from "../lib/reason.js";
import { canResume, isLaunched } from "./state.js";
import { go } from "../shell/navigate.js";
import { ForkForm } from "./fork-form.js";

/** @import { Checkpoint, Run } from "../api/schema.d.ts" */
/** @import { Record } from "../data/record.js" */

export class Fork {
  /**
   * @param {Record} record
   * @param {(text: string) => void} failed called with "" when a new attempt begins
   */
  constructor(record, failed) {
    this.record = record;
    this.failed = failed;
    /** @type {ForkForm | null} */
    this.form = null;
    /** The last request and its key: repeating it after a lost answer creates nothing twice. */
    this.request = { text: "", key: "" };
    this.panel = el("form", {
      class: "steer-panel",
      hidden: true,
      onsubmit: (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        this._submit();
      },
    });
    this.button = el(
      "button",
      {
        type: "button",
        class: "button button-quiet",
        "data-action": "fork",
        "aria-expanded": "false",
        title: "Start a new run from a checkpoint of this one, with changes",
        "aria-label": "Fork",
        hidden: true,
        onclick: () => this._open(),
      },
      icon("fork"),
      el("span", {}, "Fork"),
    );
  }

  /** @param {Run} run */
  update(run) {
    const kept = run.spec.program ? canResume(run) && run.step > 0 : run.epoch >= 1;
    this.button.hidden = !BEGUN.includes(run.state) || !kept || !isLaunched(run);
    if (this.button.hidden) this._close();
  }

  _close() {
    this.panel.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  /**
   * Open the form at a step.
   * @param {number} step
   */
  async openAt(step) {
    this._close();
    await this._open();
    if (this.panel.hidden) return;
    this.form?.startAt(step);
    this.panel.scrollIntoView({ block: "center" });
  }

  async _open() {
    const { run } = this.record;
    if (!this.panel.hidden || !run) return this._close();
    this.failed("");
    try {
      const [catalog, checkpoints] = await Promise.all([
        readCatalog(),
        /** @type {Promise<Checkpoint[]>} */ (ask(`/runs/${this.record.id}/checkpoints`)),
      ]);
      this.form = new ForkForm(run, catalog, checkpoints.filter((c) => c.kept));
    } catch (error) {
      this.failed(reason(error));
      return;
    }
    this.panel.replaceChildren(...this.form.parts);
    this.panel.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.form.step.focus();
  }

  /* One request at a time. */
  async _submit() {
    const { form } = this;
    if (!form || form.submit.disabled) return;
    this.failed("");
    const { changes } = form;
    const text = JSON.stringify(changes);
    if (this.request.text !== text) this.request = { text, key: once() };
    form.submit.disabled = true;
    try {
      /** @type {Run} */
      const child = await send("POST", `/runs/${this.record.id}/fork`, changes, this.request.key);
      this.request = { text: "", key: "" };
      this._close();
      go(`/watch?runs=${this.record.id},${child.id}`);
    } catch (error) {
      this.failed(misfits(error));
    } finally {
      form.submit.disabled = false;
    }
  }
}
