/* The trials in the order of their numbers, and the best value so far. */
import { hint, shape } from "../../lib/shapes.js";
import { completed, objective, trialWords } from "./axis.js";
import { frame } from "./frame.js";

/** @import { SearchTrial, Trials } from "../../api/schema.d.ts" */
/** @import { Done } from "./axis.js" */

export const HEIGHT = 220;
const DOT_PX = 3.5;

/**
 * @param {Trials} found
 * @param {number} width in pixels
 */
export function history({ search, maximizes, trials }, width) {
  const done = completed(trials);
  const last = Math.max(1, trials.length - 1);
  const up = objective(search.series ?? "", done.map((one) => one.value));
  const every = Math.max(1, Math.ceil(last / 8));
  const named = trials.filter((one) => one.number % every === 0);
  const across = {
    name: "trial",
    place: (/** @type {unknown} */ value) => Number(value) / last,
    ticks: named.map(({ number }) => ({ at: number / last, words: String(number) })),
  };
  const { svg, x, y } = frame(
    `${search.series} of each trial, and the best so far`,
    width,
    HEIGHT,
    across,
    up,
  );
  svg.append(shape("path", {
    d: `${staircase(done, maximizes, (one) => [x(across.place(one.number)), y(up.place(one.value))])}H${
      x(1)
    }`,
    fill: "none",
    stroke: "var(--accent)",
    "stroke-width": 2,
  }));
  for (const one of done) {
    const dot = { cx: x(across.place(one.number)), cy: y(up.place(one.value)), r: DOT_PX };
    svg.append(shape("circle", { ...dot, fill: "var(--ink-2)" }, hint(trialWords(one, search))));
  }
  const others = trials.filter(({ state }) => state === "pruned" || state === "failed");
  svg.append(...others.map((one) => valueless(one, x(across.place(one.number)), y(0) - 7)));
  return svg;
}

/**
 * The best value so far, as a path.
 * @param {Done[]} done in order
 * @param {boolean} maximizes
 * @param {(one: Done) => [x: number, y: number]} place
 */
function staircase(done, maximizes, place) {
  let best = done[0];
  return done.map((one, i) => {
    if (maximizes ? one.value > best.value : one.value < best.value) best = one;
    const [[x], [, y]] = [place(one), place(best)];
    return i ? `H${x}V${y}` : `M${x} ${y}`;
  }).join("");
}

/**
 * A trial without a value: a cross where it failed, a bar where it was pruned.
 * @param {SearchTrial} trial
 * @param {number} x
 * @param {number} y of its upper edge
 */
function valueless({ number, state, reason }, x, y) {
  const [d, stroke] = state === "failed"
    ? [`M${x - 3} ${y}l6 6m0 -6l-6 6`, "var(--chart-odd)"]
    : [`M${x} ${y - 1}v8`, "var(--ink-2)"];
  const mark = { d, stroke, "stroke-width": 2 };
  return shape("path", mark, hint(`trial ${number} · ${state} · ${reason}`));
}
