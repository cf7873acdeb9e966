/* The user's choice of columns: in the address, and remembered by the browser. */
import { store, stored } from "../../lib/storage.js";
import { address } from "../../shell/address.js";
import { runColumns } from "./columns.js";

const KEY = "rhoscope-runs-columns";

/**
 * The columns in the address, or the last choice; empty when there is none, and columns are those that fit.
 * @returns {string[]}
 */
export function preferredColumns() {
  const given = address.list("columns");
  if (given.length) return given.filter(runColumns.column);
  const kept = remembered();
  if (kept.length) address.set({ columns: kept });
  return kept;
}

/** @returns {string[]} */
function remembered() {
  try {
    const names = JSON.parse(stored(KEY, "[]"));
    return names.filter((/** @type {string} */ name) => runColumns.column(name));
  } catch {
    return []; /* not what this page writes */
  }
}

/**
 * Remember a choice; an empty one leaves the columns to the room there is.
 * @param {string[]} names
 */
export function preferColumns(names) {
  address.set({ columns: names });
  store(KEY, JSON.stringify(names));
}
