/* Notices: runs that ended or lost their worker, and alerts that fired, whichever page is open.

   They are read from the API; a live connection only says when to read. Of several tabs one leads: it has the
   connection, informs the others and shows browser notifications, so that nothing is shown twice. Where the
   browser has no locks (a page without https) each tab is its own leader and shows notices in the page. */
import { ask } from "../api/ask.js";
import { Feed } from "../api/feed.js";
import { ENDED } from "../api/states.js";
import { store, stored } from "../lib/storage.js";
import { FEW, gathered } from "./gathered.js";
import { alerted, ended, vanished } from "./notice.js";
import { notifications } from "./notifications.js";
import { toast } from "./toasts.js";

/** @import { Message } from "../api/feed.js" */
/** @import { Fired, Run, RunPage } from "../api/schema.d.ts" */
/** @import { Notice } from "./notice.js" */

const NAME = "rhoscope-notices";
const SEEN = "rhoscope-notices-seen";
const COMPLETED = "rhoscope-notify-completed";
const MOST = 30;
const CALM_MS = 300;
const AGAIN_MS = 5000; /* until a first reading that failed is tried again */
const START_MS = 800; /* the page itself comes first */

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(NAME) : null;

/**
 * What tabs say to each other: notices that are new, or that all were seen.
 * @typedef {{ fresh?: Notice[], seen?: boolean }} Word
 */

class Notices {
  constructor() {
    /** @type {Notice[]} */
    this.list = [];
    this.changed = () => {};
    /** @type {Set<string> | null} the keys of all so far; null before the first reading */
    this.known = null;
    this.since = 0; /* the time of the newest notice of the first reading */
    this.leads = false;
    this.timer = 0;
    /** @type {Map<string, number>} */
    this.attempts = new Map();
    channel?.addEventListener("message", ({ data }) => this._heard(data));
    globalThis.addEventListener("storage", () => this.changed());
  }

  /** Whether completed runs are announced; failures, losses and alerts always are. */
  get completed() {
    return stored(COMPLETED) !== "no";
  }

  set completed(announced) {
    store(COMPLETED, announced ? "yes" : "no");
  }

  /** The notices that nobody has seen. */
  get unread() {
    const seen = stored(SEEN);
    return this.list.filter((notice) => seen && notice.time > Number(seen) && this._matters(notice));
  }

  /** Everything there is was seen. */
  see() {
    store(SEEN, String(Math.max(Number(stored(SEEN)), ...this.list.map((notice) => notice.time))));
    channel?.postMessage({ seen: true });
    this.changed();
  }

  /** Read soon: what a tab that leads reads as its connection comes up is then the same reading. */
  start() {
    this._soon();
    if (navigator.locks) navigator.locks.request(NAME, () => new Promise(() => this._lead()));
    else this._lead();
  }

  _lead() {
    this.leads = true;
    this.feed = new Feed(
      () => ({ runs: "*" }),
      (message) => this._take(message),
      (up, _reason, silent) => up && !silent && this._soon(),
      true,
    );
  }

  /** @param {Message} message */
  _take(message) {
    if (message.type === "event" && message.event.kind === "alert") this._soon();
    if (message.type === "run") this._run(message.run);
  }

  /** @param {Run} run */
  _run(run) {
    if (ENDED.includes(run.state)) this._soon();
    const before = this.attempts.get(run.id);
    this.attempts.set(run.id, run.attempt);
    if (before === undefined) return; /* nobody knows when a run met for the first time lost its worker */
    if (run.state === "queued" && run.attempt > before && run.reason) this._add([vanished(run)]);
  }

  _soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this._read(), CALM_MS);
  }

  async _read() {
    try {
      /** @type {[RunPage, Fired[]]} */
      const [page, fired] = await Promise.all([
        ask(`/runs?state=${ENDED.join(",")}&sort=-finished&limit=${MOST}`),
        ask(`/alerts/fired?limit=${MOST}`),
      ]);
      const runs = page.runs.filter((run) => run.finished && !run.reason.endsWith("by a user."));
      this._add([...runs.map(ended), ...fired.map(alerted)]);
    } catch {
      /* The page's own connection says that the API is away; when it is back, the leading tab reads again. */
      if (this.known === null) this.timer = setTimeout(() => this._read(), AGAIN_MS);
    }
  }

  /**
   * Take notices, some of which may be known.
   * @param {Notice[]} notices
   */
  _add(notices) {
    const { known } = this;
    const fresh = notices.filter((notice) => !known?.has(notice.key));
    this.known = new Set([...(known ?? []), ...fresh.map((notice) => notice.key)]);
    this.list = [...this.list, ...fresh].sort((a, b) => b.time - a.time).slice(0, MOST);
    if (known === null) this._first(notices);
    this.changed();
    if (known !== null) this._announce(fresh.filter((notice) => notice.time > this.since));
  }

  /**
   * The first ones are not announced; nor is a later one that is no newer than those, because it only came
   * into sight when others were deleted.
   * @param {Notice[]} notices
   */
  _first(notices) {
    this.since = Math.max(0, ...notices.map((notice) => notice.time));
    if (!stored(SEEN)) this.see();
  }

  /** @param {Word} word */
  _heard({ fresh, seen }) {
    if (seen) this.changed();
    if (fresh && this.known) this._add(fresh);
  }

  /** @param {Notice} notice */
  _matters(notice) {
    return notice.kind !== "completed" || this.completed;
  }

  /** @param {Notice[]} news */
  _announce(news) {
    if (!news.length) return;
    if (this.leads && navigator.locks) channel?.postMessage({ fresh: news });
    this._show(news.filter((one) => this._matters(one)).sort((a, b) => a.time - b.time));
  }

  /** @param {Notice[]} all by time */
  _show(all) {
    if (document.visibilityState === "visible") all.forEach(toast);
    const said = all.length > FEW ? [gathered(all)] : all;
    if (this.leads) { for (const one of said) notifications.show(one); }
  }
}

/** The notices of this tab. */
export const notices = new Notices();
globalThis.addEventListener("load", () => setTimeout(() => notices.start(), START_MS));
