/* The row of a run, filled again for another one. */
import { within } from "../../lib/prefix.js";
import { el, say } from "../../lib/element.js";
import { ago } from "../../lib/times.js";
import { stopButton } from "../../runs/buttons.js";
import { showName } from "../../runs/names.js";
import { canStop } from "../../runs/state.js";
import { fillTags } from "../../runs/tags.js";
import { complain } from "../../shell/banner.js";
import { cellOf } from "./cells.js";
import { runColumns } from "./columns.js";

/** @import { Run, Spark } from "../../api/schema.d.ts" */
/** @import { Item, RunItem } from "./order.js" */
/** @import { Selection } from "./selection.js" */
/**
 * What a row uses of the page.
 * @typedef {object} RowPage
 * @property {{ columns: string[] }} view
 * @property {Selection} selection
 * @property {{ key: string }} cursor
 * @property {(id: string) => Run | null} run
 * @property {(id: string) => Spark | null} spark
 * @property {(ids: string[]) => void} open
 */

/**
 * A cell of a row.
 * @param {string} name
 * @param {...(Node | string)} children
 */
export const cell = (name, ...children) => el("div", { class: `cell c-${name}`, role: "cell" }, ...children);

/**
 * The line below a name, without what has a column of its own.
 * @param {Run} run
 * @param {string[]} columns
 */
const about = (run, columns) =>
  [
    columns.includes("strategy") ? "" : (run.course?.strategy ?? run.spec.strategy),
    columns.includes("dataset") ? "" : run.spec.dataset,
    ago(run.started ?? run.created),
  ].filter(Boolean).join(" · ");

/** States whose reason is what a reader wants to know. @type {Run["state"][]} */
const BROKEN = ["failed", "lost"];

/** @param {MouseEvent} event */
const elsewhere = (event) => event.metaKey || event.ctrlKey || event.shiftKey;

/* The row of a run. */
export class RunRow {
  /** @param {RowPage} page */
  constructor(page) {
    this.page = page;
    this.id = "";
    /** @type {RunItem | null} */
    this.item = null;
    this.check = el("input", { type: "checkbox", class: "check" });
    this.link = el("a", { class: "run-link" });
    this.about = el("span", { class: "muted small cell-text" });
    this.tags = el("span", { class: "tags" });
    this.act = cell("act");
    this.stop = this._stopButton();
    this.cells = page.view.columns.map(cellOf);
    this.element = el(
      "div",
      { class: "run-row", role: "row" },
      cell("check", this.check),
      cell("run", this.link, el("div", { class: "run-about" }, this.about, this.tags)),
      ...page.view.columns.map((name, i) => {
        const right = runColumns.column(name)?.right ? " c-right" : "";
        return cell(`col${right} c-${name.replace(/\W/g, "-")}`, this.cells[i].element);
      }),
      this.act,
    );
    this._listen();
  }

  _listen() {
    this.check.addEventListener("click", (event) => {
      event.stopPropagation();
      if (this.item) this.page.selection.toggle(this.item, this.check.checked, event.shiftKey);
    });
    this.link.addEventListener("click", (event) => {
      event.stopPropagation();
      if (elsewhere(event)) return;
      event.preventDefault();
      this.page.open([this.id]);
    });
    this.element.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("button, input, a")) return;
      if (event.shiftKey && this.item) this.page.selection.toggle(this.item, true, true);
      else this.page.open([this.id]);
    });
    this.element.addEventListener("mousedown", (event) => {
      if (event.shiftKey) event.preventDefault(); /* selecting rows selects no text */
    });
  }

  /** @param {Item} item of a run; another one is not of this row's kind */
  fill(item) {
    if (item.kind !== "run") return;
    this.item = item;
    const run = this.page.run(item.id);
    if (item.id !== this.id) this._begin(item.id);
    this.check.checked = this.page.selection.has(item.id);
    this.element.classList.toggle("run-chosen", this.check.checked);
    this.element.classList.toggle("run-at", this.page.cursor.key === item.key);
    this.element.classList.toggle("run-awaited", !run);
    if (run) this._show(run);
  }

  /** @param {Run} run */
  _show(run) {
    const { columns } = this.page.view;
    showName(this.link, run.name);
    this.link.title = run.name;
    this.check.setAttribute("aria-label", `Select ${run.name}`);
    this.element.dataset.state = run.state;
    const why = BROKEN.includes(run.state) ? run.reason : "";
    say(this.about, why || about(run, columns));
    this.about.title = why;
    this.about.classList.toggle("run-reason", Boolean(why));
    fillTags(this.tags, columns.includes("tags") ? [] : run.tags);
    const curves = this.page.spark(run.id);
    for (const part of this.cells) part.fill(run, curves);
    this.stop.hidden = !canStop(run);
  }

  /**
   * Another run: nothing of the one before may stay.
   * @param {string} id
   */
  _begin(id) {
    this.id = id;
    this.element.dataset.run = id;
    this.link.href = within(`/watch?runs=${id}`);
    if (!this.page.run(id)) {
      showName(this.link, "…");
      this.check.setAttribute("aria-label", `Select run ${id}`);
      delete this.element.dataset.state;
    }
    this.stop = this._stopButton();
    this.act.replaceChildren(this.stop);
  }

  _stopButton() {
    const button = stopButton(() => this.page.run(this.id), (error) => complain(error.message));
    button.addEventListener("click", () => complain("")); /* an earlier refusal */
    button.hidden = true;
    return button;
  }
}
