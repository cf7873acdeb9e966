/* The series that a comparison draws. Pure functions of declarations. */
import { splitName } from "../../charts/lines.js";

/** @import { Run, Series } from "../../api/schema.d.ts" */

/* Stems of the series that are drawn at first, in this order; of those in FUSED only the fused one. */
const DRAWN = ["val.accuracy", "rho", "k", "loss", "grad_norm"];
const FUSED = ["val.accuracy", "loss"];
const APART = 100; /* more places than a stem has modalities */

/**
 * The modalities of all runs.
 * @param {Run[]} runs
 */
export const modalitiesOf = (runs) => [...new Set(runs.flatMap((run) => run.modalities))];

/**
 * @param {Series} series
 * @param {string[]} modalities
 */
export const isDrawn = (series, modalities) => DRAWN.includes(splitName(series, modalities).stem);

/**
 * Series in order: those drawn at first come first, fused ones before those of modalities.
 * @param {Series[]} declared
 * @param {string[]} modalities
 */
export function orderedSeries(declared, modalities) {
  const place = (/** @type {Series} */ series) => {
    const { stem, modality } = splitName(series, modalities);
    const first = DRAWN.indexOf(stem);
    const own = modality ? 1 + modalities.indexOf(modality) : 0;
    return APART * (first < 0 ? DRAWN.length : first) + own;
  };
  return [...declared].sort((a, b) => place(a) - place(b));
}

/**
 * The names of the series that are drawn when none were chosen.
 * @param {Series[]} declared
 * @param {string[]} modalities
 */
export function usualSeries(declared, modalities) {
  const fits = (/** @type {Series} */ series) => {
    const { stem, modality } = splitName(series, modalities);
    return DRAWN.includes(stem) && !(modality && FUSED.includes(stem));
  };
  return declared.filter(fits).map((series) => series.name);
}

/* As the API takes them: those that are drawn at first, of whichever modalities the runs have. */
export const LIKELY = DRAWN.map((stem) => (FUSED.includes(stem) ? stem : `${stem}.*`));

/**
 * Whether a series is among those that were requested.
 * @param {string[]} requested names, or `rho.*` for each modality's
 * @param {string} name
 * @param {string[]} modalities
 */
export function covers(requested, name, modalities) {
  const { stem, modality } = splitName({ name }, modalities);
  return requested.includes(name) || (modality !== "" && requested.includes(`${stem}.*`));
}
