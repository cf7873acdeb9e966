/* The runs that are compared: those that the address names, or those of a sweep. */
import { ask } from "../../api/ask.js";
import { whole } from "../../lib/numbers.js";
import { address } from "../../shell/address.js";

/** @import { Run, RunPage } from "../../api/schema.d.ts" */

const MOST = 200;

/* Which runs they are, and which of them there is no room for. */
export class Subject {
  constructor() {
    const ids = address.list("runs");
    this.sweep = ids.length ? "" : address.get("sweep");
    this.ids = ids.slice(0, MOST);
    this.cut = ids.length > MOST ? `Only the first ${MOST} runs in the address are compared.` : "";
  }

  /* Whether there is nothing to compare. */
  get empty() {
    return !this.ids.length && !this.sweep;
  }

  /**
   * Compare other runs.
   * @param {string[]} ids
   */
  set(ids) {
    const distinct = [...new Set(ids)];
    this.ids = distinct.slice(0, MOST);
    this.cut = distinct.length > MOST ? `No more than ${MOST} runs can be compared.` : "";
    this.sweep = "";
    address.set({ runs: this.ids, sweep: "" });
  }

  /**
   * The runs, as far as they exist, in the order of the address.
   * @returns {Promise<Run[]>}
   */
  async read() {
    if (this.sweep) return await this._readSweep();
    if (!this.ids.length) return [];
    const places = new Map(this.ids.map((id, i) => [id, i]));
    const place = (/** @type {Run} */ run) => places.get(run.id) ?? 0;
    const { runs } = await read({ ids: this.ids.join(",") });
    return runs.sort((a, b) => place(a) - place(b));
  }

  async _readSweep() {
    const { sweep } = this;
    const { runs, total } = await read({ sweep, sort: "created" });
    if (!runs.length) await ask(`/sweeps/${encodeURIComponent(sweep)}`); /* is refused where there is none */
    if (sweep !== this.sweep) return runs; /* other runs were chosen meanwhile */
    this.cut = total > runs.length
      ? `Only the first ${runs.length} of the sweep's ${whole(total)} runs are compared.`
      : "";
    return runs;
  }

  /**
   * Runs were read; returns the ids of those that do not exist.
   * @param {Run[]} runs
   */
  take(runs) {
    const ids = runs.map((run) => run.id);
    if (this.sweep) this.ids = ids;
    return this.ids.filter((id) => !ids.includes(id));
  }
}

/**
 * @param {Record<string, string>} filter
 * @returns {Promise<RunPage>}
 */
const read = (filter) => ask(`/runs?${new URLSearchParams({ ...filter, limit: String(MOST) })}`);
