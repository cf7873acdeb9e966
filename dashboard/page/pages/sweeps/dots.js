/* Final numbers against a setting: a dot a run. */
import { el, say } from "../../lib/element.js";
import { parsed, percent } from "../../lib/numbers.js";
import { plain } from "../../lib/values.js";

const SVG = "http://www.w3.org/2000/svg";

const fade = (color, share) => `${color}${Math.round(255 * share).toString(16).padStart(2, "0")}`;

/* Final numbers against a setting: a dot a run, a bar for mean ± deviation. An SVG in a figure. */
export function dots(entries, axis, metric, colors) {
  const [width, height, left, bottom, top, right] = [460, 260, 52, 40, 14, 18];
  const known = entries.filter((e) => e.final[metric]);
  const at = [...new Set(known.map((e) => e.values[axis]))].sort((a, b) => a - b);
  const all = known.flatMap((e) => Object.values(e.final[metric].values).map(parsed)).filter(Number.isFinite);
  const margin = Math.max(0.01, 0.15 * (Math.max(...all) - Math.min(...all)));
  const [low, high] = [Math.max(0, Math.min(...all) - margin), Math.min(1, Math.max(...all) + margin)];
  const x = (value) => left + ((at.indexOf(value) + 0.5) / at.length) * (width - left - right);
  const y = (value) => top + (1 - (value - low) / (high - low || 1)) * (height - top - bottom);
  const svg = shape("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": `${words(metric)} against ${axis}`,
    class: "dots",
  });
  for (const value of ticks(low, high)) {
    svg.append(
      shape("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), stroke: colors.grid }),
      text(left - 8, y(value) + 4, percent(value), "end", colors.axis),
    );
  }
  for (const value of at) {
    svg.append(text(x(value), height - bottom + 18, plain(value), "middle", colors.axis));
  }
  svg.append(text((left + width - right) / 2, height - 5, axis.replaceAll("_", " "), "middle", colors.axis));
  for (const value of at) {
    const here = known.filter((e) => e.values[axis] === value);
    here.forEach((entry, i) =>
      draw(
        svg,
        entry,
        metric,
        x(value) + (i - (here.length - 1) / 2) * Math.min(22, 200 / at.length / here.length),
        y,
      )
    );
  }
  const note = at.length > 1 ? "Settings stand in order, not to scale." : "";
  return el(
    "figure",
    {},
    el("figcaption", {}, el("h3", {}, `${words(metric)} against ${axis.replaceAll("_", " ")}`)),
    svg,
    el("p", { class: "form-note" }, `A dot a run; the bar is mean ± standard deviation. ${note}`),
  );
}

function draw(svg, entry, metric, x, y) {
  const { mean, deviation, values } = entry.final[metric];
  const [middle, apart] = [mean, deviation].map(parsed);
  if (!Number.isFinite(middle)) return;
  const line = { stroke: entry.color, "stroke-width": 2 };
  svg.append(
    shape("line", { x1: x, x2: x, y1: y(middle - apart), y2: y(middle + apart), ...line }),
    shape("line", { x1: x - 7, x2: x + 7, y1: y(middle), y2: y(middle), ...line }),
  );
  for (const value of Object.values(values).map(parsed)) {
    if (Number.isFinite(value)) {
      svg.append(shape("circle", { cx: x, cy: y(value), r: 3.5, fill: fade(entry.color, 0.55) }));
    }
  }
  svg.lastChild.append(shape("title", {}));
  svg.lastChild.lastChild.textContent = `${entry.label}: ${percent(middle)}`;
}

function shape(tag, properties) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, String(value));
  return made;
}

function text(x, y, words, anchor, color) {
  const made = shape("text", { x, y, "text-anchor": anchor, fill: color, "font-size": 11 });
  say(made, words);
  return made;
}

/* Four to seven round numbers in a range. */
function ticks(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough || 0.1));
  const step = [1, 2, 5, 10].map((d) => d * power).find((s) => s >= rough) ?? power;
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9; v += step) found.push(v);
  return found;
}

const words = (metric) => (metric === "best" ? "Best validation accuracy" : "Test accuracy");
