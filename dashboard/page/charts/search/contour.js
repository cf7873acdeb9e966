/* The objective over two settings: bands of color between the completed trials, and the trials as dots. */
import { hint, shape } from "../../lib/shapes.js";
import { completed, merit, scaleOf, tone, trialWords, wordsOf } from "./axis.js";
import { frame } from "./frame.js";

/** @import { Surface, Trials } from "../../api/schema.d.ts" */

export const HEIGHT = 300;
const BANDS = 10;
const DOT_PX = 4;

/**
 * @param {Trials} found
 * @param {Surface} surface
 * @param {number} width in pixels
 */
export function contour({ search, maximizes, trials }, surface, width) {
  const done = completed(trials);
  const values = done.map((one) => one.value);
  const share = merit(values, maximizes);
  const [across, up] = [surface.x, surface.y].map((name) => scaleOf(name, search.space[name]));
  const label = `${search.series} over ${surface.x} and ${surface.y}`;
  const { svg, x, y } = frame(label, width, HEIGHT, across, up);
  const half = 0.5 / (surface.columns.length - 1);
  const size = { width: x(2 * half) - x(0) + 0.6, height: y(0) - y(2 * half) + 0.6 };
  surface.values.forEach((row, j) =>
    row.forEach((value, i) => {
      if (value === null) return;
      const band = Math.min(BANDS - 1, Math.floor(BANDS * share(value))) / (BANDS - 1);
      const corner = { x: x(surface.columns[i] - half), y: y(surface.rows[j] + half) };
      svg.append(shape("rect", { ...corner, ...size, fill: tone(0.1 + 0.75 * band) }));
    })
  );
  for (const one of done) {
    const place = {
      cx: x(across.place(one.values[surface.x])),
      cy: y(up.place(one.values[surface.y])),
      r: DOT_PX,
    };
    const look = { fill: tone(share(one.value)), stroke: "var(--ink)", "stroke-width": 1 };
    svg.append(shape("circle", { ...place, ...look }, hint(trialWords(one, search))));
  }
  return svg;
}

/**
 * What the colors mean.
 * @param {Trials} found
 */
export function contourWords({ search, trials }) {
  const values = completed(trials).map((one) => one.value);
  const words = wordsOf(search.series ?? "");
  return `Color: ${words(Math.min(...values))} to ${words(Math.max(...values))}; the best is strongest. ` +
    "Linear between the completed trials, empty beyond them.";
}
