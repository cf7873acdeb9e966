/* Whose runs have what only our own training measures. */

/** @import { Run } from "../api/schema.d.ts" */

/**
 * Whether rhoscope trains any of the runs: a guest has neither a teacher nor tables by layer and class,
 * and can't be launched again to get them.
 * @param {Pick<Run, "spec">[]} runs
 */
export const trainedHere = (runs) => runs.some((run) => !run.spec.guest);
