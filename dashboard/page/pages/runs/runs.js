/* The table of runs: thousands of them, told by one live connection; rows change in place and never flicker. */
import { asking } from "../../lib/dialogs.js";
import { el, icon, say } from "../../lib/element.js";
import { whole } from "../../lib/numbers.js";
import { plain } from "../../lib/values.js";
import { Virtual } from "../../lib/virtual-list.js";
import { formFold } from "../launch/fold.js";
import { runColumns } from "./columns.js";
import { runFilter } from "./filter.js";
import { BunchRow, RunHeads, RunRow } from "./row.js";
import { Chosen } from "./selection.js";
import { Shelf } from "./shelf.js";
import { RunsToolbar } from "./toolbar.js";
import { SparkFeed } from "../../runs/spark-feed.js";
import { address } from "../../shell/address.js";
import { go } from "../../shell/navigate.js";

const NEWEST = "-created";

/* The key of a group in an address, where an empty one would be lost. */
const written = (key) => `~${encodeURIComponent(key)}`;

function read(text) {
  try {
    return decodeURIComponent(text.replace(/^~/, ""));
  } catch {
    return null; /* written by hand */
  }
}

class Runs {
  constructor(root) {
    this.root = root;
    this.view = {
      filter: address.get("filter"),
      sort: address.get("sort", NEWEST),
      group: address.get("group"),
      columns: [],
    };
    this.closed = new Set(address.list("closed").map(read).filter((key) => key !== null));
    this.picked = runColumns.chosen();
    this.columns = [];
    this.at = ""; /* the key of the row that the keys are at */
    this.places = [];
    this.parsed = runFilter.parse(this.view.filter);
    this.chosen = new Chosen({
      between: (a, b) => this.between(a, b),
      run: (id) => this.run(id),
      refresh: () => this.shelf.refresh(0),
      changed: () => this._draw(),
    });
    this.sparks = new SparkFeed(() => this._draw());
    this._build();
    this.shelf = new Shelf(() => this._query(), (what) => this._told(what));
    this.shelf.gone = (id) => this.chosen.forget(id);
    this.list = new Virtual(
      this.frame,
      this.body,
      (kind) => (kind === "run" ? new RunRow(this) : new BunchRow(this)),
      (shown) => this._seen(shown),
    );
    this._sized = new ResizeObserver(() => this._fit());
    this._sized.observe(this.frame);
    this.clock = setInterval(() => this._tick(), 2000);
    this._key = (event) => this._press(event);
    document.addEventListener("keydown", this._key);
    this.shortcuts = {
      j: () => this.move(1),
      k: () => this.move(-1),
      x: () => this.mark(),
      "/": () => this.search(),
    };
    this._fit();
  }

  _build() {
    this.form = formFold();
    this.count = el("span", { class: "muted", role: "status" });
    this.heads = new RunHeads(this);
    this.toolbar = new RunsToolbar(this.view, (part) => this.change(part));
    this.body = el("div", { class: "runs-body", role: "rowgroup" });
    this.table = el(
      "div",
      { class: "runs-grid", role: "table", "aria-label": "Runs" },
      el("div", { role: "rowgroup", class: "runs-head" }, this.heads.element),
      this.body,
    );
    this.frame = el("div", { class: "runs-frame" }, this.table);
    this.empty = el(
      "div",
      { class: "empty", hidden: true },
      icon("chart"),
      el("h3", {}, "No runs yet"),
      el(
        "p",
        {},
        "Press Launch. The form is filled in with a run that shows how audio dominates, and what OGM-GE does about it.",
      ),
    );
    const clear = el("button", {
      type: "button",
      class: "button",
      onclick: () => this.change({ filter: "" }),
    }, "Show all runs");
    this.nothing = el(
      "div",
      { class: "empty", hidden: true },
      el("h3", {}, "No run fits this filter"),
      el("p", {}, "Words are looked for in names. Try fewer of them, or another state."),
      clear,
    );
    const card = el("div", { class: "card table-card" }, this.frame, this.empty, this.nothing);
    this.root.replaceChildren(
      el(
        "header",
        { class: "section-head" },
        el("h2", {}, "Runs"),
        this.count,
        el("span", { class: "spacer" }),
        this.form.button,
      ),
      this.toolbar.element,
      card,
      this.chosen.element,
    );
    this.frame.hidden = true;
  }

