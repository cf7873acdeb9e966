/* The objective against one setting: a dot for each completed trial, later ones darker. */
import { hint, shape } from "../../lib/shapes.js";
import { completed, objective, scaleOf, tone, trialWords } from "./axis.js";
import { frame } from "./frame.js";

/** @import { Trials } from "../../api/schema.d.ts" */

export const HEIGHT = 260;
const DOT_PX = 4;

/**
 * @param {Trials} found
 * @param {string} name of the setting
 * @param {number} width in pixels
 */
export function slice({ search, trials }, name, width) {
  const done = completed(trials);
  const [across, up] = [
    scaleOf(name, search.space[name]),
    objective(search.series ?? "", done.map((one) => one.value)),
  ];
  const { svg, x, y } = frame(`${search.series} against ${name}`, width, HEIGHT, across, up);
  const last = Math.max(1, trials.length - 1);
  for (const one of done) {
    const place = { cx: x(across.place(one.values[name])), cy: y(up.place(one.value)), r: DOT_PX };
    const look = { fill: tone(0.25 + 0.75 * (one.number / last)), stroke: "var(--surface)" };
    svg.append(shape("circle", { ...place, ...look }, hint(trialWords(one, search))));
  }
  return svg;
}
