/* What every instrument beside the line charts has: a card with title, explanation, controls and a body, which is
   drawn when it is on the screen and something it shows has changed. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { el, say } = rhoscope;

  class Instrument {
    /* `about`: [{title, formula, help}]. */
    constructor(view, { name, title, about }) {
      Object.assign(this, { view, name, visible: false, stale: false, records: [], drawn: "", range: [0, 1], step: null });
      this.explained = rhoscope.explained(name, title, about);
      this.controls = el("div", { class: "legend instrument-controls" });
      this.body = el("div", { class: `plot instrument-body instrument-${name}` });
      this.empty = el("div", { class: "plot-empty instrument-empty", hidden: true });
      this.tooltip = el("div", { class: "tooltip", hidden: true });
      this.element = el(
        "article",
        { class: "card chart-card instrument", "data-chart": name, "aria-label": title },
        el("header", { class: "chart-head" }, el("h3", {}, title), el("span", { class: "spacer" }), this.explained.button),
        this.controls,
        el("div", { class: "plot-frame" }, this.body, this.empty, this.tooltip),
        this.explained.panel,
      );
      this.explained.closes(this.element);
      this.ready = true;
      this.choices = new Map();
    }

    actions() {
      return rhoscope.canvasFiles(this);
    }

    shape({ records, colours, focus }) {
      Object.assign(this, { records, colours, focus, stale: true, drawn: "" });
      this.modalities = [...new Set(records.flatMap((record) => record.run.modalities))];
      this.shaped();
    }

    /* Other runs, colours or modalities: controls are made again where they changed. */
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
      const all = this.records.map((r) => `${r.id} ${r.last} ${r.stats.rows} ${r.attempt} ${r.zoomed ? 1 : 0} ${[...r.tables.values()].map((t) => t.version)} ${sparse(r)}`);
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
      if (made.text !== text) made.select.replaceChildren(...options.map(({ value, name }) => el("option", { value }, name)));
      made.text = text;
      const asked = rhoscope.address.get(parameter);
      made.select.value = options.some(({ value }) => value === asked) ? asked : (options[0]?.value ?? "");
      made.element.hidden = options.length < 2;
      return made.select.value;
    }

    _chosen(parameter, value) {
      rhoscope.address.set({ [parameter]: value });
      this.view.reshape();
    }

    /* Which of several runs is shown, where an instrument shows one. */
    chosenRun() {
      const id = this.choice("of", "Run", this.records.map((record) => ({ value: record.id, name: record.run.name })));
      this.record = this.records.find((record) => record.id === id) ?? null;
    }

    /* Which two modalities are set against each other. */
    chosenPair() {
      const all = rhoscope.pairs(this.modalities);
      const name = this.choice("pair", "Pair", all.map((pair) => ({ value: pair.join(":"), name: pair.join(" against ") })));
      this.pair = all.find((pair) => pair.join(":") === name) ?? null;
    }

    /* Words beside a place of the body; null hides them. */
    tell(left, title, rows) {
      this.tooltip.hidden = left === null;
      if (left === null) return;
      this.tooltip.replaceChildren(
        el("div", { class: "tooltip-step" }, title),
        ...rows.map(([name, value]) => el("div", { class: "tooltip-row" }, el("span", { class: "tooltip-name" }, name), el("strong", {}, value))),
      );
      const right = left > this.body.clientWidth / 2;
      this.tooltip.style.left = right ? "" : `${left + 24}px`;
      this.tooltip.style.right = right ? `${this.body.clientWidth - left + 12}px` : "";
    }
  }

  /* Sparse values come without a row. */
  const sparse = (record) => [...record.series.values()].reduce((sum, column) => sum + (column.steps?.length ?? 0), 0);

  const { FONT } = rhoscope.strokes;

  /* A canvas that fills its holder and is as sharp as the screen. */
  class Surface {
    constructor(holder) {
      this.holder = holder;
      this.canvas = el("canvas", { class: "surface", role: "img", "aria-label": "Not drawn yet" });
      holder.append(this.canvas);
    }

    /* What a screen reader says of the picture. */
    name(text) {
      if (this.canvas.getAttribute("aria-label") !== text) this.canvas.setAttribute("aria-label", text);
    }

    /* An empty picture, in CSS pixels; `height` where it may be taller than its holder. */
    begin(height = 0) {
      const [w, h, r] = [this.holder.clientWidth, Math.max(height, this.holder.clientHeight), devicePixelRatio];
      if (this.canvas.width !== Math.round(w * r) || this.canvas.height !== Math.round(h * r)) {
        Object.assign(this.canvas, { width: Math.round(w * r), height: Math.round(h * r) });
        this.canvas.style.height = `${h}px`;
      }
      const ctx = this.canvas.getContext("2d");
      ctx.setTransform(r, 0, 0, r, 0, 0);
      ctx.clearRect(0, 0, w, h);
      ctx.font = FONT;
      return { ctx, w, h };
    }
  }

  /* Axes in a box {left, top, right, bottom} over [x0, x1] by [y0, y1]; functions from values to pixels. */
  function axes(ctx, box, [x0, x1], [y0, y1], colours, { x = rhoscope.short, y = rhoscope.tick, ys = null } = {}) {
    const px = (v) => box.left + ((v - x0) / Math.max(x1 - x0, 1e-12)) * (box.right - box.left);
    const py = (v) => box.bottom - ((v - y0) / Math.max(y1 - y0, 1e-12)) * (box.bottom - box.top);
    ctx.lineWidth = 1;
    ctx.textBaseline = "middle";
    ctx.textAlign = "right";
    for (const v of ys ?? rhoscope.ticks(y0, y1, (box.bottom - box.top) / 36)) {
      const at = Math.round(py(v)) + 0.5;
      ctx.strokeStyle = colours.grid;
      ctx.beginPath();
      ctx.moveTo(box.left, at);
      ctx.lineTo(box.right, at);
      ctx.stroke();
      ctx.fillStyle = colours.axis;
      ctx.fillText(y(v), box.left - 8, at);
    }
    ctx.textBaseline = "top";
    ctx.textAlign = "center";
    const marks = rhoscope.ticks(x0, x1, (box.right - box.left) / 70);
    for (const v of marks) ctx.fillText(x(v), Math.min(box.right - 8, px(v)), box.bottom + 8);
    return { px, py };
  }

  /* An item of a legend: a small square and its words. */
  function swatch(colour, text, kind = "") {
    const words = el("span", {});
    say(words, text);
    return el("span", { class: "legend-item" }, el("span", { class: `legend-swatch ${kind}`, style: `--colour:${colour}` }), words);
  }

  Object.assign(rhoscope, { Instrument, Surface, axes, swatch });
})();