  _query() {
    const by = this.view.group && { by: this.view.group };
    return new Query([...this.parsed.params, ["sort", this.view.sort], ...Object.entries(by || {})]);
  }

  run(id) {
    return this.shelf.get(id);
  }

  spark(id) {
    return this.sparks.get(id);
  }

  index() {
    return this.shelf?.order?.runs ?? [];
  }

  /* The runs of the list from one row to another, or null when one of them is not listed any more. */
  between(one, other) {
    const rows = this.list.items.filter((item) => item.kind === "run");
    const [a, b] = [one, other].map((key) => rows.findIndex((item) => item.key === key)).toSorted((x, y) =>
      x - y
    );
    return a < 0 ? null : rows.slice(a, b + 1).map((item) => item.id);
  }

  open(ids) {
    go(`/watch?runs=${ids.join(",")}`);
  }

  /* Something of the view was chosen: it stands in the address, and the order is read again. */
  change(part) {
    if (part.columns) {
      this.picked = part.columns;
      runColumns.choose(part.columns);
      this._fit(true);
      return;
    }
    Object.assign(this.view, part);
    if (part.group !== undefined) this.closed.clear();
    this.parsed = runFilter.parse(this.view.filter);
    this.toolbar.complain(this.parsed.problem);
    const { filter, sort, group } = this.view;
    address.set({ filter, sort: sort === NEWEST ? "" : sort, group, closed: [...this.closed].map(written) });
    this.toolbar.update();
    if (part.filter === "") this.toolbar.field.value = "";
    this.heads.mark(sort);
    if (this.parsed.problem) return;
    this.frame.scrollTop = 0;
    this.shelf.refresh(0);
  }

  /* The first click on a head: numbers from the greatest, texts from A; then the other way; then the newest again. */
  sortBy(name) {
    const texts = ["name", "state", "strategy", "dataset", "fusion", "worker"];
    const turns = texts.includes(name) ? [name, `-${name}`, NEWEST] : [`-${name}`, name, NEWEST];
    this.change({ sort: turns[(turns.indexOf(this.view.sort) + 1) % 3] });
  }

  fold(key) {
    if (!this.closed.delete(key)) this.closed.add(key);
    address.set({ closed: [...this.closed].map(written) });
    this._show();
  }

  _told(what) {
    if (what === "refused") this.toolbar.complain(this.shelf.problem);
    if (what === "order") this._order();
    if (what === "runs") this._draw();
  }

  _order() {
    const { order } = this.shelf;
    this.toolbar.complain(this.parsed.problem);
    this.toolbar.count(order.states);
    const any = order.total > 0;
    const filtered = this.parsed.params.length > 0;
    this.frame.hidden = !any;
    this.empty.hidden = any || filtered;
    if (!any && !filtered) this.form.open();
    this.nothing.hidden = any || !filtered;
    this.toolbar.element.hidden = !any && !filtered;
    const named = new Set(order.runs).size;
    say(
      this.count,
      any
        ? (order.total > named ? `the first ${whole(named)} of ${whole(order.total)}` : whole(order.total))
        : "",
    );
    this._fit();
    this._show();
  }

  /* The order as items of the list. */
  _show() {
    const { order } = this.shelf;
    if (!order) return;
    const style = getComputedStyle(this.frame);
    const [row, head] = ["--row-height", "--bunch-height"].map((name) =>
      Number.parseFloat(style.getPropertyValue(name))
    );
    const items = [];
    const add = (ids, key) =>
      ids.forEach((id) => items.push({ key: `${key}:${id}`, kind: "run", id, height: row }));
    let from = 0;
    if (!order.bunches.length) add(order.runs, "");
    order.bunches.forEach((bunch) => {
      const key = String(bunch.value ?? "");
      const ids = order.runs.slice(from, from + bunch.count);
      from += bunch.count;
      const closed = this.closed.has(key);
      items.push({
        key: `bunch ${key}`,
        kind: "bunch",
        height: head,
        bunch: { ...bunch, key, ids, closed, title: this._title(bunch) },
      });
      if (!closed) add(ids, key);
    });
    this.places = items.flatMap((item, i) => (item.kind === "run" ? [i] : []));
    if (!items.some((item) => item.key === this.at)) this.at = "";
    this.table.setAttribute("aria-rowcount", String(items.length + 1));
    this.list.show(items);
  }

