/* The runs of the page on another axis than steps, or grouped by settings: drawn as Compare draws them. */
import { growing } from "../../api/states.js";
import { axisOf } from "../../bands/axes.js";
import { BandBoard } from "../../bands/board.js";
import { el } from "../../lib/element.js";
import { go } from "../../shell/navigate.js";
import { Renewed } from "../../shell/poll.js";
import { CompareBar } from "../compare/bar.js";
import { Chips } from "../compare/chips.js";
import { columnsOf } from "../compare/entries.js";
import { GroupReader } from "../compare/groups.js";
import { lookOfAddress, requests, writeLook } from "../compare/look.js";
import { comparison } from "../compare/rows.js";
import { modalitiesOf } from "../compare/series.js";

/** @import { Answer } from "../compare/groups.js" */
/** @import { Look } from "../compare/look.js" */
/** @import { KnownRecord } from "./gallery.js" */

/**
 * What this uses of the Watch page.
 * @typedef {object} GroupedView
 * @property {string[]} ids
 * @property {HTMLElement} root
 * @property {(name: string) => HTMLElement} part
 * @property {{ read: () => void }} lineup shows which runs the address hides
 * @property {() => void} revisit takes over what the address says
 */

const SLOW = 8; /* times slower where no run trains any more */
const CLASS = "watch-grouped"; /* of the page while the charts over steps are out of sight */

/** Whether the address asks for an axis or groups. */
export const isGrouped = () => {
  const { align, by } = lookOfAddress();
  return align !== "step" || by.length > 0;
};

/** The bar of axes and groups, and the charts that it asks for. */
export class Grouped extends Renewed {
  /** @param {GroupedView} view */
  constructor(view) {
    super(view.root);
    this.view = view;
    this.reader = new GroupReader();
    /** @type {KnownRecord[]} */
    this.known = [];
    this.offered = false; /* whether a reader of one run asked for the bar */
    this.bar = new CompareBar((changes) => this._set(changes));
    this.board = new BandBoard((changes) => this._set(changes));
    this.chips = new Chips({
      hide: ({ key, hidden }) => this._hide(key, hidden),
      drop: ({ runs }) => go(`/watch?runs=${view.ids.filter((id) => !runs.includes(id)).join(",")}`),
      light: (key) => this.board.light(key),
    });
    this.bar.element.classList.add("watch-bar");
    this.element = el("div", { class: "grouped" }, this.chips.element, this.board.element);
    view.part("toolbar").after(this.bar.element, this.element);
    this.turned();
  }

  /** Show the bar of a run that is alone on the page. */
  offer() {
    this.offered = true;
    this._frame();
    this.bar.element.querySelector("button")?.scrollIntoView({ block: "nearest" });
  }

  /** Take over what the address says. */
  turned() {
    const grouped = isGrouped();
    this.root.classList.toggle(CLASS, grouped);
    this._frame();
    clearTimeout(this.timer);
    if (grouped && this.known.length) this.renew();
  }

  /**
   * Other runs, or other series of them.
   * @param {KnownRecord[]} known
   */
  update(known) {
    const before = this.known.map(({ id, shape }) => `${id} ${shape}`).join();
    this.known = known;
    const same = before === known.map(({ id, shape }) => `${id} ${shape}`).join();
    if (!same) this.turned();
    else if (this.reader.answer) this._show(this.reader.answer); /* others of them may be hidden */
  }

  /**
   * @param {string} key
   * @param {boolean} hidden
   */
  _hide(key, hidden) {
    const { hide } = lookOfAddress();
    this._set({ hide: hidden ? hide.filter((other) => other !== key) : [...hide, key] });
  }

  /** @param {Partial<Look>} changes */
  _set(changes) {
    const before = isGrouped();
    writeLook({ ...lookOfAddress(), ...("by" in changes ? { hide: [] } : {}), ...changes });
    this.view.lineup.read();
    if (before && !isGrouped()) this.view.revisit();
    if (before !== isGrouped() || requests(changes)) this.turned();
    if (this.reader.answer) this._show(this.reader.answer);
  }

  get runs() {
    return this.known.map(({ run }) => run);
  }

  /** @override */
  async load() {
    const { turn, runs } = this;
    const look = lookOfAddress();
    if (!isGrouped() || !runs.length) return;
    const curves = (/** @type {string[]} */ names) => {
      this._aim(look);
      return this.board.query(names, look.by.length ? 1 : runs.length);
    };
    const answer = await this.reader.read(runs, look, curves, () => turn === this.turn);
    if (!this.alive || turn !== this.turn) return;
    this.reader.answer = answer;
    this.every = Renewed.EVERY_MS * (runs.some((run) => growing(run.state)) ? 1 : SLOW);
    this._show(answer);
  }

  /** @param {Look} look */
  _aim({ zoom, smooth, flip, align }) {
    const { board } = this;
    board.axis = axisOf(this.reader.answer?.align ?? align);
    board.zoom = zoom;
    board.smoothing = smooth;
    board.flips = flip;
  }

  /** @param {Answer} answer */
  _show(answer) {
    if (!isGrouped()) return;
    const { runs, board } = this;
    const look = lookOfAddress();
    const columns = columnsOf(answer, runs, look, board.colors);
    const names = this.reader.names(runs, look);
    const declared = this.reader.declared ?? [];
    this._aim(look);
    board.show(columns, declared.filter((series) => names.includes(series.name)), modalitiesOf(runs));
    this.chips.show(columns);
    this.chips.element.hidden = columns.length < 2;
    this._frame();
  }

  /** The bar, as the address has it; alone it offers groups and axes. */
  _frame() {
    const { runs, bar } = this;
    bar.element.hidden = !runs.length || (this.view.ids.length === 1 && !isGrouped() && !this.offered);
    if (bar.element.hidden) return;
    const look = lookOfAddress();
    const declared = this.reader.declared ?? [
      ...new Map(runs.flatMap((run) => run.series).map((series) => [series.name, series])).values(),
    ];
    const settings = comparison.names(runs).differing.filter((name) => name !== "seed");
    const series = this.reader.names(runs, look);
    bar.show({ ...look, series }, {
      settings,
      declared,
      modalities: modalitiesOf(runs),
      range: this.board.range,
    });
  }

  /** @override */
  recolor() {
    this.board.colors.read();
    if (this.reader.answer) this._show(this.reader.answer);
  }

  /** @override */
  leave() {
    super.leave();
    this.bar.leave();
    this.board.destroy();
    this.bar.element.remove();
    this.element.remove();
    this.root.classList.remove(CLASS);
  }
}
