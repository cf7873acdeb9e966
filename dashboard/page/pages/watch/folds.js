/* The folds of one run's page: each panel in one, the open ones in the address, events read once for all. A
   panel is made when its fold is opened for the first time: most never are. */
import { ask } from "../../api/ask.js";
import { el } from "../../lib/element.js";
import { address } from "../../shell/address.js";
import { settle } from "../../shell/settle.js";
import { panels } from "./panels/index.js";

/** @import { Event, Run } from "../../api/schema.d.ts" */
/** @import { Record } from "../../data/record.js" */
/** @import { OpenPanel, Panel, PanelView } from "./panels/index.js" */

/**
 * A fold and its panel; null: it was never open.
 * @typedef {{ name: string, fold: HTMLDetailsElement, live: OpenPanel | null, make: () => OpenPanel }} Fold
 */

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
    this.record = record;
    /** @type {Map<string, Event>} events by their keys */
    this.events = new Map();
    this.state = ""; /* attempt and state for which events were read */
    this.open = address.list(KEY); /* as the address has it, as far as this page knows */
    /** @type {Fold[]} */
    this.folds = panels.map((panel) => this._fold(panel, view));
    holder.replaceChildren(el("div", { class: "folds card" }, ...this.folds.map(({ fold }) => fold)));
  }

  /**
   * @param {Panel} panel
   * @param {PanelView} view
   */
  _fold({ name, title, open }, view) {
    const body = el("div", { id: `watch-${name}`, class: "fold-body" });
    const summary = el("summary", {}, el("h2", {}, title));
    const fold = el(
      "details",
      { class: "fold", id: `watch-${name}-group`, open: this.open.includes(name) },
      summary,
      body,
    );
    /** @type {Fold} */
    const one = { name, fold, live: null, make: () => open(this.record, body, this.alive, view) };
    if (fold.open) this._live(one);
    summary.addEventListener("click", () => this._live(one)); /* before it opens: it opens filled */
    fold.addEventListener("toggle", () => this._toggled(one));
    return one;
  }

  /**
   * The panel of a fold, which knows all that happened.
   * @param {Fold} one
   */
  _live(one) {
    if (one.live) return one.live;
    const live = one.live = one.make();
    const { run } = this.record;
    for (const event of this.events.values()) live.add(event);
    if (run) {
      live.update(run);
      this._read(run);
    }
    return live;
  }

  /**
   * The address says which ones are open. One that the reader moved a moment ago is not in it yet (a fold's
   * `toggle` comes later than the click), so only what the address has changed is followed.
   */
  revisit() {
    const open = address.list(KEY);
    for (const one of this.folds) {
      const wanted = open.includes(one.name);
      if (wanted === this.open.includes(one.name)) continue;
      if (wanted) this._live(one);
      one.fold.open = wanted;
    }
    this.open = open;
  }

  /** @param {Fold} one */
  _toggled(one) {
    const { fold } = one;
    if (!this.alive()) return;
    this.open = this.folds.filter((other) => other.fold.open).map((other) => other.name);
    address.set({ [KEY]: this.open });
    if (fold.open || one.live) settle(fold, this._live(one).opened?.(fold.open) ?? undefined);
  }

  /** @param {Run} run */
  update(run) {
    for (const { live } of this.folds) live?.update(run);
    if (this.folds.some(({ live }) => live)) this._read(run);
  }

  /**
   * After a new attempt or state, events are read again, for losses come from no live block.
   * @param {Run} run
   */
  _read(run) {
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
    if (this.events.has(key)) return;
    this.events.set(key, event);
    for (const { live } of this.folds) live?.add(event);
  }

  /**
   * Open a fold and bring it into view, or close it.
   * @param {string} name
   */
  unfold(name) {
    const one = this.folds.find((other) => other.name === name);
    if (!one) return;
    const { fold } = one;
    this._live(one);
    fold.open = !fold.open;
    if (!fold.open) return;
    fold.querySelector("summary")?.focus({ preventScroll: true });
    fold.scrollIntoView({ block: "nearest" });
  }
}
