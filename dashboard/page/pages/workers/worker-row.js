/* The row of a worker: its device, its run, and how busy it is. */
import { within } from "../../lib/prefix.js";
import { el, say } from "../../lib/element.js";
import { ago } from "../../lib/times.js";
import { progress } from "../../runs/state.js";
import { Vital } from "./vital.js";

/** @import { Run, WorkerStatus } from "../../api/schema.d.ts" */
/** @typedef {WorkerStatus & { key: string, training: Run | null }} Worker */

const GIB = 2 ** 30;

/** @param {number} bytes */
const gib = (bytes) => (bytes / GIB).toFixed(bytes < 10 * GIB ? 1 : 0);

/**
 * @param {string} name
 * @param {...Node} children
 */
export const cell = (name, ...children) => el("td", { class: `c-${name}` }, ...children);

/**
 * @param {string} label
 * @param {Vital} vital
 */
const vitalCell = (label, vital) => el("td", { class: "c-vital", "data-label": label }, vital.element);

/**
 * What a worker does: the name of its run, or why it has none.
 * @param {Worker} worker
 */
function task({ training, run, draining }) {
  if (training) return training.name;
  if (run) return `run ${run}`;
  return draining ? "draining" : "idle";
}

/* Filled again at every answer. */
export class WorkerRow {
  /**
   * @param {Worker} worker
   * @param {(draining: boolean) => void} drain lets it finish its run and take no other, or take runs again
   */
  constructor(worker, drain) {
    this.draining = worker.draining;
    this.device = el("div", { class: "muted small" });
    this.link = el("a", { class: "run-link" });
    this.fillBar = el("div", { class: "bar-fill" });
    this.bar = el("div", { class: "bar" }, this.fillBar);
    this.about = el("div", { class: "muted small" });
    this.memory = new Vital();
    this.load = new Vital();
    this.seen = cell("num");
    this.word = el("span", {}, "Drain");
    this.drain = el("button", {
      type: "button",
      class: "button button-quiet",
      "data-action": "drain",
      onclick: () => drain(!this.draining),
    }, this.word);
    this.element = el(
      "tr",
      { "data-worker": worker.name },
      cell("worker", el("div", { class: "strong" }, worker.name), this.device),
      cell("run", this.link, this.bar, this.about),
      vitalCell("Memory", this.memory),
      vitalCell("Load", this.load),
      this.seen,
      cell("act", this.drain),
    );
  }

  /** @param {Worker} worker */
  fill(worker) {
    this._showRun(worker);
    this._showDevice(worker);
    say(this.seen, ago(worker.seen));
    this.draining = worker.draining;
    say(this.word, worker.draining ? "Resume" : "Drain");
    this.drain.title = worker.draining
      ? "Accept new runs again"
      : "Finish the current run and accept no new ones";
    this.element.dataset.draining = String(worker.draining);
  }

  /** @param {Worker} worker */
  _showRun(worker) {
    const { run, training } = worker;
    say(this.link, task(worker));
    if (run) this.link.setAttribute("href", within(`/watch?runs=${run}`));
    else this.link.removeAttribute("href");
    this.bar.hidden = !training;
    this.fillBar.style.width = `${100 * (training?.progress ?? 0)}%`;
    say(this.about, training ? progress(training) : "");
  }

  /** @param {Worker} worker */
  _showDevice({ device, program, temperature, utilisation, memory_used, memory_total }) {
    const heat = temperature ?? null;
    const about = [device, heat === null ? "" : `${Math.round(heat)} °C`, program && `program ${program}`];
    say(this.device, about.filter(Boolean).join(" · "));
    const used = memory_used ?? 0;
    if (memory_total) this.memory.show(used / memory_total, `${gib(used)} of ${gib(memory_total)} GiB`);
    else this.memory.show(null, "");
    const load = utilisation ?? null;
    this.load.show(load, load === null ? "" : `${Math.round(100 * load)} %`);
  }
}
