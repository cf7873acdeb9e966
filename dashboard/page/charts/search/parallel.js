/* Parallel coordinates: an axis for each setting and the objective last, a line for each completed trial. */
import { hint, shape, text } from "../../lib/shapes.js";
import { completed, merit, objective, scaleOf, tone, trialWords } from "./axis.js";
import { cut, drawing } from "./frame.js";

/** @import { Trials } from "../../api/schema.d.ts" */
/** @import { Done } from "./axis.js" */

export const HEIGHT = 300;
const [TOP, BOTTOM, SIDE] = [34, 16, 48];
const LEAST_PX =
  74; /* between two axes: of many, the drawing is wider than a phone, and moves in its frame */
const HALO = [["paint-order", "stroke"], ["stroke", "var(--surface)"], ["stroke-width", "3"]];
const WORDS = "var(--chart-axis)";

/**
 * @param {Trials} found
 * @param {number} width in pixels
 * @param {(trial: Done) => void} [open]
 */
export function parallel({ search, maximizes, trials }, width, open) {
  const done = completed(trials);
  const values = done.map((one) => one.value);
  const scales = Object.entries(search.space).map(([name, axis]) => scaleOf(name, axis));
  const every = [...scales, objective(search.series ?? "", values)];
  const whole = Math.max(width, LEAST_PX * scales.length + 2 * SIDE);
  const svg = drawing("The settings of each trial and its value, as parallel coordinates", whole, HEIGHT);
  const x = (/** @type {number} */ place) => SIDE + (place / scales.length) * (whole - 2 * SIDE);
  const y = (/** @type {number} */ at) => TOP + (1 - at) * (HEIGHT - TOP - BOTTOM);
  const share = merit(values, maximizes);
  for (const one of [...done].sort((a, b) => share(a.value) - share(b.value))) {
    const places = every.map((scale, i) => {
      const value = i < scales.length ? one.values[scale.name] : one.value;
      return `${x(i).toFixed(1)} ${y(scale.place(value)).toFixed(1)}`;
    });
    const best = share(one.value) === 1;
    const pen = { stroke: tone(share(one.value)), "stroke-width": best ? 2.5 : 1.2, fill: "none" };
    const line = shape("path", { d: `M${places.join("L")}`, ...pen, class: "trial-line" });
    line.append(hint(trialWords(one, search)));
    if (open) line.addEventListener("click", () => open(one));
    svg.append(line);
  }
  every.forEach((scale, i) => {
    const left = x(i);
    svg.append(shape("line", { x1: left, x2: left, y1: y(0), y2: y(1), stroke: "var(--chart-reference)" }));
    svg.append(text(left, 14, scale.name.replaceAll("_", " "), "middle", "var(--ink)"));
    const right = i === scales.length;
    for (const { at, words } of scale.ticks) {
      const named = text(left + (right ? 7 : -6), y(at) + 4, cut(words), right ? "start" : "end", WORDS);
      for (const [name, value] of HALO) named.setAttribute(name, value);
      svg.append(named);
    }
  });
  return svg;
}
