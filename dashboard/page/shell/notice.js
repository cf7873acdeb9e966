/* One notice: of a run that ended or lost its worker, or of an alert that fired. */
import { whole } from "../lib/numbers.js";

/** @import { Fired, Run, RunState } from "../api/schema.d.ts" */

/**
 * @typedef {object} Notice
 * @property {string} key equal for the same occurrence, whichever tab read it
 * @property {RunState | "alert"} kind
 * @property {number} time seconds
 * @property {"good" | "bad" | "warn" | "plain"} tone
 * @property {string} title
 * @property {string} words
 * @property {string} href
 */

/** @type {Partial<Record<RunState, Notice["tone"]>>} */
const TONES = { completed: "good", failed: "bad", lost: "bad", stopped: "plain" };

/**
 * @param {Run} run
 * @returns {Notice}
 */
export const ended = (run) => ({
  key: `${run.id} ${run.state} ${run.attempt}`,
  kind: run.state,
  time: run.finished ?? 0,
  tone: TONES[run.state] ?? "plain",
  title: run.name,
  words: run.state === "completed"
    ? `Completed after ${whole(run.step)} steps`
    : run.reason || `Now ${run.state}`,
  href: `/watch?runs=${run.id}`,
});

/**
 * @param {Fired} alert
 * @returns {Notice}
 */
export const alerted = ({ id, time, name, words, step, run }) => ({
  key: `alert ${id}`,
  kind: "alert",
  time,
  tone: "warn",
  title: name,
  words: `Alert: ${words} at step ${whole(step)}`,
  href: `/watch?runs=${run}&open=story`,
});

/**
 * @param {Run} run
 * @returns {Notice}
 */
export const vanished = (run) => ({
  key: `${run.id} vanished ${run.attempt}`,
  kind: "lost",
  time: Date.now() / 1000,
  tone: "warn",
  title: run.name,
  words: run.reason,
  href: `/watch?runs=${run.id}`,
});
