/* The folds of one run's page: each panel in one, the open ones in the address, events read once for all. */
import { ask } from "../../api/ask.js";
import { el } from "../../lib/element.js";
import { address } from "../../shell/address.js";
import { settle } from "../../shell/settle.js";
import { panels } from "./panels/index.js";

/** @import { Event, Run } from "../../api/schema.d.ts" */
/** @import { Record } from "../../data/record.js" */
/** @import { OpenPanel, PanelView } from "./panels/index.js" */

const KEY = "open";

/** The panels of a run. */
export class Folds {
  /**
   * @param {PanelView} view
   * @param {Record} record
   * @param {HTMLElement} holder
   */
  constructor(view, record, holder) {
    this.alive = () => view.alive;
    /** @type {Set<string>} the keys of events that are in */
    this.seen = new Set();
    this.state = ""; /* attempt and state for which events were read */
    this.open = address.list(KEY); /* as the address has it, as far as this page knows */
    this.folds = panels.map((panel) => {
      const body = el("div", { id: `watch-${panel.name}`, class: "fold-body" });
      const fold = el(
        "details",
        { class: "fold", id: `watch-${panel.name}-group`, open: this.open.includes(panel.name) },
        el("summary", {}, el("h2", {}, panel.title)),
        body,
      );
      return { name: panel.name, fold, live: panel.open(record, body, this.alive, view) };
    });
    holder.replaceChildren(el("div", { class: "folds card" }, ...this.folds.map(({ fold }) => fold)));
    for (const { fold, live } of this.folds) fold.addEventListener("toggle", () => this._toggled(fold, live));
  }

  /**
   * The address says which ones are open. One that the reader moved a moment ago is not in it yet (a fold's
   * `toggle` comes later than the click), so only what the address has changed is followed.
   */
  revisit() {
    const open = address.list(KEY);
    for (const { name, fold } of this.folds) {
      if (open.includes(name) !== this.open.includes(name)) fold.open = open.includes(name);
    }
    this.open = open;
  }

  /**
   * @param {HTMLDetailsElement} fold
   * @param {OpenPanel} live
   */
  _toggled(fold, live) {
    if (!this.alive()) return;
    this.open = this.folds.filter((one) => one.fold.open).map((one) => one.name);
    address.set({ [KEY]: this.open });
    settle(fold, live.opened?.(fold.open) ?? undefined);
  }

  /**
   * After a new attempt or state, events are read again, for losses come from no live block.
   * @param {Run} run
   */
  update(run) {
    for (const { live } of this.folds) live.update(run);
    const state = `${run.attempt} ${run.state}`;
    if (state === this.state) return;
    this.state = state;
    /** @type {Promise<Event[]>} */
    const events = ask(`/runs/${encodeURIComponent(run.id)}/events`);
    events.then((all) => this.alive() && all.forEach((event) => this.add(event)), () => {});
  }

  /**
   * Take an event once, however often it comes.
   * @param {Event} event
   */
  add(event) {
    const subject = event.data.setting ?? event.data.alert ?? "";
    const key = `${event.kind} ${event.attempt} ${event.step} ${event.time} ${subject}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    for (const { live } of this.folds) live.add(event);
  }

  /**
   * Open a fold and bring it into view, or close it.
   * @param {string} name
   */
  unfold(name) {
    const fold = this.folds.find((one) => one.name === name)?.fold;
    if (!fold) return;
    fold.open = !fold.open;
    if (!fold.open) return;
    fold.querySelector("summary")?.focus({ preventScroll: true });
    fold.scrollIntoView({ block: "nearest" });
  }
}
