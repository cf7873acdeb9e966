/* The rows of results in a comparison's table. Pure functions of runs and groups. */
import { number, parsed, percent, points, whole } from "../../lib/numbers.js";
import { duration } from "../../lib/times.js";
import { elapsed, stateCounts } from "../../runs/facts.js";

/** @import { Difference, Group, Run, Spread } from "../../api/schema.d.ts" */
/**
 * A cell; `differs`: from the baseline.
 * @typedef {{ text: string, note?: string, differs?: boolean, strong?: boolean }} Cell
 */
/**
 * A row; `same`: of a setting that all runs share.
 * @typedef {{ key: string, head: string, same?: boolean, cells: Cell[] }} Row
 */
/**
 * A group and its runs; `base`: the others are compared with it.
 * @typedef {Pick<Group, "final" | "whole" | "differences"> & { members: Run[], base: boolean }} Results
 */
/** @typedef {(value: number) => string} Words */

const LEVEL = 0.05; /* of p after Holm's correction */

/** @type {Words} */
const brief = (value) => number(Number(value.toPrecision(3)));

/** @type {Words} */
const lasting = (seconds) => (seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds));

/** @param {number[]} list */
const average = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;

/**
 * The finite values of a spread.
 * @param {Spread | undefined} spread
 */
const valuesOf = (spread) => Object.values(spread?.values ?? {}).map(parsed).filter(Number.isFinite);

/**
 * @param {Results[]} columns
 * @param {string[]} modalities of all runs
 * @returns {Row[]}
 */
export function results(columns, modalities) {
  const each = (/** @type {(run: Run) => number} */ take) =>
    columns.map(({ members }) => members.map(take).filter(Number.isFinite));
  return [
    { key: "state", head: "State", cells: columns.map(({ members }) => ({ text: states(members) })) },
    ...accuracy(columns, "best", "Best val. accuracy"),
    ...accuracy(columns, "test.accuracy", "Test accuracy"),
    ...row("step", "Steps", each((run) => run.step), whole),
    ...row("took", "Duration", each((run) => elapsed(run) ?? NaN), lasting),
    ...modalities.flatMap((m) =>
      row(`rho.${m}`, `Final rho of ${m}`, each((run) => parsed(run.last[`rho.${m}`])), brief)
    ),
    ...modalities.flatMap((m) => {
      const lists = columns.map((column) => valuesOf(column.whole?.[`k.${m}`]));
      return row(`k.${m}`, `Mean k of ${m}`, lists, brief);
    }),
  ];
}

/**
 * A row, or none where no column has a value.
 * @param {string} key
 * @param {string} head
 * @param {number[][]} lists the values of each column
 * @param {Words} words
 * @returns {Row[]}
 */
function row(key, head, lists, words) {
  if (lists.every((list) => !list.length)) return [];
  return [{ key, head, cells: lists.map((list) => ({ text: spread(list, words) })) }];
}

/**
 * "0.71", or "0.71 ± 0.02" of several.
 * @param {number[]} list
 * @param {Words} words
 */
function spread(list, words) {
  if (!list.length) return "–";
  const mean = average(list);
  if (list.every((value) => value === list[0])) return words(mean);
  const squares = list.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (list.length - 1));
  const digits = (words(mean).split(".")[1] ?? "").length;
  const apart = words === brief ? deviation.toFixed(digits) : words(deviation);
  return `${words(mean)} ± ${apart}`.replace(/ (%|s) ±/, " ±");
}

/**
 * The row of an accuracy, and with groups the row of its differences from the baseline.
 * @param {Results[]} columns
 * @param {string} name
 * @param {string} head
 * @returns {Row[]}
 */
function accuracy(columns, name, head) {
  const lists = columns.map((column) => valuesOf(column.final?.[name]));
  const means = lists.map((list) => (list.length ? average(list) : -Infinity));
  const most = Math.max(...means);
  const rows = row(name, head, lists, percent);
  for (const { cells } of rows) {
    cells.forEach((cell, i) => (cell.strong = columns.length > 1 && means[i] === most));
  }
  if (!rows.length || !columns.some((column) => column.differences?.[name])) return rows;
  const cells = columns.map((column) => difference(column, column.differences?.[name]));
  return [...rows, { key: `${name} difference`, head: "… difference, seed by seed", cells }];
}

/**
 * "+2.1 points" with its interval, strong where it survives the correction for several groups.
 * @param {{ base: boolean }} column
 * @param {Difference | undefined} apart
 * @returns {Cell}
 */
function difference({ base }, apart) {
  if (base) return { text: "baseline" };
  if (!apart?.pairs) return { text: "no common seed" };
  return { text: `${points(apart.mean ?? NaN)} points`, ...interval(apart) };
}

/** @param {Difference} difference */
function interval({ pairs, low, high, method, p_holm: p, detectable }) {
  if (typeof low !== "number" || typeof high !== "number") {
    return { note: `${pairs} common ${pairs === 1 ? "seed" : "seeds"}; an interval needs 3` };
  }
  const range = `95 %: ${points(low)} … ${points(high)}, ${pairs} seeds, ${method}`;
  const strong = typeof p === "number" && p < LEVEL;
  const least = `under ${(100 * (detectable ?? 0)).toFixed(1)} points can't be seen`;
  return { note: strong ? range : `${range}; ${least}`, strong };
}

/** @param {Run[]} runs */
const states = (runs) => (runs.length === 1 ? runs[0].state : stateCounts(runs));
