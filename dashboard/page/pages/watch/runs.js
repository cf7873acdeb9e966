/* The runs that a page shows: read from the store, then followed over the live connection. */
import { ask } from "../../api/ask.js";
import { Feed } from "../../api/feed.js";
import { load, refetch } from "../../data/history.js";
import { Record } from "../../data/record.js";
import { connection } from "../../shell/banner.js";

const MANY = 12;
const TOGETHER = 100; /* runs that one live connection may carry */

export class RunsSeen {
  /* `page` hears told(record, run, other), happened(event), gone(record, reason), loaded(); its `loop` draws. */
  constructor(ids, page) {
    this.ids = ids;
    this.page = page;
    this.alive = true;
    this.loading = true;
    this.feeds = new Set();
    const capacity = ids.length > MANY ? 2048 : 4096;
    this.records = ids.map((id) => new Record(id, (a, b) => this._refetch(id, a, b), capacity));
  }

  async load() {
    const loaded = await Promise.all(this.records.map((record) => this._loadOne(record)));
    if (!this.alive) return;
    this.loading = false;
    this.records = this.records.filter((_, i) => loaded[i]);
    if (!this.records.length) return;
    this.page.loaded();
    this._follow(this.records);
  }

  /* Hear of these runs from now on. */
  _follow(records) {
    for (let i = 0; i < records.length; i += TOGETHER) {
      const some = records.slice(i, i + TOGETHER);
      const feed = new Feed(
        () => this._query(some),
        (message) => this._take(message, feed, some),
        (up, reason) => this._connection(up, reason),
      );
      this.feeds.add(feed);
    }
  }

  _connection(up, reason) {
    if (this.alive) connection(up && [...this.feeds].every((feed) => feed.up !== false), reason);
  }

  /* One of the runs was deleted while nobody heard it: the others are followed without it. */
  async _without(feed, some) {
    feed.close();
    this.feeds.delete(feed);
    for (const record of some) {
      const status = await ask(`/runs/${encodeURIComponent(record.id)}`).then(
        () => 200,
        (error) => error.status,
      );
      if (status === 404 && this.records.includes(record)) this._gone(record);
    }
    if (this.alive) this._follow(some.filter((record) => this.records.includes(record)));
  }

  async _loadOne(record) {
    try {
      await load(record, this.ids.length, () => this.alive);
    } catch (error) {
      if (this.alive) this.page.gone(record, error.message);
      return false;
    }
    if (this.alive) this._told(record, record.run);
    return this.alive;
  }

  _query(some) {
    const records = some.filter((record) => this.records.includes(record));
    for (const record of records) record.fresh = true;
    return {
      runs: records.map((r) => r.id).join(","),
      after: records.map((r) => `${r.id}:${r.last}`).join(","),
    };
  }

  _take(message, feed, some) {
    const id = message.block?.run ?? message.event?.run ?? message.run?.id ?? message.run;
    const record = this.records.find((r) => r.id === id);
    if (message.type === "error" && message.problem?.status === 404) this._without(feed, some);
    if (!record) return;
    if (message.type === "block") record.rows(message.block);
    if (message.type === "event") {
      record.event(message.event);
      this.page.happened(message.event);
    }
    if (message.type === "run") this._told(record, message.run);
    if (message.type === "deleted") this._gone(record);
    if (message.type === "gap") {
      record.lost(message.start, message.end);
      record.last = Math.max(record.last, message.end);
    }
    this.page.loop.ask();
  }

  _told(record, run) {
    const before = record.shape;
    record.run = run;
    record.shape = `${run.series.length} ${run.modalities}`;
    this.page.told(record, run, record.shape !== before);
  }

  _gone(record) {
    this.records = this.records.filter((r) => r !== record);
    this.page.gone(record, "This run was deleted.");
  }

  _refetch(id, start, end) {
    const record = this.records.find((r) => r.id === id);
    refetch(record, start, end, () => this.alive).then(() => this.page.loop.ask(), () => {});
  }

  leave() {
    this.alive = false;
    for (const feed of this.feeds) feed.close();
  }
}
