/* What is known of the runs: the order of those that a filter keeps, and the contents of those seen. */
import { ask, Refused } from "../../api/ask.js";
import { Feed } from "../../api/feed.js";
import { reason } from "../../lib/reason.js";
import { connection } from "../../shell/banner.js";

/** @import { Message } from "../../api/feed.js" */
/** @import { Index, Run, RunPage } from "../../api/schema.d.ts" */
/**
 * What was read: the order, contents, or a refusal of the filter.
 * @typedef {"order" | "runs" | "refused"} News
 */
/** @typedef {URLSearchParams | Record<string, string>} Query */

const MOST = 2000; /* runs whose contents are kept */
const TOGETHER = 100; /* runs whose contents are read in one request */
const FIRST = 40; /* runs whose contents are read with the first order: more than most screens show */
const CALM_MS = 1000; /* between two readings of the order */
const SLOW_MS = 3000; /* where only numbers have changed */
const PAUSE_MS = [300, 3000]; /* before a reading that failed is tried again, at first and at most */
const RETRY_MS = 1000; /* before contents that could not be read are tried again */
const MOVING = /^-?(step|epoch|progress|duration|best|test)$/; /* orders that change while runs train */

/**
 * Whether a run may have another place in the order, or another count.
 * @param {Run} before
 * @param {Run} run
 */
const moved = (before, run) =>
  before.state !== run.state || before.name !== run.name || String(before.tags) !== String(run.tags);

/**
 * The API's own words for a filter that it refuses.
 * @param {Refused} error
 */
const refusal = (error) => error.problem?.errors?.[0]?.message ?? error.message;

/**
 * The contents of some runs in this order, as far as they still exist.
 * @param {string[]} ids
 */
export async function readRuns(ids) {
  /** @type {Run[]} */
  const runs = [];
  for (let i = 0; i < ids.length; i += TOGETHER) {
    const some = ids.slice(i, i + TOGETHER);
    /** @type {RunPage} */
    const page = await ask(`/runs?ids=${some.join(",")}&limit=${TOGETHER}`);
    const known = new Map(page.runs.map((run) => [run.id, run]));
    runs.push(...some.map((id) => known.get(id)).filter((run) => run !== undefined));
  }
  return runs;
}

/* The order and the contents of runs, kept up to date by a live connection. */
export class Shelf {
  /**
   * @param {() => Query} query the parameters of the order
   * @param {(news: News) => void} changed
   * @param {(id: string) => void} [gone] called when a run was deleted
   */
  constructor(query, changed, gone = () => {}) {
    this.query = query;
    this.changed = changed;
    this.gone = gone;
    /** @type {Map<string, Run>} */
    this.runs = new Map();
    /** @type {Set<string>} runs whose contents are up to date */
    this.fresh = new Set();
    /** @type {Set<string>} runs whose contents are being read */
    this.reading = new Set();
    /** @type {Index | null} */
    this.order = null;
    /** @type {Set<string>} */
    this.members = new Set();
    this.problem = "";
    this.alive = true;
    this.begun = false; /* whether an order was read, and the contents of its first runs */
    this.failing = false; /* the API did not answer a request */
    this.down = false; /* the live connection is lost */
    this.last = 0; /* when the order was read */
    this.due = 0; /* when it will be read */
    this.timer = 0;
    this.pause = PAUSE_MS[0];
    this.refresh(0);
    this.feed = new Feed(
      () => ({ runs: "*" }),
      (message) => this._take(message),
      (up, _reason, silent) => silent ? connection(true, undefined, silent) : this._connected(up),
    );
  }

  /** @param {string} id */
  get(id) {
    return this.runs.get(id) ?? null;
  }

  /**
   * Read the order again, soon; several requests meanwhile are one reading.
   * @param {number} [soon] milliseconds since the last reading
   */
  refresh(soon = CALM_MS) {
    const due = Math.max(performance.now() + (soon ? 100 : 0), this.last + soon);
    if (this.timer && due >= this.due) return;
    this._schedule(due);
  }

