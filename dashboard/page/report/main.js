/* The charts of a report, from the data in its page alone. Dragging zooms all of them, and a cursor reads all
   of them. */
import uPlot from "uplot";
import { el } from "../lib/element.js";
import { number, whole } from "../lib/numbers.js";
import { curveOf, valueAt } from "./data.js";
import { columns, HEIGHT, options } from "./plot.js";
import { drawSearch } from "./search.js";

/** @import { Chart, Data, Line } from "./data.js" */

const LEGEND = 12;
const NARROWEST_PX = 200;
const LEAST_DRAG_PX = 5;
const SVG = "http://www.w3.org/2000/svg";

/** @type {Data} */
const data = JSON.parse(byId("data").textContent ?? "");
const several = Object.keys(data.names).length > 1;
let view = "";
/** @type {[number, number] | null} */
let zoom = null;
/** @type {uPlot[]} */
let plots = [];

/**
 * An element of the report's template.
 * @param {string} id
 */
function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The report has no element #${id}.`);
  return element;
}

/** @param {[number, number] | null} range */
function zoomTo(range) {
  zoom = range;
  byId("whole").hidden = range === null;
  for (const plot of plots) plot.setData(plot.data, true);
}

/** @param {uPlot} u */
function select(u) {
  const { left, width } = u.select;
  if (width < LEAST_DRAG_PX) return;
  const [from, to] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (to - from >= 1) zoomTo([from, to]);
}

/**
 * A short piece of a line, as its key in the legend.
 * @param {Line} line
 */
function key(line) {
  const drawing = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const shape = {
    d: "M0 4h18",
    stroke: "currentColor",
    "stroke-width": "2",
    "stroke-dasharray": line.dash.join(" "),
  };
  for (const [name, value] of Object.entries(shape)) path.setAttribute(name, value);
  drawing.setAttribute("width", "18");
  drawing.setAttribute("height", "8");
  drawing.append(path);
  return el("span", { style: `color:var(--${line.color})`, "aria-hidden": "true" }, drawing);
}

/**
 * A chart's legend, and the places of its values.
 * @param {Line[]} lines
 */
function legend(lines) {
  const shown = lines.slice(0, LEGEND);
  const values = shown.map(() => el("output", {}));
  const items = shown.map((line, i) => {
    const label = several ? `${data.names[line.run]} · ${line.label}` : line.label;
    const rhythm = line.every > 1 ? `, every ${line.every} steps` : "";
    return el("span", {}, key(line), label + rhythm, values[i]);
  });
  if (lines.length > LEGEND) items.push(el("span", {}, `and ${lines.length - LEGEND} more`));
  return { shown, values, element: el("div", { class: "legend" }, ...items) };
}

/** @param {Chart} chart */
function card(chart) {
  const lines = chart.views[view];
  const table = columns(data, chart, lines);
  if (!table) return;
  const { shown, values, element } = legend(lines);
  const where = el("span", { class: "muted" });
  const holder = el("div", { class: "plot", role: "img", "aria-label": `${chart.title} over steps` });
  const about = chart.about.map((part) => el("p", {}, `${part.title}: ${part.formula}. ${part.help}`));
  const head = el("header", {}, el("h3", {}, chart.title), el("span", { class: "unit" }, chart.unit), where);
  const fold = el("details", {}, el("summary", {}, "About this chart"), ...about);
  byId("charts").append(
    el("article", { class: "chart", "data-chart": chart.name }, head, element, holder, fold),
  );
  /** @param {uPlot} u */
  const read = (u) => {
    const left = u.cursor.left ?? -1;
    const step = left >= 0 ? Math.round(u.posToVal(left, "x")) : null;
    where.textContent = step === null ? "" : `step ${whole(step)}`;
    shown.forEach((line, i) => (values[i].textContent = number(valueAt(curveOf(data, line), step))));
  };
  const width = Math.max(NARROWEST_PX, holder.clientWidth);
  const plot = new uPlot(
    options(data, chart, lines, { width, zoom: () => zoom, read, select }),
    table,
    holder,
  );
  plot.over.addEventListener("dblclick", () => zoomTo(null));
  read(plot);
  plots.push(plot);
}

function draw() {
  for (const plot of plots) plot.destroy();
  plots = [];
  byId("charts").replaceChildren();
  for (const chart of data.charts) card(chart);
  if (!plots.length) byId("charts").append(el("p", { class: "muted" }, "No step was recorded yet."));
}

/* Buttons that show all modalities or one, where there is a choice. */
function viewButtons() {
  if (data.views.length < 2) return;
  const buttons = data.views.map((name) => {
    const words = name || (several ? "Overview" : "All");
    const pressed = String(name === view);
    return el("button", { type: "button", class: "button", value: name, "aria-pressed": pressed }, words);
  });
  for (const button of buttons) {
    button.addEventListener("click", () => {
      view = button.value;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      draw();
    });
  }
  byId("views").append(...buttons);
}

function search() {
  if (data.search) drawSearch(byId("search"), data.search);
}

function fit() {
  search();
  for (const plot of plots) {
    const width = plot.root.parentElement?.clientWidth;
    if (width) plot.setSize({ width, height: HEIGHT });
  }
}

function switchScheme() {
  const { dataset } = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  dataset.scheme = (dataset.scheme ?? system) === "dark" ? "light" : "dark";
  draw();
}

byId("whole").addEventListener("click", () => zoomTo(null));
byId("scheme").addEventListener("click", switchScheme);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
addEventListener("resize", fit);
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details")) if (!fold.closest(".chart")) fold.open = true;
  fit();
});
addEventListener("afterprint", fit);
viewButtons();
draw();
search();
