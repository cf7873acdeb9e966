/* The checkpoints of one run, and a fork from any that is kept. */
import { ask } from "../../../api/ask.js";
import { el, icon, refill, say } from "../../../lib/element.js";
import { size, whole } from "../../../lib/numbers.js";
import { clock } from "../../../lib/times.js";

const CALM_MS = 300;
const HEADS = [["Step"], ["Attempt", "c-wide"], ["Written"], ["Size"], ["Hash", "c-wide"], ["Fork"]];

class Checkpoints {
  constructor(record, root, alive, view) {
    Object.assign(this, { record, root, alive, view });
    this.body = el("tbody", {});
    this.table = el(
      "div",
      { class: "details-frame", hidden: true },
      el(
        "table",
        { class: "details-table" },
        el(
          "thead",
          {},
          el("tr", {}, ...HEADS.map(([text, kind]) => el("th", { scope: "col", class: kind }, text))),
        ),
        this.body,
      ),
    );
    this.note = el("p", { class: "muted" }, "Reading the checkpoints …");
    root.replaceChildren(this.table, this.note);
  }

  opened(open) {
    if (open) this._read();
  }

  update() {}

  add(event) {
    if (event.kind !== "checkpoint" || !this.root.closest("details")?.open) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.alive() && this._read(), CALM_MS);
  }

  async _read() {
    try {
      const found = await ask(`/runs/${encodeURIComponent(this.record.id)}/checkpoints`);
      if (this.alive()) this._fill(found.reverse());
    } catch (error) {
      say(this.note, error.message);
    }
  }

  _fill(found) {
    const kept = found.filter((one) => one.kept).length;
    this.table.hidden = !found.length;
    say(
      this.note,
      found.length
        ? `${kept} of ${found.length} are kept; the settings keep_last, keep_every and keep_best say which.`
        : "There is no checkpoint yet; one is written after each epoch, and when the run is paused or stopped.",
    );
    refill(this.body, found.map((one) => this._row(one)), "name");
  }

  _row({ name, step, attempt, time, bytes, sha256, kept, path }) {
    const at = new Date(time * 1000);
    const fork = kept
      ? el(
        "button",
        {
          type: "button",
          class: "button button-quiet",
          "aria-label": `Fork from step ${whole(step)}`,
          onclick: () => this.view.chips.get(this.record.id).fork.openAt(step),
        },
        icon("fork"),
        el("span", {}, "Fork from here"),
      )
      : el("span", { class: "muted" }, "not kept");
    const cells = [
      whole(step),
      String(attempt),
      el("time", { datetime: at.toISOString(), title: at.toLocaleString() }, clock(time)),
      bytes === null ? "–" : size(bytes),
      el("code", { title: [path, sha256].filter(Boolean).join("\n") }, sha256.slice(0, 10) || "–"),
      fork,
    ];
    return el(
      "tr",
      { "data-name": name, "data-step": step, "data-kept": String(kept) },
      ...cells.map((cell, i) => el("td", { class: HEADS[i][1] }, cell)),
    );
  }
}

export const checkpointsPanel = {
  name: "checkpoints",
  title: "Checkpoints",
  open: (...given) => new Checkpoints(...given),
};
