/* Rows of the table of runs: of a run, and at the head of a group. Each is filled again for another run. */
import { el, say } from "../../lib/element.js";
import { whole } from "../../lib/numbers.js";
import { ago } from "../../lib/times.js";
import { runColumns } from "./columns.js";
import { stopButton } from "../../runs/buttons.js";
import { canStop } from "../../runs/state.js";
import { fillTags } from "../../runs/tags.js";
import { complain } from "../../shell/banner.js";

const cell = (name, ...children) => el("div", { class: `cell c-${name}`, role: "cell" }, ...children);
const about = (run, shown) =>
  [
    shown.includes("strategy") ? "" : run.spec.strategy,
    shown.includes("dataset") ? "" : run.spec.dataset,
    ago(run.started ?? run.created),
  ].filter(Boolean).join(" · ");

/* `page` has {columns, chosen, run(id), spark(id), open(ids)}. */
export class RunRow {
  constructor(page) {
    this.page = page;
    this.id = "";
    this.check = el("input", { type: "checkbox", class: "check" });
    this.check.addEventListener("click", (event) => {
      event.stopPropagation();
      page.chosen.toggle(this.item, this.check.checked, event.shiftKey);
    });
    this.link = el("a", { class: "run-link" });
    this.link.addEventListener("click", (event) => {
      event.stopPropagation();
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      page.open([this.id]);
    });
    this.about = el("span", { class: "muted small cell-text" });
    this.tags = el("span", { class: "tags" });
    this.act = cell("act");
    this.cells = page.columns.map((name) => {
      const made = runColumns.column(name).make();
      return {
        ...made,
        box: cell(
          `col${runColumns.column(name).right ? " c-right" : ""} c-${name.replace(/\W/g, "-")}`,
          made.element,
        ),
      };
    });
    this.element = el(
      "div",
      { class: "run-row", role: "row" },
      cell("check", this.check),
      cell("run", this.link, el("div", { class: "run-about" }, this.about, this.tags)),
      ...this.cells.map((one) => one.box),
      this.act,
    );
    this.element.addEventListener("click", (event) => {
      if (event.target.closest("button, input, a")) return;
      if (event.shiftKey) page.chosen.toggle(this.item, true, true);
      else page.open([this.id]);
    });
    this.element.addEventListener(
      "mousedown",
      (event) => event.shiftKey && event.preventDefault(),
    ); /* no text is marked by choosing many */
  }

  fill(item) {
    const { id } = (this.item = item);
    const run = this.page.run(id);
    if (id !== this.id) this._begin(id);
    this.check.checked = this.page.chosen.has(id);
    this.element.classList.toggle("run-chosen", this.check.checked);
    this.element.classList.toggle("run-at", this.page.at === item.key);
    this.element.classList.toggle("run-awaited", !run);
    if (!run) return;
    say(this.link, run.name);
    this.link.title = run.name;
    this.check.setAttribute("aria-label", `Choose ${run.name}`);
    this.element.dataset.state = run.state;
    say(this.about, about(run, this.page.columns));
    fillTags(this.tags, this.page.columns.includes("tags") ? [] : run.tags);
    const spark = this.page.spark(id);
    for (const one of this.cells) one.fill(run, spark);
    this.stop.hidden = !canStop(run);
  }

  /* Another run: nothing of the one before may stay. */
  _begin(id) {
    this.id = id;
    this.element.dataset.run = id;
    this.link.href = `/watch?runs=${id}`;
    if (!this.page.run(id)) {
      say(this.link, "…");
      this.check.setAttribute("aria-label", `Choose run ${id}`);
      delete this.element.dataset.state;
    }
    this.stop = stopButton(() => this.page.run(id), (error) => complain(error.message));
    this.stop.addEventListener("click", () => complain("")); /* what was refused before */
    this.stop.hidden = true;
    this.act.replaceChildren(this.stop);
  }
}

