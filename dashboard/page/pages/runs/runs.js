/* The table of runs: thousands of them, kept up to date by one live connection; rows change in place. */
import { el, say } from "../../lib/element.js";
import { tableMenu } from "../../lib/table-menu.js";
import { Virtual } from "../../lib/virtual-list.js";
import { SparkFeed } from "../../runs/spark-feed.js";
import { go } from "../../shell/navigate.js";
import { formFold } from "../launch/fold.js";
import { bringForm, putFormAway } from "../launch/place.js";
import { BunchRow } from "./bunch.js";
import { Cursor } from "./cursor.js";
import { frame } from "./frame.js";
import { RunHeads } from "./heads.js";
import { tableKeys } from "./keys.js";
import { itemsOf } from "./order.js";
import { preferColumns, preferredColumns } from "./preference.js";
import { printed } from "./printed.js";
import { RunRow } from "./row.js";
import { Selection } from "./selection.js";
import { readRuns, Shelf } from "./shelf.js";
import { RunsTable } from "./table.js";
import { RunsToolbar } from "./toolbar.js";
import { countWords, View } from "./view.js";

/** @import { Index } from "../../api/schema.d.ts" */
/** @import { Item } from "./order.js" */
/** @import { News } from "./shelf.js" */
/** @import { Changes } from "./toolbar.js" */

const READ_MS = 30; /* after scrolling, before the contents of rows are read */
const TICK_MS = 2000;

