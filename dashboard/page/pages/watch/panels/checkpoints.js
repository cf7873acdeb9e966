/* The checkpoints of one run, and a fork from any that is kept. */
import { ask } from "../../../api/ask.js";
import { el, icon, refill, say } from "../../../lib/element.js";
import { size, whole } from "../../../lib/numbers.js";
import { reason } from "../../../lib/reason.js";
import { clock } from "../../../lib/times.js";

/** @import { Checkpoint, Event } from "../../../api/schema.d.ts" */
/** @import { Record } from "../../../data/record.js" */
/** @import { Panel, PanelView } from "./index.js" */

const CALM_MS = 300;
const NONE = "No checkpoints yet; one is written after each epoch, and when the run is paused or stopped.";
/** @type {{ text: string, kind?: string }[]} */
const HEADS = [
  { text: "Step" },
  { text: "Attempt", kind: "c-wide" },
  { text: "Written" },
  { text: "Size" },
  { text: "Hash", kind: "c-wide" },
  { text: "Fork" },
];

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
    root.replaceChildren(this.table, this.note);
  }

  /** @param {boolean} open */
  opened(open) {
    if (open) this._read();
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

  /** @param {Checkpoint[]} checkpoints */
  _fill(checkpoints) {
    const all = checkpoints.length;
    const kept = checkpoints.filter((checkpoint) => checkpoint.kept).length;
    this.table.hidden = !all;
    say(
      this.note,
      all
        ? `${kept} of ${all} are kept; the settings keep_last, keep_every and keep_best decide which.`
        : NONE,
    );
    refill(this.body, checkpoints.map((checkpoint) => this._row(checkpoint)), "name");
  }

  /** @param {Checkpoint} checkpoint */
  _row({ name, step, attempt, time, bytes, sha256, kept, path }) {
    const at = new Date(time * 1000);
    const cells = [
      whole(step),
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
