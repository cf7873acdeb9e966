/* The states of a run, in the groups that the page asks for; tests hold them against rhoscope/states.py. */

/** @typedef {import("./schema.d.ts").RunState} RunState */

/** All of them, in the order in which a run goes through them. @type {readonly RunState[]} */
export const STATES = [
  "queued",
  "starting",
  "running",
  "pausing",
  "paused",
  "stopping",
  "stopped",
  "completed",
  "failed",
  "lost",
  "silent",
];

/** States that a run never leaves by itself. @type {readonly RunState[]} */
export const ENDED = ["stopped", "completed", "failed", "lost"];

/** States in which more may be added to the run's curves. @type {readonly RunState[]} */
export const GROWING = ["starting", "running", "pausing", "stopping", "silent"];

/** States in which a run can be stopped. @type {readonly RunState[]} */
export const STOPPABLE = ["queued", "starting", "running", "pausing", "paused", "lost", "silent"];

/** States in which settings can be changed while it trains. @type {readonly RunState[]} */
export const STEERABLE = ["starting", "running"];

/** States of a run that has taken steps, from which it can be forked. @type {readonly RunState[]} */
export const BEGUN = ["running", "pausing", "paused", "stopping", "silent", ...ENDED];

/** @param {RunState} state */
export const ended = (state) => ENDED.includes(state);

/** @param {RunState} state */
export const growing = (state) => GROWING.includes(state);
