/* The verdicts on several runs, a line each: what was found first, with the way to the run's own page. */
import { ask } from "../../../api/ask.js";
import { growing } from "../../../api/states.js";
import { el, refill } from "../../../lib/element.js";
import { awaited, headline } from "./lines.js";

/** @import { Judgment, Run } from "../../../api/schema.d.ts" */
/** @import { Record as Recording } from "../../../data/record.js" */
/** @import { StripView } from "./strip.js" */

export const MOST = 8; /* runs with a chip each */
const EVERY_MS = 10_000;
const SOON_MS = 300; /* until all runs have begun */

/** A line for each run of the page. */
class Verdicts {
  /** @param {StripView} view */
  constructor(view) {
    this.view = view;
    /** @type {Map<string, Judgment[]>} */
    this.verdicts = new Map();
    this.lines = el("ul", { class: "verdict-lines" });
    this.element = el(
      "section",
      {
        class: "verdict verdict-several card",
        "aria-label": "Verdicts",
        tabindex: "0",
        style: `--runs: ${view.records.length}`,
      },
      el("h2", { class: "visually-hidden" }, "Verdicts"),
      this.lines,
    );
    view.part("runs").after(this.element);
  }

  async renew() {
    const { records } = this.view;
    const known = records.filter(({ run }) => run?.series.length);
    const due = known.filter(({ id, run }) => !this.verdicts.has(id) || (run && growing(run.state)));
    await Promise.all(due.map((record) => this._read(record)));
    if (!this.view.alive) return;
    this._show(records);
    if (records.length) setTimeout(() => this.renew(), known.length < records.length ? SOON_MS : EVERY_MS);
  }

  /** @param {Recording} record */
  async _read({ id }) {
    if (!this.view.alive || !this.view.records.some((record) => record.id === id)) return;
    try {
      this.verdicts.set(id, await ask(`/runs/${encodeURIComponent(id)}/verdict`));
    } catch {
      /* the page's own connection says what is wrong */
    }
  }

  /** @param {Recording[]} records those that have no verdict yet say so */
  _show(records) {
    refill(this.lines, records.flatMap(({ run, label }) => (run ? [this._line(run, label)] : [])), "line");
  }

  /**
   * @param {Run} run
   * @param {string} label
   */
  _line(run, label) {
    const { id, name } = run;
    const verdict = this.verdicts.get(id);
    const { mark, sentence, more } = headline(verdict ?? []);
    const words = verdict ? sentence : awaited(run);
    return el(
      "li",
      { class: "verdict-line", "data-line": id, "data-mark": mark },
      el("span", { class: "verdict-mark", "aria-hidden": "true" }),
      el("a", { class: "verdict-title run-link", href: `/watch?runs=${id}`, title: name }, label || name),
      el(
        "span",
        { class: "verdict-words", title: words },
        words,
        more ? el("span", { class: "muted" }, ` ${more}`) : null,
      ),
    );
  }
}

/**
 * Put a line for each run under the runs of the page.
 * @param {StripView} view
 * @param {Promise<void>} loaded the runs were read, or refused
 */
export async function verdictLines(view, loaded) {
  const verdicts = new Verdicts(view);
  await loaded;
  verdicts.renew();
}
