/* How good each modality is, in one table: its branch, a probe on its features, the same modality alone, the
   test. Pure. */
import { percent } from "../lib/numbers.js";

/** @import { Tabular } from "../lib/tabular.js" */

export const HEADS = ["Branch", "Probe", "Alone", "Test"];
const SERIES = ["val.accuracy", "probe.accuracy", "alone", "test.accuracy"];

/**
 * The newest value of a series, or null.
 * @callback Newest
 * @param {string} name
 * @returns {number | null}
 */

/**
 * A row for all modalities together, then one for each; a cell is null where nothing was measured.
 * @param {string[]} modalities
 * @param {Newest} newest
 * @returns {{ name: string, values: (number | null)[] }[]}
 */
export function scores(modalities, newest) {
  const together = { name: "fused", values: [newest(SERIES[0]), null, null, newest(SERIES[3])] };
  const each = modalities.map((name) => ({
    name,
    values: SERIES.map((series) => newest(`${series}.${name}`)),
  }));
  return [together, ...each];
}

/** @param {number | null} value */
export const scoreWords = (value) => (value === null ? "–" : percent(value));

/**
 * @param {string} run
 * @param {ReturnType<typeof scores>} rows
 * @returns {Tabular}
 */
export const printedScores = (run, rows) => ({
  caption: `Accuracy by modality of ${run}: of its branch on validation data, of a linear probe on its ` +
    "features, of the same modality trained alone, and on test data.",
  heads: ["Modality", ...HEADS],
  rows: rows.map(({ name, values }) => [name, ...values.map(scoreWords)]),
});
