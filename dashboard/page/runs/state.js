import { el } from "../lib/element.js";
import { whole } from "../lib/numbers.js";
import { duration } from "../lib/times.js";

const STOPPABLE = ["queued", "starting", "running", "pausing", "paused", "lost"];

/* A state as a badge. */
export const badge = (state) => el("span", { class: "badge", "data-state": state }, state);

export const canStop = (run) => STOPPABLE.includes(run.state);

/* What a progress bar's line says: "312 / 552 · 0:12 left". */
export function progress(run) {
  if (run.state === "queued") return "waiting for a worker";
  if (run.state === "starting") return "starting";
  const steps = run.total_steps
    ? `${whole(run.step)} / ${whole(run.total_steps)}`
    : `step ${whole(run.step)}`;
  if (run.state === "running" && run.eta_s !== null && run.eta_s !== undefined) {
    return `${steps} · ${duration(run.eta_s)} left`;
  }
  if (run.finished && run.started) return `${steps} · took ${duration(run.finished - run.started)}`;
  return steps;
}
