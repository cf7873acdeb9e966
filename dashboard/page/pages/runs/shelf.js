/* What is known of the runs: the order of all that a filter keeps, and the contents of those that were on the screen. */
import { ask } from "../../api/ask.js";
import { Feed } from "../../api/feed.js";
import { connection } from "../../shell/banner.js";

const MOST = 2000; /* runs whose contents are kept */
const AT_ONCE = 100;
const CALM_MS = 1000; /* between two readings of the order */
const SLOW_MS = 3000; /* where only numbers moved */
const MOVING = /^-?(step|epoch|progress|duration|best|test)$/; /* orders that change while runs train */

export class Shelf {
  /* `query()` gives the parameters of the order; `told(what)` is called with "order", "runs" or "refused". */
  constructor(query, told) {
    Object.assign(this, {
      query,
      told,
      runs: new Map(),
      fresh: new Set(),
      asked: new Set(),
      order: null,
      problem: "",
      alive: true,
      last: 0,
    });
    this.refresh(0);
    this.feed = new Feed(() => ({ runs: "*" }), (message) => this._take(message), (up) => this._changed(up));
  }

  get(id) {
    return this.runs.get(id) ?? null;
  }

  /* Read the order again, soon; what is asked for meanwhile is one reading. */
  refresh(soon = CALM_MS) {
    const due = Math.max(performance.now() + (soon ? 100 : 0), this.last + soon);
    if (this.timer && due >= this.due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this._read(), due - performance.now());
  }

  async _read() {
    this.timer = 0;
    const query = String(new URLSearchParams(this.query()));
    try {
      const order = await ask(`/runs/index?${query}`);
      if (!this.alive || query !== String(new URLSearchParams(this.query()))) {
        return this.alive && this.refresh(0);
      }
      this.order = order;
      this.members = new Set(order.runs);
      this.pause = 300;
      this.last = performance.now();
      this._healed();
      this.told("order");
    } catch (error) {
      if (!this.alive) return;
      if (error.status === 422) {
        this.problem = error.problem?.errors?.[0]?.message ?? error.message;
        this.told("refused");
        return;
      }
      this._failed(error);
      this.pause = Math.min(3000, 2 * (this.pause ?? 150));
      this.timer = setTimeout(() => this._read(), this.pause);
      this.due = performance.now() + this.pause;
    }
  }

  /* Read the contents of these runs, as far as they are not known. */
  async want(ids) {
    const lacking = [...new Set(ids)].filter((id) => !this.fresh.has(id) && !this.asked.has(id)).slice(
      0,
      AT_ONCE,
    );
    if (!lacking.length) return;
    for (const id of lacking) this.asked.add(id);
    try {
      const page = await ask(`/runs?ids=${lacking.join(",")}&limit=${AT_ONCE}`);
      if (!this.alive) return;
      for (const run of page.runs) {
        if (!this.fresh.has(run.id)) this._keep(run); /* what was told meanwhile is newer */
      }
      if (page.runs.length < lacking.length) this.refresh();
      this._healed();
      this.told("runs");
    } catch (error) {
      if (this.alive) this._failed(error);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      if (this.alive) setTimeout(() => this.told("runs"));
    } finally {
      for (const id of lacking) this.asked.delete(id);
    }
  }

  /* The API answers the live connection but not a question, or does so again. */
  _failed(error) {
    this.failing = true;
    connection(false, error.message);
  }

  _healed() {
    if (this.failing && !this.down) connection(true);
    this.failing = false;
  }

  _keep(run) {
    this.runs.delete(run.id); /* the newest last, so that the oldest go first */
    this.runs.set(run.id, run);
    this.fresh.add(run.id);
    if (this.runs.size <= MOST) return;
    const [oldest] = this.runs.keys();
    this.runs.delete(oldest);
    this.fresh.delete(oldest);
  }

  _take(message) {
    if (message.type === "run") this._told(message.run);
    if (message.type === "deleted") {
      this.runs.delete(message.run);
      this.fresh.delete(message.run);
      this.gone?.(message.run);
      this.refresh();
    }
  }

  _told(run) {
    const before = this.runs.get(run.id);
    if (before || this.asked.has(run.id)) this._keep(run);
    const { sort } = this.query();
    if (!this.members?.has(run.id)) this.refresh();
    else if (
      !before || before.state !== run.state || String(before.tags) !== String(run.tags) ||
      before.name !== run.name
    ) this.refresh();
    else if (MOVING.test(sort)) this.refresh(SLOW_MS);
    if (before) this.told("runs");
  }

  /* What changed while the connection was lost was not told: everything is read again, and shown until then. */
  _changed(up) {
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
