/* How the runs are looked at: filter, order, groups; the address holds it. */
import { whole } from "../../lib/numbers.js";
import { isText } from "../../runs/facts.js";
import { address } from "../../shell/address.js";
import { runFilter } from "./filter.js";

/** @import { Index } from "../../api/schema.d.ts" */
/** @typedef {{ filter?: string, sort?: string, group?: string }} Changes */

export const NEWEST = "-created";

/**
 * The key of a group as the address holds it, where an empty one would be lost.
 * @param {string} key
 */
const written = (key) => `~${encodeURIComponent(key)}`;

/**
 * The key of a group that the address names; null when the address was edited by hand.
 * @param {string} text
 */
function read(text) {
  try {
    return decodeURIComponent(text.replace(/^~/, ""));
  } catch {
    return null;
  }
}

/* The view of the table of runs. */
export class View {
  constructor() {
    this.filter = address.get("filter");
    this.sort = address.get("sort", NEWEST);
    this.group = address.get("group");
    /** @type {string[]} names of the columns on the screen */
    this.columns = [];
    /** @type {Set<string>} keys of the groups that show their head alone */
    this.closed = new Set(address.list("closed").map(read).filter((key) => key !== null));
    this.parsed = runFilter.parse(this.filter);
  }

  get filtered() {
    return this.parsed.params.length > 0;
  }

  /** @param {Changes} changes */
  change({ filter = this.filter, sort = this.sort, group }) {
    this.filter = filter;
    this.sort = sort;
    if (group !== undefined) {
      this.group = group;
      this.closed.clear();
    }
    this.parsed = runFilter.parse(filter);
    address.set({
      filter,
      sort: sort === NEWEST ? "" : sort,
      group: this.group,
      closed: [...this.closed].map(written),
    });
  }

  /**
   * Close a group, or open it again.
   * @param {string} key
   */
  fold(key) {
    if (!this.closed.delete(key)) this.closed.add(key);
    address.set({ closed: [...this.closed].map(written) });
  }

  /**
   * The order after a click on a head: first numbers from the greatest and texts from A, then the other way
   * round, then the newest first again.
   * @param {string} name
   */
  turned(name) {
    const turns = isText(name) ? [name, `-${name}`, NEWEST] : [`-${name}`, name, NEWEST];
    return turns[(turns.indexOf(this.sort) + 1) % turns.length];
  }

  /* The parameters of a request for the order. */
  query() {
    return new URLSearchParams([
      ...this.parsed.params,
      ["sort", this.sort],
      ...(this.group ? [["by", this.group]] : []),
    ]);
  }
}

/**
 * The number of runs, or how many of them the API lists.
 * @param {Pick<Index, "total">} order
 * @param {number} listed different runs of it
 */
export function countWords({ total }, listed) {
  if (!total) return "";
  return total > listed ? `the first ${whole(listed)} of ${whole(total)}` : whole(total);
}
