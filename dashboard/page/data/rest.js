/* The series of a run that are read behind those that its page draws first. */

/** @import { SeriesData } from "../api/schema.d.ts" */
/** @import { Record } from "./record.js" */

/**
 * The names of dense series that were not read.
 * @param {Record} record
 */
export function lacking({ run, inherited, series }) {
  const dense = [...(run?.series ?? []), ...inherited].filter((declared) => !declared.sparse);
  return dense.map(({ name }) => name).filter((name) => !series.has(name));
}

/**
 * Take them, as far as those go that were read before: rows that come live follow on all alike.
 * @param {Record} record
 * @param {Pick<SeriesData, "name" | "steps" | "values">[]} answer
 */
export function complete(record, answer) {
  const { sparse, last, run, capacity } = record;
  for (const { name, steps, values } of answer) {
    if (sparse.has(name) || record.series.has(name)) continue;
    const count = steps.findLastIndex((step) => step <= last) + 1;
    const stored = { steps: steps.slice(0, count), values: values.slice(0, count), run, capacity };
    if (count) record.series.keep(name, stored);
  }
  record.partial = false;
  record.changed = -Infinity;
}
