/* Runs side by side: what differs between them, how they ended, and their curves on one axis. */
import { Refused } from "../../api/ask.js";
import { ended } from "../../api/states.js";
import { axisOf } from "../../bands/axes.js";
import { BandBoard } from "../../bands/board.js";
import { el } from "../../lib/element.js";
import { stats } from "../../lib/stats.js";
import { tableMenu } from "../../lib/table-menu.js";
import { powerWords, runCount } from "../../runs/facts.js";
import { go, title } from "../../shell/navigate.js";
import { Renewed } from "../../shell/poll.js";
import { rootOf } from "../../shell/root.js";
import { CompareBar } from "./bar.js";
import { Chips } from "./chips.js";
import { columnsOf } from "./entries.js";
import { GroupReader } from "./groups.js";
import { CompareHead } from "./head.js";
import { body, nothing, refusal } from "./layout.js";
import { lookOfAddress, requests, writeLook } from "./look.js";
import { Missing } from "./missing.js";
import { Picker } from "./picker.js";
import { printed } from "./printed.js";
import { comparison } from "./rows.js";
import { modalitiesOf } from "./series.js";
import { Subject } from "./subject.js";
import { CompareTable } from "./table.js";

/** @import { Run } from "../../api/schema.d.ts" */
/** @import { Column } from "./entries.js" */
/** @import { Answer } from "./groups.js" */
/** @import { Look } from "./look.js" */

const SLOW = 8; /* times slower where no run trains any more */

