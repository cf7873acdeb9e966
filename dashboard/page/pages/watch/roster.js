/* Many runs as a list: compact rows that can be searched, shown, hidden and looked at alone. */
import { el, icon, say } from "../../lib/element.js";
import { number } from "../../lib/numbers.js";
import { Chip } from "../../runs/chip.js";
import { badge } from "../../runs/state.js";

const PAUSE_MS = 300; /* values are written no oftener */

/* One run in a line; what a chip offers comes when it is opened. It has a chip's interface. */
export class Row {
  constructor(record, color, toggle) {
    Object.assign(this, { record, color, toggle, series: "", written: -Infinity });
    this.swatch = el("button", {
      type: "button",
      class: "swatch",
      "aria-pressed": "true",
      title: "Show or hide; Alt and click: only this one",
      onclick: toggle,
    });
    this.name = el("span", { class: "run-name" }, record.id);
    this.value = el("span", { class: "row-value" }, "–");
    this.badge = badge("loading");
    this.more = el("button", {
      type: "button",
      class: "icon-button",
      "aria-expanded": "false",
      "aria-label": "More of this run",
      onclick: () => this._open(),
    }, icon("more"));
    this.line = el("div", { class: "row-line" }, this.swatch, this.name, this.value, this.badge, this.more);
    this.element = el("li", { class: "row", "data-run": record.id }, this.line);
    this.paint(color);
  }

  _open() {
    if (this.chip) {
      this.chip.element.remove();
      this.chip = null;
    } else {
      this.chip = new Chip(this.record, this.color, this.toggle);
      this.element.append(this.chip.element);
      if (this.record.run) this.chip.update(this.record.run);
      if (this.refused) this.chip.refuse(this.refused);
    }
    this.more.setAttribute("aria-expanded", String(Boolean(this.chip)));
    this.element.classList.toggle("row-open", Boolean(this.chip));
  }

  paint(color) {
    this.color = color;
    this.element.style.setProperty("--run", color);
    this.chip?.paint(color);
  }

  shown(shown) {
    this.element.classList.toggle("run-hidden", !shown);
    this.swatch.setAttribute("aria-pressed", String(shown));
    this.chip?.shown(shown);
  }

  refuse(text) {
    this.refused = text;
    this.badge.dataset.state = "failed";
    say(this.badge, "unknown");
    this.badge.title = text;
    this.chip?.refuse(text);
  }

  update(run) {
    say(this.name, run.name);
    this.name.title = `${run.name} (${run.id})`;
    this.swatch.setAttribute("aria-label", `Show or hide ${run.name}`);
    this.more.setAttribute("aria-label", `More of ${run.name}`);
    say(this.badge, run.state);
    this.badge.dataset.state = run.state;
    this.chip?.update(run);
  }

  /* The newest value of the chosen series. */
  balance(colors, single) {
    const now = performance.now();
    if (now - this.written < PAUSE_MS) return;
    this.written = now;
    const last = this.series ? this.record.series.get(this.series)?.last() : null;
    say(this.value, last ? number(last.mean) : "–");
    this.chip?.balance(colors, single);
  }

  /* Whether its name, state or settings hold every one of these words. */
  fits(words) {
    const { run } = this.record;
    const text = `${run?.name ?? this.record.id} ${run?.state ?? ""} ${
      Object.entries(run?.settings ?? {}).map((pair) => pair.join("=")).join(" ")
    }`.toLowerCase();
    return words.every((word) => text.includes(word));
  }
}

export class Roster {
  /* `watch` has chips (rows) and show(ids). */
  constructor(watch, root) {
    this.watch = watch;
    this.search = el("input", {
      type: "search",
      class: "roster-search",
      placeholder: "Find runs",
      "aria-label": "Find runs by name, state or setting",
      oninput: () => this._find(),
    });
    this.select = el("select", {
      class: "roster-series",
      "aria-label": "Series whose newest value is listed",
      onchange: () => this._choose(this.select.value),
    });
    this.count = el("span", { class: "muted", role: "status" });
    const only = (text, ids) =>
      el("button", { type: "button", class: "button button-quiet", onclick: () => watch.show(ids()) }, text);
    this.list = el(
      "ul",
      { class: "roster-list", "aria-label": "Runs", tabindex: "0" },
      ...[...watch.chips.values()].map((row) => row.element),
    );
    root.replaceChildren(
      el(
        "section",
        { class: "card roster", "aria-label": "Runs" },
        el(
          "div",
          { class: "roster-head" },
          this.search,
          this.select,
          this.count,
          el("span", { class: "spacer" }),
          only("Show these", () => this._found()),
          only("Show all", () => watch.ids),
          only("Hide all", () => []),
        ),
        this.list,
      ),
    );
    this._find();
  }

  _found() {
    return [...this.watch.chips].filter(([, row]) => !row.element.hidden).map(([id]) => id);
  }

  _find() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of this.watch.chips.values()) row.element.hidden = !row.fits(words);
    const [found, all] = [this._found().length, this.watch.chips.size];
    say(this.count, words.length ? `${found} of ${all} runs` : `${all} runs`);
  }

  /* The series that charts draw. */
  choices(charts) {
    const names = charts.flatMap((chart) =>
      chart.parts.flatMap((
        part,
      ) => [...(part.joint ? [part.stem] : []), ...part.modalities.map((m) => `${part.stem}.${m}`)])
    );
    const known = names.join(" ");
    if (known === this.known) return;
    this.known = known;
    this.select.replaceChildren(...names.map((name) => el("option", { value: name }, name)));
    const best = ["val.accuracy", "accuracy", "loss"].find((name) => names.includes(name)) ?? names[0];
    this.select.value = names.includes(this.chosen) ? this.chosen : best;
    this._choose(this.select.value);
  }

  _choose(name) {
    this.chosen = name;
    for (const row of this.watch.chips.values()) Object.assign(row, { series: name, written: -Infinity });
    this.watch.loop.ask(true);
  }
}
