/* Facts of a run: its fields, by which the API filters and sorts, plug-ins and settings. Pure functions. */
import { whole } from "../lib/numbers.js";
import { plain } from "../lib/values.js";

/** @import { Groups, Run, RunState } from "../api/schema.d.ts" */

/** @type {ReadonlyMap<string, "text" | "number">} */
const FIELDS = new Map([
  ["name", "text"],
  ["worker", "text"],
  ["created", "number"],
  ["started", "number"],
  ["finished", "number"],
  ["step", "number"],
  ["epoch", "number"],
  ["progress", "number"],
  ["duration", "number"],
  ["fusion", "text"],
  ["best", "number"],
  ["test", "number"],
  ["strategy", "text"],
  ["dataset", "text"],
  ["state", "text"],
]);

/** @type {readonly RunState[]} in the order in which a reader asks for them */
const COUNTED = [
  "completed",
  "failed",
  "stopped",
  "lost",
  "silent",
  "running",
  "starting",
  "pausing",
  "stopping",
  "paused",
  "queued",
];

/**
 * A field as the API names it: any name that is not a field is a setting.
 * @param {string} name
 */
export const fieldOf = (name) => FIELDS.has(name) || name.startsWith("settings.") ? name : `settings.${name}`;

/**
 * Whether a field is a text, which is sorted from A; numbers are sorted from the greatest.
 * @param {string} name
 */
export const isText = (name) => FIELDS.get(name) === "text";

/** Of runs as the API answered them: none is changed later. @type {WeakMap<Run, Record<string, unknown>>} */
const known = new WeakMap();

/**
 * The plug-ins and settings of a run by name, as the API groups by them: all of what was changed meanwhile.
 * @param {Run} run
 * @returns {Record<string, unknown>}
 */
export function facts(run) {
  const before = known.get(run);
  if (before) return before;
  const { spec, settings, course } = run;
  const { dataset, fusion, strategy } = spec;
  const encoders = Object.entries(spec.encoders ?? {})
    .map(([modality, name]) => [`encoders.${modality}`, name]);
  const all = { dataset, fusion, strategy, ...Object.fromEntries(encoders), ...settings, ...course };
  known.set(run, all);
  return all;
}

/**
 * The name of a fact as a heading: "batch size".
 * @param {string} name
 */
export const heading = (name) => name.replaceAll("_", " ");

/**
 * The value of a fact.
 * @param {unknown} value
 */
export function shown(value) {
  if (value === undefined) return "–";
  return typeof value === "object" && value !== null ? JSON.stringify(value) : plain(value);
}

/**
 * How many runs are in each state: "3 completed, 1 running, 4 queued".
 * @param {Pick<Run, "state">[]} runs
 */
export function stateCounts(runs) {
  const count = (/** @type {RunState} */ state) => runs.filter((run) => run.state === state).length;
  return COUNTED.map((state) => /** @type {const} */ ([count(state), state]))
    .filter(([n]) => n > 0)
    .map((pair) => pair.join(" "))
    .join(", ");
}

/**
 * The seconds a run has trained so far, without its pauses; null before it was started.
 * @param {Pick<Run, "started" | "trained_s" | "training_since">} run
 */
export function elapsed({ started, trained_s: ended, training_since: since }) {
  if (!started) return null;
  return (ended ?? 0) + (since ? Math.max(0, Date.now() / 1000 - since) : 0);
}

/**
 * "1 run", "2 runs".
 * @param {number} n
 */
export const runCount = (n) => `${whole(n)} ${n === 1 ? "run" : "runs"}`;

/**
 * ", 1 repeat not counted": runs that repeat another one's specification and seed.
 * @param {number} n
 */
export const repeated = (n) => n ? `, ${whole(n)} ${n === 1 ? "repeat" : "repeats"} not counted` : "";

/**
 * What compared runs can't show, in a sentence; empty where there is nothing to compare.
 * @param {Pick<Groups, "power">} answer
 */
export const powerWords = ({ power }) => power?.["test.accuracy"] ?? power?.best ?? "";
