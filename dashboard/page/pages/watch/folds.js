/* The folds of one run's page: each panel in one, the open ones in the address, events read once for all. */
import { panels } from "./panels/index.js";
import { ask } from "../../api/ask.js";
import { el } from "../../lib/element.js";
import { address } from "../../shell/address.js";

const KEY = "open";

export class Folds {
  constructor(view, record, holder) {
    Object.assign(this, { record, seen: new Set(), alive: () => view.alive });
    const open = address.list(KEY);
    this.open = open; /* as the address has it, as far as this page knows */
    this.folds = panels.map((panel) => {
      const body = el("div", { id: `watch-${panel.name}`, class: "fold-body" });
      const fold = el(
        "details",
        { class: "fold", id: `watch-${panel.name}-group`, open: open.includes(panel.name) },
        el("summary", {}, el("h2", {}, panel.title)),
        body,
      );
      return { name: panel.name, fold, live: panel.open(record, body, this.alive, view) };
    });
    holder.replaceChildren(el("div", { class: "folds card" }, ...this.folds.map(({ fold }) => fold)));
    for (const { fold, live } of this.folds) fold.addEventListener("toggle", () => this._toggled(fold, live));
  }

  /* The address says which ones are open. One that the reader moved a moment ago is not in it yet (a fold's
     `toggle` comes later than the click), so only what the address has changed is followed. */
  revisit() {
    const open = address.list(KEY);
    for (const { name, fold } of this.folds) {
      if (open.includes(name) !== this.open.includes(name)) fold.open = open.includes(name);
    }
    this.open = open;
  }

  _toggled(fold, live) {
    if (!this.alive()) return;
    this.open = this.folds.filter((one) => one.fold.open).map((one) => one.name);
    address.set({ [KEY]: this.open });
    live.opened?.(fold.open);
  }

  /* A new attempt or state: what happened meanwhile is read again, for losses come from no live block. */
  update(run) {
    for (const { live } of this.folds) live.update(run);
    const now = `${run.attempt} ${run.state}`;
    if (now === this.known) return;
    this.known = now;
    const read = ask(`/runs/${encodeURIComponent(run.id)}/events`);
    read.then((events) => this.alive() && events.forEach((event) => this.add(event)), () => {});
  }

  /* Each event once, however often it comes. */
  add(event) {
    const key = `${event.kind} ${event.attempt} ${event.step} ${event.time} ${
      event.data.setting ?? event.data.alert ?? ""
    }`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    for (const { live } of this.folds) live.add(event);
  }
}

/* Open a fold and bring it into view. */
export function unfold(name) {
  const fold = document.getElementById(`watch-${name}-group`);
  if (!fold) return;
  fold.open = !fold.open;
  if (!fold.open) return;
  fold.querySelector("summary").focus({ preventScroll: true });
  fold.scrollIntoView({ block: "nearest" });
}
