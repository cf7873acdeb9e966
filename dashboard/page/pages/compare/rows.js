/* The rows of a comparison's table: settings that differ, and results. Pure functions of runs and groups. */
import { facts, heading, shown } from "../../runs/facts.js";
import { results } from "./results.js";

/** @import { Run } from "../../api/schema.d.ts" */
/** @import { Row } from "./results.js" */

/**
 * The names of all facts: those with more than one value among the runs, and the others.
 * @param {Run[]} runs
 */
function names(runs) {
  const given = runs.map(facts);
  const all = [...new Set(given.flatMap((one) => Object.keys(one)))];
  const differs = (/** @type {string} */ name) => {
    const [first, ...others] = given.map((one) => one[name]);
    return others.some((other) => other !== first && JSON.stringify(other) !== JSON.stringify(first));
  };
  return { differing: all.filter(differs), equal: all.filter((name) => !differs(name)) };
}

/**
 * Values in order: numbers by size, then texts.
 * @param {string} a
 * @param {string} b
 */
const order = (a, b) => Number(a) - Number(b) || a.localeCompare(b);

/**
 * A row for each setting.
 * @param {{ members: Run[] }[]} columns
 * @param {number} base the place of the baseline
 * @param {boolean} equal whether settings that all runs share are included
 * @param {string[]} by settings that come first
 * @returns {Row[]}
 */
function settings(columns, base, equal, by) {
  const { differing, equal: shared } = names(columns.flatMap((column) => column.members));
  const first = differing.filter((name) => by.includes(name));
  const others = differing.filter((name) => !by.includes(name));
  const row = (/** @type {string} */ name, /** @type {boolean} */ same) => {
    const texts = columns.map(({ members }) => {
      const values = new Set(members.map((run) => shown(facts(run)[name])));
      return values.size > 1 ? [...values].sort(order).join(", ") : [...values].join();
    });
    return {
      key: `setting ${name}`,
      head: heading(name),
      same,
      cells: texts.map((text) => ({ text, differs: text !== texts[base] })),
    };
  };
  return [
    ...[...first, ...others].map((name) => row(name, false)),
    ...(equal ? shared.map((name) => row(name, true)) : []),
  ];
}

export const comparison = { names, settings, results };
