/* The state of a run and its progress, in words. */
import { STOPPABLE } from "../api/states.js";
import { el } from "../lib/element.js";
import { whole } from "../lib/numbers.js";
import { duration } from "../lib/times.js";
import { elapsed } from "./facts.js";

/** @import { Run, RunState } from "../api/schema.d.ts" */

/**
 * A state as a badge.
 * @param {RunState | "loading"} state
 */
export const badge = (state) => el("span", { class: "badge", "data-state": state }, state);

/**
 * Whether the run's program is not ours: it may be steered, but can't be continued for a number of steps.
 * @param {Run} run
 */
export const isGuest = (run) => Boolean(run.spec.guest);

/**
 * Whether the run can be launched again from here: not one whose program was started by somebody else.
 * @param {Run} run
 */
export const isLaunched = (run) => !isGuest(run) || Boolean(run.spec.program);

/**
 * Whether the run can go on from a checkpoint: a program of a user's only if it says so.
 * @param {Run} run
 */
export const canResume = ({ spec }) => !spec.program || Boolean(spec.guest?.resumes);

/** @param {Run} run */
export const canStop = (run) => STOPPABLE.includes(run.state);

/**
 * The words beside a progress bar: "312 / 552 · 0:12 left".
 * @param {Run} run
 */
export function progress(run) {
  if (run.state === "queued") return "waiting for a worker";
  if (run.state === "starting") return "starting";
  const steps = run.total_steps
    ? `${whole(run.step)} / ${whole(run.total_steps)}`
    : `step ${whole(run.step)}`;
  const time = timing(run);
  return time ? `${steps} · ${time}` : steps;
}

/**
 * The time a run has left or took; empty when neither is known.
 * @param {Run} run
 */
function timing(run) {
  const left = run.eta_s ?? null;
  if (run.state === "running" && left !== null) return `${duration(left)} left`;
  return run.finished && run.started ? `took ${duration(elapsed(run) ?? 0)}` : "";
}
