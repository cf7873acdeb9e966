/* The runs that a page shows: read from the store, then followed over the live connection. */
import { ask, Refused } from "../../api/ask.js";
import { Feed } from "../../api/feed.js";
import { chartsOf } from "../../charts/lines.js";
import { load, loadRest, loadTogether, refetch } from "../../data/history.js";
import { Record } from "../../data/record.js";
import { Idle } from "../../lib/idle.js";
import { MANY } from "../../lib/limits.js";
import { reason } from "../../lib/reason.js";
import { address } from "../../shell/address.js";
import { connection } from "../../shell/banner.js";

/** @import { Message } from "../../api/feed.js" */
/** @import { Event, Run } from "../../api/schema.d.ts" */

/**
 * The page that shows the runs.
 * @typedef {object} Audience
 * @property {{ ask: (now?: boolean) => void }} loop draws
 * @property {(record: Record, run: Run, reshaped: boolean) => void} updated `reshaped`: it has other series
 * or modalities
 * @property {(event: Event) => void} happened
 * @property {(record: Record, reason: string) => void} gone a run that can't be shown, or no longer
 * @property {() => void} loaded all that can be shown were read
 */

const FIRST = 6; /* charts that most screens show */
const TOGETHER = 100; /* runs that one live connection may carry */
const CAPACITY = { few: 4096, many: 2048 }; /* bins per series */

/**
 * The run that a message is about.
 * @param {Message} message
 */
function runOf(message) {
  if (message.type === "block") return message.block.run;
  if (message.type === "event") return message.event.run;
  if (message.type === "run") return message.run.id;
  return "run" in message ? message.run : null;
}

/**
 * Whether there is no such run any more.
 * @param {Record} record
 */
const deleted = ({ id }) =>
  ask(`/runs/${encodeURIComponent(id)}`).then(
    () => false,
    (error) => error instanceof Refused && error.status === 404,
  );

/**
 * Whether the first charts of runs that were read in part have something to draw: they have not where a
 * program of its own declares what we do not.
 * @param {Record[]} records
 */
export function enough(records) {
  const runs = records.map(({ run }) => run).filter((run) => run !== null);
  const read = (/** @type {string} */ name) => records.some(({ series }) => series.has(name));
  return chartsOf(runs).slice(0, FIRST).every(({ parts }) => {
    const dense = parts.filter(({ series }) => !series.sparse);
    const names = dense.flatMap(({ stem, joint, modalities }) => [
      ...(joint ? [stem] : []),
      ...modalities.map((modality) => `${stem}.${modality}`),
    ]);
    return !names.length || names.some(read);
  });
}

/** The records of runs, kept up to date while the page is open. */
export class RunsSeen {
  /**
   * @param {string[]} ids
   * @param {Audience} page
   */
  constructor(ids, page) {
    this.ids = ids;
    this.page = page;
    this.alive = true;
    this.loading = true;
    /** @type {Set<Feed>} */
    this.feeds = new Set();
    const capacity = ids.length > MANY ? CAPACITY.many : CAPACITY.few;
    this.records = ids.map((id) => new Record(id, (start, end) => this._refetch(id, start, end), capacity));
  }

  /** Read all runs, then follow them. */
  async load() {
    if (this.ids.length > MANY) await this._loadMany();
    const loaded = await Promise.all(
      this.records.map((record) => record.run !== null || this._loadOne(record)),
    );
    if (!this.alive) return;
    this.loading = false;
    this.records = this.records.filter((_, i) => loaded[i]);
    if (!this.records.length) return;
    this.page.loaded();
    if (this.records.some(({ partial }) => partial)) this._complete();
    else this._follow(this.records);
  }

  /* What is not drawn at first is read behind what is, and rows that follow come when it was: all at once. */
  async _complete() {
    await new Promise((resolve) => new Idle().ask(() => resolve(null)));
    await this._rest();
    if (!this.alive) return;
    this.page.loop.ask(true);
    this._follow(this.records);
  }

