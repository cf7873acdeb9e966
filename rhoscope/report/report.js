/* The charts of a report: from the data in the page alone. Dragging zooms all of them, a cursor reads all of them. */
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const FONT = "11px Inter, ui-sans-serif, system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  const LEGEND = 12;
  const root = document.documentElement;
  const several = Object.keys(data.names).length > 1;
  let view = "";
  let zoom = null;
  let plots = [];

  const color = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();

  function el(tag, properties, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  function number(value) {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(2).replace("e+", "e").replaceAll("-", "−");
    return String(Number(value.toPrecision(4))).replace("-", "−");
  }

  const short = (step) => (step >= 1e6 ? `${step / 1e6}M` : step >= 1e4 ? `${step / 1e3}k` : String(step));

  /* One shared x of all lines; each value where its step is. */
  function columns(chart, lines) {
    const curves = lines.map((line) => data.curves[line.run]?.[line.name] ?? { steps: [], values: [] });
    const tables = curves.map((curve) => [curve.steps, curve.values.map((v) => (chart.log && v !== null && v <= 0 ? null : v))]);
    return tables.some(([steps]) => steps.length) ? uPlot.join(tables, tables.map(() => [0, 1])) : null;
  }

  function options(chart, lines, holder, read) {
    const axis = { stroke: color("chart-axis"), font: FONT, ticks: { show: false } };
    return {
      width: Math.max(200, holder.clientWidth),
      height: 220,
      padding: [10, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: 5 }, sync: { key: "report", setSeries: false, scales: ["x", null] } },
      scales: { x: { time: false, range: (_u, low, high) => zoom ?? [low ?? 0, Math.max((low ?? 0) + 1, high ?? 1)] }, y: { distr: chart.log ? 3 : 1, range: (u, low, high) => span(chart, low, high) } },
      axes: [
        { ...axis, size: 28, gap: 6, grid: { show: false }, space: 70, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 5e6], values: (_u, at) => at.map(short) },
        { ...axis, size: 56, gap: 8, space: 32, grid: { stroke: color("chart-grid"), width: 1 }, values: (_u, at) => at.map((v) => (v === null ? "" : number(v))), ...(chart.log ? { splits: (_u, _i, low, high) => decades(low, high), filter: (_u, at) => at } : {}) },
      ],
      series: [{}, ...lines.map((line) => series(line))],
      hooks: {
        drawAxes: [(u) => reference(u, chart)],
        draw: [(u) => marks(u, lines)],
        setSelect: [(u) => selected(u)],
        setCursor: [(u) => read(u)],
      },
    };
  }

  function series(line) {
    const stroke = `${color(line.color)}${line.faint ? "a6" : ""}`;
    return { stroke, dash: line.dash, width: 1.2, spanGaps: true, points: line.sparse ? { show: true, size: 5, width: 1, fill: color("surface"), stroke } : { show: false } };
  }

  function span(chart, low, high) {
    let [a, b] = low === null || low === undefined ? (chart.log ? [0.5, 2] : [0, 1]) : [low, high];
    const { reference } = chart;
    if (reference !== null && !(chart.log && reference <= 0)) [a, b] = [Math.min(a, reference), Math.max(b, reference)];
    if (chart.log) return [a / 1.15, b * 1.15];
    const size = Math.max(b - a, Math.abs(b) * 0.02, 1e-9);
    return a >= 0 && a < 0.25 * b ? [-0.02 * size, b + 0.08 * size] : [a - 0.08 * size, b + 0.08 * size];
  }

  /* 1, 2, 5 of each decade, or three marks where there is none. */
  function decades(low, high) {
    const found = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) for (const d of [1, 2, 5]) if (d * 10 ** e >= low && d * 10 ** e <= high) found.push(d * 10 ** e);
    if (found.length > 9) return found.filter((v) => Math.abs(Math.log10(v) % 1) < 1e-9);
    return found.length >= 2 ? found : [low * 1.02, Math.sqrt(low * high), high * 0.98].map((v) => Number(v.toPrecision(2)));
  }

  function stroke(u, name, dash, from, to) {
    u.ctx.save();
    u.ctx.strokeStyle = color(name);
    u.ctx.lineWidth = 1;
    u.ctx.setLineDash(dash);
    u.ctx.beginPath();
    u.ctx.moveTo(...from);
    u.ctx.lineTo(...to);
    u.ctx.stroke();
    u.ctx.restore();
  }

  function reference(u, chart) {
    if (chart.reference === null) return;
    const y = Math.round(u.valToPos(chart.reference, "y", true)) + 0.5;
    const { left, top, width, height } = u.bbox;
    if (y >= top && y <= top + height) stroke(u, "chart-reference", [4, 4], [left, y], [left + width, y]);
  }

  function marks(u, lines) {
    const { left, top, width, height } = u.bbox;
    const place = (step) => Math.round(u.valToPos(step, "x", true)) + 0.5;
    const inside = (x) => x >= left && x <= left + width;
    const found = new Map();
    for (const run of new Set(lines.map((line) => line.run))) for (const mark of data.marks[run]) found.set(`${mark.step} ${mark.text}`, mark);
    let row = 0;
    for (const { step, text } of found.values()) {
      const x = place(step);
      if (!inside(x)) continue;
      stroke(u, "chart-mark", [2, 3], [x, top], [x, top + height]);
      u.ctx.save();
      u.ctx.fillStyle = color("chart-mark");
      u.ctx.font = FONT.replace("11px", `${10 * devicePixelRatio}px`);
      u.ctx.textAlign = x > left + width / 2 ? "right" : "left";
      u.ctx.fillText(text, x + (x > left + width / 2 ? -5 : 5), top + (10 + 13 * (row++ % 4)) * devicePixelRatio);
      u.ctx.restore();
    }
    u.ctx.fillStyle = color("chart-odd");
    for (const line of lines) for (const step of data.curves[line.run]?.[line.name]?.odd ?? []) if (inside(place(step))) u.ctx.fillRect(place(step) - 1, top, 2, 8);
  }

  function selected(u) {
    const { left, width } = u.select;
    if (width < 5) return;
    const found = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (found[1] - found[0] >= 1) zoomTo(found);
  }

  function zoomTo(range) {
    zoom = range;
    document.getElementById("whole").hidden = range === null;
    for (const u of plots) u.setData(u.data, true);
  }

  /* The newest value at or before a step. */
  function at(line, step) {
    const curve = data.curves[line.run]?.[line.name];
    if (!curve) return null;
    if (step === null) return curve.values.at(-1);
    let [low, high] = [0, curve.steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (curve.steps[middle] <= step) low = middle + 1;
      else high = middle;
    }
    return low ? curve.values[low - 1] : null;
  }

  function card(chart) {
    const lines = chart.views[view];
    const table = columns(chart, lines);
    if (!table) return;
    const shown = lines.slice(0, LEGEND);
    const values = shown.map(() => el("output", {}));
    const items = shown.map((line, i) => {
      const key = el("span", { style: `color:var(--${line.color})`, "aria-hidden": "true" });
      key.innerHTML = `<svg width="18" height="8"><path d="M0 4h18" stroke="currentColor" stroke-width="2" stroke-dasharray="${line.dash.join(" ")}"/></svg>`;
      return el("span", {}, key, several ? `${data.names[line.run]} · ${line.label}` : line.label, values[i]);
    });
    if (lines.length > LEGEND) items.push(el("span", {}, `and ${lines.length - LEGEND} more`));
    const where = el("span", { class: "muted" });
    const holder = el("div", { class: "plot", role: "img", "aria-label": `${chart.title} over steps` });
    const about = chart.about.map((part) => el("p", {}, `${part.title}: ${part.formula}. ${part.help}`));
    document.getElementById("charts").append(
      el("article", { class: "chart", "data-chart": chart.name }, el("header", {}, el("h3", {}, chart.title), el("span", { class: "unit" }, chart.unit), where), el("div", { class: "legend" }, ...items), holder, el("details", {}, el("summary", {}, "About this chart"), ...about)),
    );
    const read = (u) => {
      const step = u.cursor.left >= 0 ? Math.round(u.posToVal(u.cursor.left, "x")) : null;
      where.textContent = step === null ? "" : `step ${step.toLocaleString("en-US")}`;
      shown.forEach((line, i) => (values[i].textContent = number(at(line, step))));
    };
    const u = new uPlot(options(chart, lines, holder, read), table, holder);
    u.over.addEventListener("dblclick", () => zoomTo(null));
    read(u);
    plots.push(u);
  }

  function draw() {
    for (const u of plots) u.destroy();
    plots = [];
    document.getElementById("charts").replaceChildren();
    for (const chart of data.charts) card(chart);
    if (!plots.length) document.getElementById("charts").append(el("p", { class: "muted" }, "No step was recorded yet."));
  }

  function buttons() {
    const choose = (one) => {
      view = one;
      for (const button of document.querySelectorAll("#views button")) button.setAttribute("aria-pressed", String(button.value === view));
      draw();
    };
    if (data.views.length < 2) return;
    const made = data.views.map((one) => el("button", { type: "button", class: "button", value: one, "aria-pressed": String(one === ""), onclick: () => choose(one) }, one || (several ? "Overview" : "All")));
    document.getElementById("views").append(...made);
  }

  document.getElementById("whole").addEventListener("click", () => zoomTo(null));
  document.getElementById("scheme").addEventListener("click", () => {
    const dark = root.dataset.scheme ? root.dataset.scheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.scheme = dark ? "light" : "dark";
    draw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  const fit = () => {
    for (const u of plots) if (u.root.parentElement.clientWidth) u.setSize({ width: u.root.parentElement.clientWidth, height: 220 });
  };
  addEventListener("resize", fit);
  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details")) if (!fold.closest(".chart")) fold.open = true;
    fit();
  });
  addEventListener("afterprint", fit);
  buttons();
  draw();
})();
