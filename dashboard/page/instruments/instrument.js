/* What every instrument beside the line charts has: a card with title, explanation, controls and a body, which is
   drawn when it is on the screen and something it shows has changed. */
import { explained } from "../charts/explained.js";
import { strokes } from "../charts/strokes.js";
import { pairs } from "../data/balance.js";
import { canvasFiles } from "./file.js";
import { el } from "../lib/element.js";
import { address } from "../shell/address.js";

export class Instrument {
  /* `about`: [{title, formula, help}]. */
  constructor(view, { name, title, about }) {
    Object.assign(this, {
      view,
      name,
      visible: false,
      stale: false,
      records: [],
      drawn: "",
      range: [0, 1],
      step: null,
    });
    this.explained = explained(name, title, about);
    this.controls = el("div", { class: "legend instrument-controls" });
    this.body = el("div", { class: `plot instrument-body instrument-${name}` });
    this.empty = el("div", { class: "plot-empty instrument-empty", hidden: true });
    this.tooltip = el("div", { class: "tooltip", hidden: true });
    this.element = el(
      "article",
      { class: "card chart-card instrument", "data-chart": name, "aria-label": title },
      el(
        "header",
        { class: "chart-head" },
        el("h3", {}, title),
        el("span", { class: "spacer" }),
        this.explained.button,
      ),
      this.controls,
      el("div", { class: "plot-frame" }, this.body, this.empty, this.tooltip),
      this.explained.panel,
    );
    this.explained.closes(this.element);
    this.ready = true;
    this.choices = new Map();
  }

  actions() {
    return canvasFiles(this);
  }

  shape({ records, colors, focus }) {
    Object.assign(this, { records, colors, focus, stale: true, drawn: "" });
    this.modalities = [...new Set(records.flatMap((record) => record.run.modalities))];
    this.shaped();
  }

  /* Other runs, colors or modalities: controls are made again where they changed. */
  shaped() {}

  draw(x0, x1, _tau, step) {
    this.stale = false;
    this.range = [x0, x1];
    this.step = step;
    const now = this.key();
    if (now === this.drawn) return;
    this.drawn = now;
    this.paint();
  }

  /* What the picture depends on, as a text. */
  key() {
    const { clientWidth, clientHeight } = this.body;
    const all = this.records.map((r) =>
      `${r.id} ${r.last} ${r.stats.rows} ${r.attempt} ${r.zoomed ? 1 : 0} ${
        [...r.tables.values()].map((t) => t.version)
      } ${sparse(r)}`
    );
    return `${this.range} ${clientWidth} ${clientHeight} ${devicePixelRatio} ${all}`;
  }

  paint() {}

  read(step) {
    this.step = step;
  }

  point() {}

  forget() {
    this.drawn = "";
  }

  resize() {
    this.drawn = "";
  }

  destroy() {
    this.element.remove();
  }

  again() {
    this.drawn = "";
    this.stale = true;
    this.view.loop.ask(true);
  }

  /* Show the body, or in its place what is to be done to see it; `parts` are texts and elements. */
  lacks(...parts) {
    this.body.hidden = parts.length > 0;
    this.empty.hidden = !parts.length;
    const text = parts.map((part) => part.textContent ?? part).join("");
    if (this.empty.textContent !== text) this.empty.replaceChildren(el("p", {}, ...parts));
  }

  /* A list to choose from among the controls; it stands there when there are several options. `parameter` is its
     place in the address. The chosen value. */
  choice(parameter, label, options) {
    let made = this.choices.get(parameter);
    if (!made) {
      const select = el("select", { onchange: () => this._chosen(parameter, select.value) });
      made = { select, element: el("label", { class: "instrument-choice" }, el("span", {}, label), select) };
      this.choices.set(parameter, made);
      this.controls.append(made.element);
    }
    const text = options.map(({ value, name }) => `${value} ${name}`).join("\n");
    if (made.text !== text) {
      made.select.replaceChildren(...options.map(({ value, name }) => el("option", { value }, name)));
    }
    made.text = text;
    const asked = address.get(parameter);
    made.select.value = options.some(({ value }) => value === asked) ? asked : (options[0]?.value ?? "");
    made.element.hidden = options.length < 2;
    return made.select.value;
  }

  _chosen(parameter, value) {
    address.set({ [parameter]: value });
    this.view.reshape();
  }

  /* Which of several runs is shown, where an instrument shows one. */
  chosenRun() {
    const id = this.choice(
      "of",
      "Run",
      this.records.map((record) => ({ value: record.id, name: record.run.name })),
    );
    this.record = this.records.find((record) => record.id === id) ?? null;
  }

  /* Which two modalities are set against each other. */
  chosenPair() {
    const all = pairs(this.modalities);
    const name = this.choice(
      "pair",
      "Pair",
      all.map((pair) => ({ value: pair.join(":"), name: pair.join(" against ") })),
    );
    this.pair = all.find((pair) => pair.join(":") === name) ?? null;
  }

  /* Words beside a place of the body; null hides them. */
  tell(left, title, rows) {
    this.tooltip.hidden = left === null;
    if (left === null) return;
    this.tooltip.replaceChildren(
      el("div", { class: "tooltip-step" }, title),
      ...rows.map(([name, value]) =>
        el(
          "div",
          { class: "tooltip-row" },
          el("span", { class: "tooltip-name" }, name),
          el("strong", {}, value),
        )
      ),
    );
    const right = left > this.body.clientWidth / 2;
    this.tooltip.style.left = right ? "" : `${left + 24}px`;
    this.tooltip.style.right = right ? `${this.body.clientWidth - left + 12}px` : "";
  }
}

/* Sparse values come without a row. */
const sparse = (record) =>
  [...record.series.values()].reduce((sum, column) => sum + (column.steps?.length ?? 0), 0);

export const { FONT } = strokes;
