/* The list of runs, told by its own live connection; rows change in place and never flicker. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { el, say } = rhoscope;
  const PAGE = 50;
  const COLUMNS = ["", "Run", "State", "Progress", "alpha", "Seed", "Val. accuracy", ""];

  class Runs {
    constructor(root) {
      this.root = root;
      this.alive = true;
      this.rows = new Map();
      this.chosen = new Set();
      this.body = el("tbody", {});
      this.count = el("span", { class: "muted" });
      this.together = el("button", { type: "button", class: "button", id: "watch-together", disabled: true, onclick: () => this._watch([...this.chosen]) }, "Watch together");
      this.more = el("button", { type: "button", class: "button button-quiet", hidden: true, onclick: () => this._page() }, "Show older runs");
      const heads = COLUMNS.map((name, i) =>
        el("th", { scope: "col", class: `c-${name.toLowerCase().replace(/\W+/g, "") || "act"}` }, name || el("span", { class: "visually-hidden" }, i ? "Stop" : "Choose")),
      );
      this.table = el("div", { class: "table-frame" }, el("table", { class: "runs-table" }, el("thead", {}, el("tr", {}, ...heads)), this.body));
      this.empty = el("div", { class: "empty", hidden: true }, rhoscope.icon("chart"), el("h3", {}, "No runs yet"), el("p", {}, "Press Launch. The form is filled in with a run that shows how audio dominates, and what OGM-GE does about it."));
      root.replaceChildren(el("header", { class: "section-head" }, el("h2", {}, "Runs"), this.count, el("span", { class: "spacer" }), this.together), el("div", { class: "card table-card" }, this.table, this.empty), this.more);
      this.table.hidden = true;
      this._start();
    }

    async _start() {
      await this._page();
      if (!this.alive) return;
      this.feed = new rhoscope.Feed(() => ({ runs: "*" }), (m) => this._take(m), (up) => this._changed(up));
      this.clock = setInterval(() => this._ages(), 20000);
    }

    async _page() {
      const cursor = this.next ? `&cursor=${encodeURIComponent(this.next)}` : "";
      for (let pause = 300; this.alive; pause = Math.min(3000, 2 * pause)) {
        try {
          const page = await rhoscope.ask(`/runs?limit=${PAGE}${cursor}`);
          this.next = page.next;
          this.more.hidden = !page.next;
          for (const run of page.runs) this._show(run);
          this.total = page.total;
          this._settle();
          return;
        } catch (error) {
          rhoscope.connection(false, error.message);
          await new Promise((resolve) => setTimeout(resolve, pause));
        }
      }
    }

    /* After a pause the first page is read again: what changed meanwhile was not told. */
    _changed(up) {
      rhoscope.connection(up);
      if (up && this.down) rhoscope.ask(`/runs?limit=${PAGE}`).then((page) => page.runs.forEach((run) => this._show(run)), () => {});
      this.down = !up;
    }

    _take(message) {
      if (message.type === "run") this._show(message.run);
      if (message.type === "deleted") {
        this.rows.get(message.run)?.element.remove();
        this.rows.delete(message.run);
        this._choose(message.run, false);
      }
      this._settle();
    }

    _settle() {
      const any = this.rows.size > 0;
      this.table.hidden = !any;
      this.empty.hidden = any;
      say(this.count, any ? rhoscope.whole(Math.max(this.total ?? 0, this.rows.size)) : "");
    }

    _show(run) {
      let row = this.rows.get(run.id);
      if (!row) {
        row = this._make(run);
        this.rows.set(run.id, row);
        const before = [...this.body.children].find((e) => Number(e.dataset.created) < run.created);
        this.body.insertBefore(row.element, before ?? null);
      }
      row.run = run;
      this._fill(row, run);
    }

    _make(run) {
      const cell = (name, ...children) => el("td", { class: `c-${name}` }, ...children);
      const row = { run };
      row.check = el("input", { type: "checkbox", class: "check", "aria-label": `Choose ${run.name}`, onclick: (e) => e.stopPropagation(), onchange: (e) => this._choose(run.id, e.target.checked) });
      row.name = el("a", { class: "run-link", href: `/watch?runs=${run.id}`, onclick: (e) => this._link(e, run.id) });
      row.badge = rhoscope.badge(run.state);
      row.fill = el("div", { class: "bar-fill" });
      row.text = el("div", { class: "muted small" });
      row.about = el("div", { class: "muted small" });
      row.cells = ["alpha", "seed", "valaccuracy"].map((name) => cell(name));
      row.stop = rhoscope.stopButton(() => row.run, (error) => rhoscope.complain(error.message));
      row.element = el(
        "tr",
        { "data-run": run.id, "data-created": run.created, onclick: () => this._watch([run.id]) },
        cell("act", row.check),
        cell("run", row.name, row.about),
        cell("state", row.badge),
        cell("progress", el("div", { class: "bar" }, row.fill), row.text),
        ...row.cells,
        cell("act", row.stop),
      );
      return row;
    }

    _fill(row, run) {
      say(row.name, run.name);
      say(row.badge, run.state);
      row.badge.dataset.state = run.state;
      row.badge.title = run.reason;
      row.element.dataset.state = run.state;
      row.fill.style.width = `${100 * run.progress}%`;
      say(row.text, rhoscope.progress(run));
      const best = run.best?.["val.accuracy"] ?? run.last?.["val.accuracy"];
      const accuracy = best === undefined ? "–" : rhoscope.percent(rhoscope.parsed(best));
      const shown = [rhoscope.plain(run.settings.alpha ?? "–"), String(run.settings.seed ?? "–"), accuracy];
      row.cells.forEach((cell, i) => say(cell, shown[i]));
      say(row.about, about(run));
      row.stop.hidden = !rhoscope.canStop(run);
    }

    _ages() {
      for (const row of this.rows.values()) say(row.about, about(row.run));
    }

    _choose(id, chosen) {
      if (chosen) this.chosen.add(id);
      else this.chosen.delete(id);
      this.together.disabled = this.chosen.size === 0;
      say(this.together, this.chosen.size > 1 ? `Watch ${this.chosen.size} together` : "Watch together");
    }

    _link(event, id) {
      event.stopPropagation();
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this._watch([id]);
    }

    _watch(ids) {
      rhoscope.go(`/watch?runs=${ids.join(",")}`);
    }

    recolour() {}

    leave() {
      this.alive = false;
      clearInterval(this.clock);
      this.feed?.close();
    }
  }

  const about = (run) => `${run.spec.strategy} · ${run.spec.dataset} · ${rhoscope.ago(run.started ?? run.created)}`;

  rhoscope.page("runs", { title: "Runs", open: (root) => new Runs(root.querySelector("#runs-list")) });
})();