  /** @param {number} due */
  _schedule(due) {
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this._read(), due - performance.now());
  }

  _address() {
    return String(new URLSearchParams(this.query()));
  }

  _sort() {
    return new URLSearchParams(this.query()).get("sort") ?? "";
  }

  async _read() {
    this.timer = 0;
    const query = this._address();
    try {
      /** @type {[Index, void]} */
      const [order] = await Promise.all([ask(`/runs/index?${query}`), this._begin(query)]);
      if (!this.alive) return;
      if (query === this._address()) this._arrange(order);
      else this.refresh(0);
    } catch (error) {
      if (this.alive) this._unread(error);
    }
  }

  /**
   * Read the contents of the first runs together with the order, which says later which runs these are.
   * @param {string} query of the order; one of groups has another one within each
   */
  async _begin(query) {
    if (this.begun || new URLSearchParams(query).has("by")) return;
    const page = /** @type {RunPage | null} */ (
      await ask(`/runs?${query}&limit=${FIRST}`).catch(() => null) /* the order's own answer says why */
    );
    for (const run of page?.runs ?? []) if (!this.fresh.has(run.id)) this._keep(run);
  }

  /** @param {Index} order */
  _arrange(order) {
    this.begun = true;
    this.order = order;
    this.members = new Set(order.runs);
    this.pause = PAUSE_MS[0];
    this.last = performance.now();
    this._healed();
    this.changed("order");
  }

  /** @param {unknown} error */
  _unread(error) {
    if (error instanceof Refused && error.status === 422) {
      this.problem = refusal(error);
      this.changed("refused");
      return;
    }
    this._failed(error);
    this._schedule(performance.now() + this.pause);
    this.pause = Math.min(PAUSE_MS[1], 2 * this.pause);
  }

  /**
   * Read the contents of these runs, as far as they are not known.
   * @param {string[]} ids
   */
  async want(ids) {
    const lacking = [...new Set(ids)]
      .filter((id) => !this.fresh.has(id) && !this.reading.has(id))
      .slice(0, TOGETHER);
    if (!lacking.length) return;
    for (const id of lacking) this.reading.add(id);
    try {
      /** @type {RunPage} */
      const page = await ask(`/runs?ids=${lacking.join(",")}&limit=${TOGETHER}`);
      if (this.alive) this._fill(page.runs, lacking.length);
    } catch (error) {
      if (this.alive) this._failed(error);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      if (this.alive) setTimeout(() => this.changed("runs"));
    } finally {
      for (const id of lacking) this.reading.delete(id);
    }
  }

  /**
   * @param {Run[]} runs
   * @param {number} requested
   */
  _fill(runs, requested) {
    for (const run of runs) {
      if (!this.fresh.has(run.id)) this._keep(run); /* what arrived live meanwhile is newer */
    }
    if (runs.length < requested) this.refresh();
    this._healed();
    this.changed("runs");
  }

  /**
   * The API did not answer a request, whatever the live connection does.
   * @param {unknown} error
   */
  _failed(error) {
    this.failing = true;
    connection(false, reason(error));
  }

  _healed() {
    if (this.failing && !this.down) connection(true);
    this.failing = false;
  }

  /** @param {Run} run */
  _keep(run) {
    this.runs.delete(run.id); /* the newest last, so that the oldest go first */
    this.runs.set(run.id, run);
    this.fresh.add(run.id);
    if (this.runs.size <= MOST) return;
    const [oldest] = this.runs.keys();
    this.runs.delete(oldest);
    this.fresh.delete(oldest);
  }

  /** @param {Message} message */
  _take(message) {
    if (message.type === "run") this._renew(message.run);
    if (message.type === "deleted") {
      this.runs.delete(message.run);
      this.fresh.delete(message.run);
      this.gone(message.run);
      this.refresh();
    }
  }

  /** @param {string} id of a run whose contents may be on their way */
  _awaits(id) {
    return !this.begun || this.reading.has(id);
  }

  /**
   * A run has changed.
   * @param {Run} run
   */
  _renew(run) {
    const before = this.runs.get(run.id);
    if (before || this._awaits(run.id)) this._keep(run);
    if (!before || !this.members.has(run.id) || moved(before, run)) this.refresh();
    else if (MOVING.test(this._sort())) this.refresh(SLOW_MS);
    if (before) this.changed("runs");
  }

  /**
   * Changes during a lost connection were missed: everything is read again, and shown as it was until then.
   * @param {boolean} up
   */
  _connected(up) {
    connection(up);
    if (up && this.down) {
      this.fresh.clear();
      this.refresh(0);
    }
    this.down = !up;
  }

  leave() {
    this.alive = false;
    clearTimeout(this.timer);
    this.feed.close();
  }
}
