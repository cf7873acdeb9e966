/* The axes of a search: where a value lies, and which values are named. Pure. `backend/searches/space.py` has
   the same places. */
import { percent, tick } from "../../lib/numbers.js";
import { plain } from "../../lib/values.js";
import { decades, ticks } from "../ticks.js";

/** @import { Axis, Search, SearchTrial } from "../../api/schema.d.ts" */
/** @typedef {SearchTrial & { value: number }} Done a trial that completed */
/** @typedef {{ at: number, words: string }} Tick `at` is from 0 to 1 */
/** @typedef {{ name: string, place: (value: unknown) => number, ticks: Tick[] }} Scale */

const TICKS = 4;
const MOST_CHOICES = 12; /* names of choices beside an axis */
const MARGIN = 0.04;

/**
 * @param {string} name of a setting
 * @param {Axis} axis
 * @returns {Scale}
 */
export function scaleOf(name, axis) {
  const choices = axis.choices ?? [];
  return choices.length ? ofChoices(name, choices) : ofRange(name, axis);
}

/**
 * @param {string} name
 * @param {unknown[]} choices
 * @returns {Scale}
 */
function ofChoices(name, choices) {
  const texts = choices.map((one) => JSON.stringify(one));
  const place = (/** @type {unknown} */ value) =>
    Math.max(0, texts.indexOf(JSON.stringify(value))) / Math.max(1, texts.length - 1);
  const named = choices.length > MOST_CHOICES ? [choices[0], choices[choices.length - 1]] : choices;
  return { name, place, ticks: named.map((value) => ({ at: place(value), words: plain(value) })) };
}

/**
 * @param {string} name
 * @param {Axis} axis
 * @returns {Scale}
 */
function ofRange(name, { low, high, log }) {
  const [from, to] = [Number(low), Number(high)];
  const bend = log ? Math.log : (/** @type {number} */ value) => value;
  const place = (/** @type {unknown} */ value) =>
    (bend(Number(value)) - bend(from)) / (bend(to) - bend(from));
  const between = log ? decades(from, to) : ticks(from, to, TICKS);
  const values = [...new Set([from, ...between.filter((one) => apart(place(one))), to])];
  return { name, place, ticks: values.map((value) => ({ at: place(value), words: tick(value) })) };
}

/** @param {number} at whether it is far enough from both ends that its words do not meet theirs */
const apart = (at) => at > 0.12 && at < 0.88;

/**
 * The completed trials.
 * @param {SearchTrial[]} trials
 * @returns {Done[]}
 */
export const completed = (trials) =>
  trials.filter((one) => one.state === "completed" && one.value !== null)
    .map((one) => ({ ...one, value: Number(one.value) }));

/**
 * The objective in words: an accuracy as per cent.
 * @param {string} series
 * @returns {(value: number) => string}
 */
export const wordsOf = (series) => (series.includes("accuracy") ? percent : tick);

/**
 * The scale of the objective, with room beyond the least and the greatest.
 * @param {string} series
 * @param {number[]} values at least one
 * @returns {Scale}
 */
export function objective(series, values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = MARGIN * (most - least || Math.abs(most) || 1);
  const [from, to] = [least - margin, most + margin];
  const words = wordsOf(series);
  return {
    name: series,
    place: (value) => (Number(value) - from) / (to - from),
    ticks: ticks(from, to, TICKS).map((value) => ({ at: (value - from) / (to - from), words: words(value) })),
  };
}

/**
 * The share of the way from the worst to the best of these values.
 * @param {number[]} values
 * @param {boolean} maximizes
 * @returns {(value: number) => number}
 */
export function merit(values, maximizes) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return (value) => {
    const share = most > least ? (value - least) / (most - least) : 1;
    return maximizes ? share : 1 - share;
  };
}

/**
 * A color between that of lines and the accent; both schemes and every eye see which is better.
 * @param {number} share from 0, the worst, to 1
 */
export const tone = (share) =>
  `color-mix(in oklab, var(--accent) ${Math.round(100 * share)}%, var(--line-strong))`;

/**
 * "trial 7 · 71.2 % · alpha 0.8 · lr 0.01"
 * @param {Done} trial
 * @param {Search} search
 */
export const trialWords = (trial, search) =>
  [
    `trial ${trial.number}`,
    wordsOf(search.series ?? "")(trial.value),
    ...Object.entries(trial.values).map(([name, value]) => `${name.replaceAll("_", " ")} ${plain(value)}`),
  ].join(" · ");