  async _rest() {
    const partial = this.records.filter((record) => record.partial && record.run);
    await loadRest(partial, () => this.alive).catch(() => {}); /* refused: they stay without */
  }

  /** @param {Record[]} records */
  _follow(records) {
    for (let i = 0; i < records.length; i += TOGETHER) {
      const some = records.slice(i, i + TOGETHER);
      const feed = new Feed(
        () => this._query(some),
        (message) => this._take(message, feed, some),
        (up, reason, silent) => this._connection(up, reason, silent),
      );
      this.feeds.add(feed);
    }
  }

  /**
   * @param {boolean} up
   * @param {string} [reason]
   * @param {number} [silent] seconds
   */
  _connection(up, reason, silent) {
    if (this.alive) connection(up && [...this.feeds].every((feed) => feed.up !== false), reason, silent);
  }

  /**
   * One of the runs was deleted while nobody heard it: the others are followed without it.
   * @param {Feed} feed
   * @param {Record[]} some
   */
  async _without(feed, some) {
    feed.close();
    this.feeds.delete(feed);
    for (const record of some) {
      if (await deleted(record) && this.records.includes(record)) this._gone(record);
    }
    if (this.alive) this._follow(some.filter((record) => this.records.includes(record)));
  }

  /** Those that the API leaves out, or all where it refuses, are then read one by one, which says why. */
  async _loadMany() {
    const alive = () => this.alive;
    const took = (/** @type {Record} */ record) => record.run && this._update(record, record.run);
    await loadTogether(this.records, Boolean(address.get("focus")), alive, took).catch(() => {});
    if (this.alive && !enough(this.records)) await this._rest();
  }

  /** @param {Record} record */
  async _loadOne(record) {
    try {
      await load(record, this.ids.length, () => this.alive);
    } catch (error) {
      if (!this.alive) return false;
      connection(error instanceof Refused, reason(error)); /* a refusal is an answer */
      this.page.gone(record, reason(error));
      return false;
    }
    if (this.alive && record.run) this._update(record, record.run);
    return this.alive;
  }

  /** @param {Record[]} some */
  _query(some) {
    const records = some.filter((record) => this.records.includes(record));
    for (const record of records) record.fresh = true;
    return {
      runs: records.map((record) => record.id).join(","),
      after: records.map((record) => `${record.id}:${record.last}`).join(","),
    };
  }

  /**
   * @param {Message} message
   * @param {Feed} feed
   * @param {Record[]} some
   */
  _take(message, feed, some) {
    if (message.type === "error" && message.problem.status === 404) this._without(feed, some);
    const id = runOf(message);
    const record = this.records.find((one) => one.id === id);
    if (!record) return;
    this._record(record, message);
    this.page.loop.ask();
  }

  /**
   * @param {Record} record
   * @param {Message} message
   */
  _record(record, message) {
    if (message.type === "block") record.rows(message.block);
    else if (message.type === "run") this._update(record, message.run);
    else if (message.type === "deleted") this._gone(record);
    else if (message.type === "event") {
      record.event(message.event);
      this.page.happened(message.event);
    } else if (message.type === "gap") {
      record.lost(message.start, message.end);
      record.last = Math.max(record.last, message.end);
    }
  }

  /**
   * @param {Record} record
   * @param {Run} run
   */
  _update(record, run) {
    const before = record.shape;
    record.run = run;
    record.shape = `${run.series.length} ${run.modalities} ${run.course?.strategy}`;
    this.page.updated(record, run, record.shape !== before);
  }

  /** @param {Record} record */
  _gone(record) {
    this.records = this.records.filter((one) => one !== record);
    this.page.gone(record, "This run was deleted.");
  }

  /**
   * @param {string} id
   * @param {number} start
   * @param {number} end
   */
  _refetch(id, start, end) {
    const record = this.records.find((one) => one.id === id);
    if (!record) return;
    refetch(record, start, end, () => this.alive).then(() => this.page.loop.ask(), () => {});
  }

  leave() {
    this.alive = false;
    for (const feed of this.feeds) feed.close();
  }
}
