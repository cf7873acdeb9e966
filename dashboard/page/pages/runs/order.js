/* The rows of the table, in order: runs and the heads of groups. Pure functions of the API's index. */
import { plain } from "../../lib/values.js";

/** @import { Bunch, Index } from "../../api/schema.d.ts" */
/**
 * A group; `closed` groups show their head alone.
 * @typedef {Bunch & { key: string, ids: string[], closed: boolean, title: string }} Group
 */
/** @typedef {{ key: string, kind: "run", height: number, id: string }} RunItem */
/** @typedef {{ key: string, kind: "bunch", height: number, bunch: Group }} BunchItem */
/** @typedef {RunItem | BunchItem} Item */
/** @typedef {{ group: string, closed: ReadonlySet<string>, heights: { run: number, bunch: number } }} Look */

/**
 * A run of several groups has several rows, each with its own key.
 * @param {Index} order
 * @param {Look} look
 * @returns {Item[]}
 */
export function itemsOf(order, look) {
  if (!order.bunches.length) return runItems(order.runs, "", look);
  let from = 0;
  return order.bunches.flatMap((bunch) => {
    const ids = order.runs.slice(from, from + bunch.count);
    from += bunch.count;
    return groupItems(bunch, ids, look);
  });
}

/**
 * @param {string[]} ids
 * @param {string} group the key of their group
 * @param {Look} look
 * @returns {Item[]}
 */
const runItems = (ids, group, { heights }) =>
  ids.map((id) => ({ key: `${group}:${id}`, kind: "run", height: heights.run, id }));

/**
 * @param {Bunch} bunch
 * @param {string[]} ids
 * @param {Look} look
 * @returns {Item[]}
 */
function groupItems(bunch, ids, look) {
  const key = String(bunch.value ?? "");
  const closed = look.closed.has(key);
  const group = { ...bunch, key, ids, closed, title: groupTitle(bunch, look.group) };
  return [
    { key: `bunch ${key}`, kind: "bunch", height: look.heights.bunch, bunch: group },
    ...(closed ? [] : runItems(ids, key, look)),
  ];
}

/**
 * @param {Pick<Bunch, "value" | "label">} bunch
 * @param {string} by what the runs are grouped by
 */
function groupTitle({ value, label }, by) {
  const name = by.replace(/^settings\./, "");
  if (value === null || value === "") return `no ${name}`;
  if (label || name === "sweep") return label || `sweep ${value}`;
  return typeof value === "string" && name === by ? value : `${name} ${plain(value)}`;
}