  _title({ value, label }) {
    const name = this.view.group.replace(/^settings\./, "");
    if (value === null || value === "") return { tag: "no tag", sweep: "in no sweep" }[name] ?? `no ${name}`;
    if (label || name === "sweep") return label || `sweep ${value}`;
    return typeof value === "number" || this.view.group.startsWith("settings.")
      ? `${name} ${plain(value)}`
      : value;
  }

  /* What stands on the screen now: its contents are read, and its small curves. */
  _seen(shown) {
    this.seen = shown.filter((item) => item.kind === "run").map((item) => item.id);
    this.heads.chosen();
    clearTimeout(this._reading);
    this._reading = setTimeout(() => {
      this.shelf.want(this.seen);
      this._curves();
    }, 30);
  }

  _curves() {
    if (document.hidden || !(this.columns.includes("rho") || this.columns.includes("accuracy"))) return;
    this.sparks.want((this.seen ?? []).map((id) => this.run(id)).filter(Boolean));
  }

  _draw() {
    this.list?.soon();
  }

  _tick() {
    this._curves();
    this.toolbar.learn((this.seen ?? []).flatMap((id) => Object.keys(this.run(id)?.settings ?? {})));
    this._draw();
  }

  /* The columns that were chosen, or those that there is room for. */
  _fit() {
    if (this.frame.hidden || !this.frame.clientWidth) return;
    const cards = matchMedia("(max-width: 640px)").matches;
    const columns = cards
      ? runColumns.card
      : this.picked.length
      ? this.picked
      : runColumns.fitting(this.frame.clientWidth);
    const row = getComputedStyle(this.frame).getPropertyValue("--row-height");
    const same = String(columns) === String(this.columns);
    if (same && row === this.row) return;
    Object.assign(this, { columns, row });
    this.view.columns = columns;
    this.toolbar.update();
    this.table.style.setProperty("--columns", runColumns.template(columns));
    this.table.style.setProperty("--least", `${runColumns.wide(columns)}px`);
    this.heads.show(columns);
    if (!same) this.list.forget();
    this._show();
  }

  /* To the next run or the one before. */
  move(by) {
    if (!this.places.length) return;
    const { items } = this.list;
    const now = this.places.findIndex((i) => items[i].key === this.at);
    const next = now < 0 ? 0 : Math.max(0, Math.min(this.places.length - 1, now + by));
    this.at = items[this.places[next]].key;
    const row = this.list.reveal(this.places[next]);
    row?.link.focus({ preventScroll: true });
  }

  /* The row that the keys are at. */
  _here() {
    return this.list.items.find((item) => item.key === this.at);
  }

  mark() {
    const item = this._here();
    if (item) this.chosen.toggle(item, !this.chosen.has(item.id));
  }

  search() {
    this.toolbar.focus();
  }

  _press(event) {
    const free = event.target === document.body || this.frame.contains(event.target);
    if (!free || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || asking()) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && event.target === document.body && this._here()) {
      this.open([this._here().id]);
    }
  }

  recolor() {}

  leave() {
    document.removeEventListener("keydown", this._key);
    clearInterval(this.clock);
    clearTimeout(this._reading);
    this._sized.disconnect();
    this.toolbar.leave();
    this.chosen.leave();
    this.list.leave();
    this.shelf.leave();
  }
}

/* Parameters of a request that may come several times; `sort` can be looked at. */
class Query extends URLSearchParams {
  get sort() {
    return this.get("sort");
  }
}

export const runsPage = {
  name: "runs",
  title: "Runs",
  open: (root) => new Runs(root.querySelector("#runs-list")),
};
