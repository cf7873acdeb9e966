/* The checkpoints of one run, and a fork from any that is kept. */
import { ask } from "../../../api/ask.js";
import { el, icon, refill, say } from "../../../lib/element.js";
import { percent, size, whole } from "../../../lib/numbers.js";
import { reason } from "../../../lib/reason.js";
import { clock } from "../../../lib/times.js";

/** @import { Checkpoint, Event } from "../../../api/schema.d.ts" */
/** @import { Mark } from "../../../data/marks.js" */
/** @import { Record } from "../../../data/record.js" */
/** @import { Panel, PanelView } from "./index.js" */

const CALM_MS = 300;
const NONE = "No checkpoints yet; one is written after each epoch, and when the run is paused or stopped.";
/** @type {{ text: string, kind?: string }[]} */
const HEADS = [
  { text: "Step" },
  { text: "Validation" },
  { text: "About" },
  { text: "Attempt", kind: "c-wide" },
  { text: "Written" },
  { text: "Size" },
  { text: "Hash", kind: "c-wide" },
  { text: "Fork" },
];

/**
 * What is special about checkpoints, by their names: "best", "before alpha 1.5 → 0.1".
 * @param {Pick<Checkpoint, "name" | "step">[]} checkpoints
 * @param {Mark[]} marks what happened to the run
 * @param {number | undefined} best the step of the best validation
 * @returns {Map<string, string>}
 */
export function aboutCheckpoints(checkpoints, marks, best) {
  const steps = checkpoints.map(({ step }) => step).sort((a, b) => a - b);
  return new Map(checkpoints.map(({ name, step }) => {
    const next = steps.find((later) => later > step) ?? Infinity;
    const changes = marks.filter((mark) => !mark.calm && mark.step >= step && mark.step < next);
    const words = [step === best ? "best" : "", ...changes.slice(0, 1).map(({ text }) => `before ${text}`)];
    return [name, words.filter(Boolean).join(", ")];
  }));
}

class Checkpoints {
  /**
   * @param {Record} record
   * @param {HTMLElement} root
   * @param {() => boolean} alive
   * @param {PanelView} view
   */
  constructor(record, root, alive, view) {
    this.record = record;
    this.root = root;
    this.alive = alive;
    this.view = view;
    this.timer = 0;
    this.body = el("tbody", {});
    const heads = HEADS.map(({ text, kind }) => el("th", { scope: "col", class: kind }, text));
    this.table = el(
      "div",
      { class: "details-frame", hidden: true },
      el("table", { class: "details-table" }, el("thead", {}, el("tr", {}, ...heads)), this.body),
    );
    this.note = el("p", { class: "muted" }, "Loading checkpoints …");
    this.all = el("input", { type: "checkbox", class: "check", onchange: () => this._show() });
    this.choice = el("label", { class: "same-choice", hidden: true }, this.all, "Show those not kept");
    /** @type {Checkpoint[]} */
    this.checkpoints = [];
    root.replaceChildren(this.table, this.choice, this.note);
  }

  /** @param {boolean} open */
  async opened(open) {
    if (open) await this._read();
  }

  update() {}

  /** @param {Event} event */
  add(event) {
    if (event.kind !== "checkpoint" || !this.root.closest("details")?.open) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.alive() && this._read(), CALM_MS);
  }

  async _read() {
    try {
      /** @type {Checkpoint[]} */
      const checkpoints = await ask(`/runs/${encodeURIComponent(this.record.id)}/checkpoints`);
      if (this.alive()) this._fill(checkpoints.reverse());
    } catch (error) {
      say(this.note, reason(error));
    }
  }

  /** @param {Checkpoint[]} checkpoints newest first */
  _fill(checkpoints) {
    this.checkpoints = checkpoints;
    this._show();
  }

  _show() {
    const { checkpoints } = this;
    const all = checkpoints.length;
    const kept = checkpoints.filter((checkpoint) => checkpoint.kept);
    const shown = this.all.checked || !kept.length ? checkpoints : kept;
    this.table.hidden = !all;
    this.choice.hidden = !kept.length || kept.length === all;
    say(
      this.note,
      all
        ? `${kept.length} of ${all} are kept; the settings keep_last, keep_every and keep_best decide which.`
        : NONE,
    );
    const words = aboutCheckpoints(checkpoints, this.record.marks, this.record.run?.best.step);
    const rows = shown.map((checkpoint) => this._row(checkpoint, words.get(checkpoint.name) ?? ""));
    refill(this.body, rows, "name");
  }

  /** @param {number} step */
  _accuracy(step) {
    const reading = this.record.series.get("val.accuracy")?.at(step);
    return reading?.from === step ? percent(reading.mean) : "–";
  }

  /**
   * @param {Checkpoint} checkpoint
   * @param {string} words what is special about it
   */
  _row({ name, step, attempt, time, bytes, sha256, kept, path }, words) {
    const at = new Date(time * 1000);
    const cells = [
      whole(step),
      this._accuracy(step),
      words || "–",
      String(attempt),
      el("time", { datetime: at.toISOString(), title: at.toLocaleString() }, clock(time)),
      typeof bytes === "number" ? size(bytes) : "–",
      el("code", { title: [path, sha256].filter(Boolean).join("\n") }, sha256.slice(0, 10) || "–"),
      kept ? this._fork(step) : el("span", { class: "muted" }, "not kept"),
    ];
    return el(
      "tr",
      { "data-name": name, "data-step": step, "data-kept": String(kept) },
      ...cells.map((cell, i) => el("td", { class: HEADS[i].kind }, cell)),
    );
  }

  /** @param {number} step */
  _fork(step) {
    return el(
      "button",
      {
        type: "button",
        class: "button button-quiet",
        "aria-label": `Fork from step ${whole(step)}`,
        onclick: () => this.view.fork(step),
      },
      icon("fork"),
      el("span", {}, "Fork from here"),
    );
  }
}

/** @type {Panel} */
export const checkpointsPanel = {
  name: "checkpoints",
  title: "Checkpoints",
  open: (record, root, alive, view) => new Checkpoints(record, root, alive, view),
};