/* The comparison of the address. */
class Compare extends Renewed {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    this.subject = new Subject();
    this.look = lookOfAddress();
    this.reader = new GroupReader();
    /** @type {Run[]} */
    this.runs = [];
    this.taken = ""; /* the ids for which they were read */
    this.relook = false; /* whether only the look is another one */
    /** @type {(() => void) | null} called once when an answer is shown */
    this.answered = null;
    this.head = new CompareHead({
      pick: () => this._pick(),
      watch: () => go(`/watch?runs=${this.subject.ids.join(",")}`),
      report: () => ({ runs: this.subject.ids, by: this.look.by, baseline: this._base() }),
    });
    this.missing = new Missing((ids) => this._keep(this.subject.ids.filter((id) => !ids.includes(id))));
    this.picker = new Picker((id, chosen) => this._choose(id, chosen), () => this.subject.ids);
    this.chips = new Chips({
      hide: (column) => this._hide(column),
      drop: ({ runs }) => this._keep(this.subject.ids.filter((id) => !runs.includes(id))),
      light: (key) => this.board.light(key),
    });
    this.table = new CompareTable((base) => this._set({ base }));
    this.same = el("input", { type: "checkbox", class: "check", id: "compare-same" });
    this.same.addEventListener("change", () => this._set({ same: this.same.checked }));
    this.bar = new CompareBar((changes) => this._set(changes));
    this.board = new BandBoard((changes) => this._set(changes));
    this.nothing = nothing();
    this.body = body({
      chips: this.chips.element,
      same: this.same,
      copy: tableMenu(() => {
        const [columns, rows] = this.table.shown ?? [[], []];
        return printed(columns, rows);
      }, "of results and settings"),
      table: this.table.element,
      bar: this.bar.element,
      board: this.board.element,
    });
    root.replaceChildren(
      this.head.element,
      this.missing.element,
      this.picker.element,
      this.nothing,
      this.body,
    );
    if (this.subject.empty) this._pick();
    this.renew();
  }

  _pick() {
    const { element, search } = this.picker;
    if (element.hidden) this.picker.open();
    else element.hidden = true;
    this.head.picking(!element.hidden);
    if (!element.hidden && this.subject.ids.length) search.focus();
  }

  /**
   * @param {string} id
   * @param {boolean} chosen
   */
  _choose(id, chosen) {
    const { ids } = this.subject;
    this._keep(chosen ? [...ids, id] : ids.filter((other) => other !== id));
  }

  /**
   * Compare other runs.
   * @param {string[]} ids
   */
  _keep(ids) {
    this.subject.set(ids);
    this.picker.check();
    this.renew();
  }

  /* A run of the column that the others are compared with. */
  _base() {
    return this.table.shown?.[0].find((column) => column.base)?.key ?? "";
  }

  /** @param {Column} column */
  _hide({ key, hidden }) {
    const { hide } = this.look;
    this._set({ hide: hidden ? hide.filter((other) => other !== key) : [...hide, key] });
  }

  /**
   * Another look: it is written to the address; the API is asked where it matters.
   * @param {Partial<Look>} changes
   */
  _set(changes) {
    Object.assign(this.look, changes);
    writeLook(this.look);
    if (this.reader.answer) this._show(this.reader.answer);
    if (!requests(changes)) return;
    if ("zoom" in changes) this._measure();
    this.relook = true;
    this.renew();
  }

  /* How long it takes until the detail of another range is on the screen. */
  _measure() {
    const began = performance.now();
    const measured = () => {
      stats.zooms = (stats.zooms ?? 0) + 1;
      stats.zoomMs = performance.now() - began;
    };
    this.answered = () => {
      this.answered = null;
      this.board.drawn = () => requestAnimationFrame(measured);
    };
  }

  /**
   * Of several readings under way only the last one counts, whichever is answered last.
   * @override
   */
  async load() {
    const { turn } = this;
    const kept = this.relook && this.runs.length > 0 && String(this.subject.ids) === this.taken;
    this.relook = false;
    if (!kept) {
      this.reader.begin(this.subject.ids, this.look, (names) => this._curves(names, this.subject.ids.length));
    }
    let runs = kept ? this.runs : await this.subject.read();
    let answer = await this._groups(runs, turn).catch(absent);
    if (answer === undefined) {
      runs = await this.subject.read(); /* one was deleted meanwhile */
      answer = await this._groups(runs, turn);
    }
    if (this.alive && turn === this.turn) this._take(runs, answer);
  }

  /**
   * @param {Run[]} runs
   * @param {number} turn
   * @returns {Promise<Answer | null>}
   */
  async _groups(runs, turn) {
    if (!runs.length) return null;
    const curves = (/** @type {string[]} */ names) => this._curves(names, runs.length);
    return await this.reader.read(runs, this.look, curves, () => turn === this.turn);
  }

  /**
   * The parameters of a request for curves.
   * @param {string[]} names
   * @param {number} count of runs
   */
  _curves(names, count) {
    this._aim();
    return this.board.query(names, this.look.by.length ? 1 : count);
  }

  /**
   * @param {Run[]} runs
   * @param {Answer | null} answer
   */
  _take(runs, answer) {
    this.runs = runs;
    const gone = this.subject.take(runs);
    this.taken = String(this.subject.ids);
    this.reader.answer = answer;
    this.every = Renewed.EVERY_MS * (runs.every((run) => ended(run.state)) ? SLOW : 1);
    this.missing.show(gone, this.subject.cut);
    this.nothing.hidden = runs.length > 0 || gone.length > 0;
    this.body.hidden = !runs.length;
    this.head.show(runs.length, this.subject.ids.length);
    title(runs.length ? `Compare ${runCount(runs.length)}` : "Compare");
    if (answer) this._show(answer);
    this.answered?.();
  }

  /* The axis is the one of the curves that are there, until those for another one have come. */
  _aim() {
    const { zoom, smooth, flip, align } = this.look;
    const { board } = this;
    board.axis = axisOf(this.reader.answer?.align ?? align);
    board.zoom = zoom;
    board.smoothing = smooth;
    board.flips = flip;
  }

  /** @param {Answer} answer */
  _show(answer) {
    const { look, board, runs } = this;
    const columns = columnsOf(answer, runs, look, board.colors);
    const modalities = modalitiesOf(runs);
    const names = this.reader.names(runs, look);
    const declared = this.reader.declared ?? [];
    this._aim();
    board.show(columns, declared.filter((series) => names.includes(series.name)), modalities);
    this.chips.show(columns);
    const base = Math.max(0, columns.findIndex((column) => column.base));
    this.table.show(columns, [
      ...comparison.results(columns, modalities),
      ...comparison.settings(columns, base, look.same, look.by),
    ], powerWords(answer));
    this.same.checked = look.same;
    const settings = comparison.names(runs).differing.filter((name) =>
      name !== "seed" || look.by.includes("seed")
    );
    this.bar.show({ ...look, series: names }, { settings, declared, modalities, range: board.range });
  }

  /** @override */
  recolor() {
    this.board.colors.read();
    if (this.reader.answer) this._show(this.reader.answer);
  }

  /**
   * @override
   * @param {string} text
   */
  refuse(text) {
    this.leave();
    this.root.replaceChildren(refusal(text));
  }

  /** @override */
  leave() {
    super.leave();
    for (const part of [this.chips, this.table, this.bar]) part.leave();
    this.board.destroy();
  }
}

/**
 * Undefined where a run that was requested does not exist any more.
 * @param {unknown} error
 */
function absent(error) {
  if (error instanceof Refused && error.status === 404) return undefined;
  throw error;
}

export const comparePage = {
  name: "compare",
  path: "/compare",
  title: "Compare",
  keys: ["runs", "sweep"],
  frame: () =>
    rootOf({ id: "compare", class: "page compare-page" }, "Compare runs", el("div", { id: "compare-body" })),
  /** @param {HTMLElement} root */
  open(root) {
    const place = root.querySelector("#compare-body");
    return place instanceof HTMLElement ? new Compare(place) : null;
  },
};
