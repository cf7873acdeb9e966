/* A sweep in words and numbers. Pure functions. */
import { ended } from "../../api/states.js";
import { parsed, percent } from "../../lib/numbers.js";
import { plain } from "../../lib/values.js";
import { heading, stateCounts } from "../../runs/facts.js";

/** @import { Axis, Group, Run, Spread, Sweep, SweepSpec } from "../../api/schema.d.ts" */
/** @typedef {{ [metric: string]: Spread }} Final final numbers by metric */

/**
 * "alpha 0.1, 0.8 · seed 0, 1"
 * @param {SweepSpec} spec
 */
export function gridWords(spec) {
  const axes = Object.entries(spec.grid).map(([name, values]) => `${name} ${values.map(plain).join(", ")}`);
  const space = Object.entries(spec.search?.space ?? {});
  axes.push(...space.map(([name, axis]) => `${name} ${axisWords(axis)}`));
  if (spec.points.length) axes.push(`${spec.points.length} points`);
  if (spec.seeds.length) axes.push(`seed ${spec.seeds.join(", ")}`);
  return axes.join(" · ");
}

/**
 * "0.1 to 2", "0.001 to 0.1, logarithmic", or the choices.
 * @param {Axis} axis
 */
function axisWords({ low, high, log, choices }) {
  if (choices?.length) return choices.map(plain).join(", ");
  return `${plain(low)} to ${plain(high)}${log ? ", logarithmic" : ""}`;
}

/**
 * How far a sweep is in words: of a search its trials, of any other its runs.
 * @param {Sweep} sweep
 */
export function progressWords({ search, runs }) {
  if (!search) return stateCounts(runs);
  const { ended: done, planned, state, reason } = search;
  return [`${done} of ${planned} trials`, state, reason].filter(Boolean).join(" · ");
}

/**
 * How much of a sweep is done, from 0 to 1.
 * @param {Sweep} sweep
 */
export function progressOf({ search, runs }) {
  if (!search) return share(runs);
  return search.state === "completed" ? 1 : search.ended / search.planned;
}

/**
 * Whether nothing more happens in a sweep by itself.
 * @param {Sweep} sweep
 */
export const isOver = ({ search, runs }) =>
  search?.state !== "running" && runs.every((run) => ended(run.state));

/**
 * How much of some runs is done, from 0 to 1.
 * @param {Pick<Run, "state" | "progress">[]} runs
 */
export function share(runs) {
  const done = runs.reduce((sum, run) => sum + (ended(run.state) ? 1 : run.progress), 0);
  return runs.length ? done / runs.length : 0;
}

/**
 * The settings of a group: "alpha 0.1, seed 0"; "all" where runs differ in nothing.
 * @param {Group["values"]} values
 */
export const groupWords = (values) =>
  Object.entries(values).map(([name, value]) => `${heading(name)} ${plain(value)}`).join(", ") || "all";

/**
 * The metric that a sweep is judged by.
 * @param {{ final: Final }[]} entries
 */
export const metricOf = (entries) =>
  entries.some((entry) => entry.final["test.accuracy"]) ? "test.accuracy" : "best";

/**
 * The setting that accuracy is drawn against: the first whose values are numbers and differ.
 * @param {string[]} by
 * @param {Pick<Group, "values">[]} groups
 */
export function axisOf(by, groups) {
  const values = (/** @type {string} */ name) => groups.map((group) => group.values[name]);
  const fits = (/** @type {unknown[]} */ list) =>
    new Set(list).size > 1 && list.every((value) => typeof value === "number");
  return by.find((name) => fits(values(name))) ?? null;
}

/**
 * "71.2 ± 0.8 %", or "71.2 %" of one run.
 * @param {Spread} spread
 */
export function spreadWords({ mean, deviation, values }) {
  const middle = percent(parsed(mean));
  if (Object.keys(values).length < 2) return middle;
  return `${middle.replace(" %", "")} ± ${percent(parsed(deviation))}`;
}