/* The head of a group: what its runs have in common, how many there are and how good they became. */
export class BunchRow {
  constructor(page) {
    this.page = page;
    this.check = el("input", { type: "checkbox", class: "check" });
    this.check.addEventListener("change", () => page.chosen.set(this.bunch.ids, this.check.checked));
    this.name = el("span", { class: "strong" });
    this.count = el("span", { class: "muted" });
    this.score = el("span", { class: "bunch-score" });
    this.button = el(
      "button",
      {
        type: "button",
        class: "bunch-button",
        onclick: () => page.fold(this.bunch.key),
      },
      el("span", { class: "bunch-arrow", "aria-hidden": "true" }),
      this.name,
      this.count,
      this.score,
    );
    this.element = el(
      "div",
      { class: "bunch-row", role: "row" },
      cell("check", this.check),
      cell("bunch", this.button),
    );
  }

  fill({ bunch }) {
    this.bunch = bunch;
    this.element.dataset.bunch = bunch.key;
    this.button.setAttribute("aria-expanded", String(!bunch.closed));
    say(this.name, bunch.title);
    say(this.count, `${whole(bunch.count)} ${bunch.count === 1 ? "run" : "runs"}`);
    const mean = bunch.mean === null
      ? ""
      : `best val. ${(100 * bunch.mean).toFixed(1)}${
        bunch.deviation === null ? "" : ` ± ${(100 * bunch.deviation).toFixed(1)}`
      } %`;
    say(this.score, mean);
    this.score.title = mean
      ? `Best validation accuracy of ${bunch.scored} runs: mean${
        bunch.deviation === null ? "" : " ± standard deviation"
      }`
      : "";
    const n = bunch.ids.reduce((sum, id) => sum + (this.page.chosen.has(id) ? 1 : 0), 0);
    this.check.checked = n > 0 && n === bunch.ids.length;
    this.check.indeterminate = n > 0 && n < bunch.ids.length;
    this.check.setAttribute("aria-label", `Choose all of ${bunch.title}`);
  }
}

/* The heads of the columns; a click sorts by one, another turns the order, a third forgets it. */
export class RunHeads {
  constructor(page) {
    this.page = page;
    this.all = el("input", {
      type: "checkbox",
      class: "check",
      "aria-label": "Choose all runs that the filter keeps",
    });
    this.all.addEventListener("change", () => page.chosen.set(page.index(), this.all.checked));
    this.element = el("div", { class: "run-heads", role: "row", "aria-rowindex": "1" });
    this.buttons = [];
  }

  show(columns) {
    const head = (name, title, sort, column = {}) => {
      const place = el("div", {
        class: `cell c-${name}${column.right ? " c-right" : ""}`,
        role: "columnheader",
        title: column.about,
      });
      if (!sort) place.append(el("span", {}, title));
      else {
        const button = el("button", {
          type: "button",
          class: "head-button",
          onclick: () => this.page.sortBy(sort),
        }, title);
        place.append(button);
        this.buttons.push([place, sort]);
      }
      return place;
    };
    this.buttons = [];
    this.element.replaceChildren(
      el(
        "div",
        { class: "cell c-check", role: "columnheader" },
        this.all,
        el("span", { class: "visually-hidden" }, "Chosen"),
      ),
      head("run", "Run", "name"),
      ...columns.map((name) =>
        head("col", runColumns.column(name).title, runColumns.column(name).sort, runColumns.column(name))
      ),
      el(
        "div",
        { class: "cell c-act", role: "columnheader" },
        el("span", { class: "visually-hidden" }, "Stop"),
      ),
    );
    this.mark(this.page.view.sort);
  }

  mark(sort) {
    for (const [place, name] of this.buttons) {
      place.setAttribute(
        "aria-sort",
        sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none",
      );
    }
  }

  chosen() {
    const ids = this.page.index();
    const n = ids.reduce((sum, id) => sum + (this.page.chosen.has(id) ? 1 : 0), 0);
    this.all.checked = n > 0 && n === ids.length;
    this.all.indeterminate = n > 0 && n < ids.length;
  }
}