/* The table and everything around it. */
class Runs {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.view = new View();
    this.preferred = preferredColumns();
    this.rowHeight = 0; /* for which the rows were arranged */
    /** @type {string[]} ids of the runs on the screen */
    this.seen = [];
    this.reading = 0; /* the timer before they are read */
    /** The first small curves are there. @type {Promise<void> | null} */
    this.curves = null;
    this.selection = new Selection({
      between: (one, other) => this.between(one, other),
      run: (id) => this.run(id),
      refresh: () => this.shelf.refresh(0),
      changed: () => this.list.soon(),
    });
    const { promise, resolve } = Promise.withResolvers();
    this.ready = promise; /* the first rows are filled, or there are none */
    this.answered = resolve;
    this.sparks = new SparkFeed(() => this.list.soon());
    this.form = formFold();
    this.count = el("span", { class: "muted", role: "status" });
    this.heads = new RunHeads(this);
    this.toolbar = new RunsToolbar(this.view, (changes) => this.change(changes));
    this.table = new RunsTable(this.heads.element, () => this.change({ filter: "" }));
    root.replaceChildren(this._head(), this.toolbar.element, this.table.element, this.selection.element);
    this.shelf = new Shelf(
      () => this.view.query(),
      (news) => this._read(news),
      (id) => this.selection.forget(id),
    );
    /** @type {Virtual<Item>} */
    this.list = new Virtual(
      this.table.frame,
      this.table.body,
      (kind) => (kind === "run" ? new RunRow(this) : new BunchRow(this)),
      (shown) => this._shown(shown),
    );
    this.cursor = new Cursor(this.list);
    this.sizes = new ResizeObserver(() => this._fit());
    this.sizes.observe(this.table.frame);
    this.clock = setInterval(() => this._tick(), TICK_MS);
    this.left = new AbortController();
    tableKeys(
      this.table.frame,
      { move: (by) => this.move(by), open: () => this.cursor.item && this.open([this.cursor.item.id]) },
      this.left.signal,
    );
    this._fit();
  }

  _head() {
    return el(
      "header",
      { class: "section-head" },
      el("h2", {}, "Runs"),
      this.count,
      el("span", { class: "spacer" }),
      tableMenu(() => this._table(), "of runs"),
      this.form.button,
    );
  }

  /* Keys of this page alone. */
  get shortcuts() {
    return {
      j: () => this.move(1),
      k: () => this.move(-1),
      x: () => this.mark(),
      "/": () => this.toolbar.focus(),
    };
  }

  /** @param {string} id */
  run(id) {
    return this.shelf.get(id);
  }

  /** @param {string} id */
  spark(id) {
    return this.sparks.get(id);
  }

  /* The ids of all runs that the filter keeps. */
  index() {
    return this.shelf?.order?.runs ?? [];
  }

  /**
   * The runs from one row to another, by their keys; null when one of them is not listed any more.
   * @param {string} one
   * @param {string} other
   * @returns {string[] | null}
   */
  between(one, other) {
    const rows = this.list.items.filter((item) => item.kind === "run");
    const places = [one, other].map((key) => rows.findIndex((item) => item.key === key));
    const [from, to] = places.toSorted((a, b) => a - b);
    return from < 0 ? null : rows.slice(from, to + 1).map((item) => item.id);
  }

  /** @param {string[]} ids */
  open(ids) {
    go(`/watch?runs=${ids.join(",")}`);
  }

  /**
   * The user chose something of the view: it is written to the address, and the order is read again.
   * @param {Changes} changes
   */
  change({ columns, ...changes }) {
    if (columns) {
      this.preferred = columns;
      preferColumns(columns);
      this._fit();
      return;
    }
    this.view.change(changes);
    const { problem } = this.view.parsed;
    this.toolbar.complain(problem);
    this.toolbar.update();
    if (changes.filter === "") this.toolbar.field.value = "";
    this.heads.mark(this.view.sort);
    if (problem) return;
    this.table.frame.scrollTop = 0;
    this.shelf.refresh(0);
  }

  /** @param {string} name the field of a head that was clicked */
  sortBy(name) {
    this.change({ sort: this.view.turned(name) });
  }

  /** @param {string} key */
  fold(key) {
    this.view.fold(key);
    this._arrange();
  }

  /** @param {News} news */
  _read(news) {
    if (news === "refused") this.toolbar.complain(this.shelf.problem);
    if (news === "order" && this.shelf.order) this._order(this.shelf.order);
    if (news === "runs") this.list.soon();
    if (news !== "order" || this.seen.every((id) => this.run(id))) this.answered(null);
  }

  /** @param {Index} order */
  _order(order) {
    const { filtered, parsed } = this.view;
    const any = order.total > 0;
    this.toolbar.complain(parsed.problem);
    this.toolbar.count(order.states);
    this.toolbar.element.hidden = !any && !filtered;
    this.table.show(any, filtered);
    if (!any && !filtered) this.form.open();
    say(this.count, countWords(order, this.shelf.members.size));
    if (!this._fit()) this._arrange();
  }

  _arrange() {
    const { order } = this.shelf;
    if (!order) return;
    const { group, closed } = this.view;
    const items = itemsOf(order, { group, closed, heights: this.table.heights });
    this.table.grid.setAttribute("aria-rowcount", String(items.length + 1));
    this.list.show(items);
    this._want(); /* of another order at once: nobody scrolls */
    this.cursor.renew();
  }

  /**
   * Rows were drawn: their contents are read, and their small curves.
   * @param {Item[]} shown
   */
  _shown(shown) {
    this.seen = shown.flatMap((item) => (item.kind === "run" ? [item.id] : []));
    this.heads.selected();
    clearTimeout(this.reading);
    this.reading = setTimeout(() => this._want(), READ_MS);
  }

  _want() {
    this.shelf.want(this.seen);
    this._curves();
  }

  _curves() {
    const { columns } = this.view;
    if (document.hidden || !(columns.includes("rho") || columns.includes("accuracy"))) return;
    const read = this.sparks.want(this.seen.map((id) => this.run(id)).filter((run) => run !== null));
    this.curves ??= read;
  }

  _tick() {
    this._curves();
    this.toolbar.learn(this.seen.flatMap((id) => Object.keys(this.run(id)?.settings ?? {})));
    this.list.soon();
  }

  /* Show the columns that were chosen, or those that fit; whether the rows were arranged for it. */
  _fit() {
    if (!this.table.measurable) return false;
    const columns = this.table.columns(this.preferred);
    const height = this.table.heights.run;
    const same = String(columns) === String(this.view.columns);
    if (same && height === this.rowHeight) return false;
    this.rowHeight = height;
    this.view.columns = columns;
    this.toolbar.update();
    this.table.shape(columns);
    this.heads.show(columns);
    if (!same) this.list.forget();
    this._arrange();
    return true;
  }

  /**
   * Move the keyboard's place to a later row, or an earlier one.
   * @param {number} by
   */
  move(by) {
    const row = this.cursor.move(by);
    if (row instanceof RunRow) row.link.focus({ preventScroll: true });
  }

  /* Select the run at the keyboard's place, or take it out. */
  mark() {
    const { item } = this.cursor;
    if (item) this.selection.toggle(item, !this.selection.has(item.id));
  }

  /* The selected runs, or all that the filter keeps, as a table to print. */
  async _table() {
    const chosen = this.index().filter((id) => this.selection.has(id));
    return printed(await readRuns(chosen.length ? chosen : this.index()), this.view.columns);
  }

  recolor() {}

  leave() {
    this.left.abort();
    clearInterval(this.clock);
    clearTimeout(this.reading);
    this.sizes.disconnect();
    this.toolbar.leave();
    this.selection.leave();
    this.list.leave();
    this.shelf.leave();
  }
}

export const runsPage = {
  name: "runs",
  path: "/",
  title: "Runs",
  frame,
  closed: putFormAway,
  /** @param {HTMLElement} root */
  open(root) {
    const place = root.querySelector("#runs-list");
    const runs = place instanceof HTMLElement ? new Runs(place) : null;
    runs?.form.wanted.then(() => bringForm(runs.ready.then(() => runs.curves)));
    return runs;
  },
};
