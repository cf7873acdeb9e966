/* A list of runs to add to a comparison, with a search. */
import { ask } from "../../api/ask.js";
import { el, say } from "../../lib/element.js";
import { reason } from "../../lib/reason.js";
import { ago } from "../../lib/times.js";
import { badge } from "../../runs/state.js";

/** @import { Run, RunPage } from "../../api/schema.d.ts" */

const MOST = 30;
const CALM_MS = 200;

/**
 * Filters of the API for what was typed: a part of a name, a tag or a strategy.
 * @param {string} words
 * @returns {Record<string, string>[]}
 */
const filters = (words) =>
  words ? [{ q: words }, { tag: words }, { strategy: words.toLowerCase().replaceAll(/[ _]/g, "-") }] : [{}];

/**
 * The newest runs that fit one of several filters.
 * @param {Record<string, string>[]} alternatives
 */
async function newest(alternatives) {
  /** @type {RunPage[]} */
  const pages = await Promise.all(
    alternatives.map((filter) => ask(`/runs?${new URLSearchParams({ limit: String(MOST), ...filter })}`)),
  );
  const runs = new Map(pages.flatMap((page) => page.runs).map((run) => [run.id, run]));
  return [...runs.values()].sort((a, b) => b.created - a.created).slice(0, MOST);
}

/* Runs to tick, newest first. */
export class Picker {
  /**
   * @param {(id: string, chosen: boolean) => void} toggle
   * @param {() => string[]} chosen the ids of the runs that are compared
   */
  constructor(toggle, chosen) {
    this.toggle = toggle;
    this.chosen = chosen;
    this.turn = 0;
    this.timer = 0;
    /** @type {Map<string, HTMLInputElement>} */
    this.boxes = new Map();
    this.search = el("input", {
      type: "search",
      class: "compare-search",
      placeholder: "Name, tag or strategy",
      "aria-label": "Search runs by name, tag or strategy",
      oninput: () => this._later(),
    });
    this.list = el("ul", { class: "picker-list", "aria-label": "Runs, newest first" });
    this.none = el("p", { class: "muted", hidden: true });
    this.element = el(
      "section",
      { class: "card run-picker", "aria-label": "Add runs", hidden: true },
      this.search,
      this.list,
      this.none,
    );
  }

  open() {
    this.element.hidden = false;
    this.find();
  }

  _later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.find(), CALM_MS);
  }

  /* Search for what was typed; of several searches under way only the last one counts. */
  async find() {
    const turn = ++this.turn;
    const words = this.search.value.trim();
    try {
      const runs = await newest(filters(words));
      if (turn === this.turn) this._show(runs, words);
    } catch (error) {
      if (turn === this.turn) this._say(reason(error));
    }
  }

  /**
   * @param {Run[]} runs
   * @param {string} words
   */
  _show(runs, words) {
    this.boxes.clear();
    this.list.replaceChildren(...runs.map((run) => this._row(run)));
    const none = words
      ? `No runs have “${words}” in their name, or as a tag or strategy.`
      : "No runs yet. Launch one on the Runs page.";
    const more = runs.length === MOST ? `The newest ${MOST} runs. Search for others.` : "";
    this._say(runs.length ? more : none);
    this.check();
  }

  /** @param {Run} run */
  _row(run) {
    const box = el("input", { type: "checkbox", class: "check" });
    box.addEventListener("change", () => this.toggle(run.id, box.checked));
    this.boxes.set(run.id, box);
    const { strategy, dataset } = run.spec;
    const about = [strategy, dataset, ...run.tags, ago(run.started ?? run.created)].join(" · ");
    return el(
      "li",
      {},
      el(
        "label",
        {},
        box,
        el("span", { class: "picker-name" }, run.name),
        el("span", { class: "muted picker-about" }, about),
        badge(run.state),
      ),
    );
  }

  /** @param {string} text */
  _say(text) {
    say(this.none, text);
    this.none.hidden = !text;
  }

  /* The runs that are compared have changed. */
  check() {
    const there = new Set(this.chosen());
    for (const [id, box] of this.boxes) box.checked = there.has(id);
  }
}
