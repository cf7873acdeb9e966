/* The columns of a comparison, which are the lines of its charts. */
import { colored } from "../../bands/entries.js";
import { ALONE, lineOf, pastsOf } from "../../data/past.js";
import { heading, shown } from "../../runs/facts.js";
import { shortNames } from "../../runs/names.js";

import { usualBase } from "./groups.js";

/** @import { Group, Groups, Run } from "../../api/schema.d.ts" */
/** @import { Look as Drawn } from "../../bands/entries.js" */
/** @import { Colors } from "../../charts/colors.js" */
/** @import { Past } from "../../data/past.js" */
/** @import { Look } from "./look.js" */
/**
 * A group of runs, or a run alone.
 * @typedef {object} Named
 * @property {string} key the id of its first run
 * @property {string} label
 * @property {string} title the label before it was shortened
 * @property {boolean} alone
 * @property {Run[]} members
 * @property {boolean} hidden whether its lines are
 * @property {string} href
 * @property {boolean} base whether it is the baseline
 * @property {Past} past what of its lines others have as well
 */
/** @typedef {Group & Named & Drawn} Column */

/**
 * "alpha 0.1, seed 0"
 * @param {Group["values"]} values
 */
const words = (values) =>
  Object.entries(values).map(([name, value]) => `${heading(name)} ${shown(value ?? undefined)}`).join(", ");

/**
 * @param {Groups} answer
 * @param {Run[]} runs
 * @param {Pick<Look, "hide" | "base">} look
 * @param {Colors} colors
 * @returns {Column[]}
 */
export function columnsOf({ by, groups }, runs, { hide, base }, colors) {
  const known = new Map(runs.map((run) => [run.id, run]));
  const alone = by.length === 1 && by[0] === "run";
  const columns = groups.map((group) => {
    const [key] = group.runs;
    const members = group.runs.map((id) => known.get(id)).filter((run) => run !== undefined);
    const title = alone ? (members[0]?.name ?? key) : words(group.values);
    const href = `/watch?runs=${group.runs.join(",")}`;
    return { ...group, key, title, alone, members, href, hidden: hide.includes(key) };
  });
  const labels = labelsOf(columns, alone);
  const baseline = [base, usualBase(runs)].map((id) => columns.find((column) => column.runs.includes(id)))
    .find((column) => column !== undefined) ?? columns[0];
  const named = columns.map((column, i) => ({ ...column, label: labels[i], base: column === baseline }));
  const shown = named.filter((column) => !column.hidden);
  const pasts = pastsOf(shown.map(({ members }) => members.map((run) => lineOf(run, known))));
  return colored(
    named.map((column) => ({ ...column, past: pasts[shown.indexOf(column)] ?? ALONE })),
    colors,
  );
}

/**
 * Labels that are short where they are names of runs; equal ones get a part of their key.
 * @param {{ key: string, title: string }[]} columns
 * @param {boolean} alone
 */
function labelsOf(columns, alone) {
  const titles = columns.map((column) => column.title);
  const labels = alone ? shortNames(titles) : titles;
  const twice = (/** @type {string} */ label) => labels.filter((other) => other === label).length > 1;
  return labels.map((label, i) => (twice(label) ? `${label} (${columns[i].key.slice(0, 4)})` : label));
}
