/* Notices: runs that ended or lost their worker, and alerts that fired, on whatever page one is.

   What they are is read from the API; a live connection only says when to read. Of several tabs one leads: it has the
   connection, tells the others and shows browser notifications, so that nothing is shown twice. Where the browser has
   no locks (a page without https) each tab cares for itself and shows notices in the page. */
import { ask } from "../api/ask.js";
import { Feed } from "../api/feed.js";
import { whole } from "../lib/numbers.js";
import { go } from "./navigate.js";
import { toast } from "./toasts.js";

const NAME = "rhoscope-notices";
const MOST = 30;
const CALM_MS = 300;
const AGAIN_MS = 5000; /* until a first reading that failed is tried again */
const START_MS = 800; /* the page itself comes first */
const FINAL = ["completed", "failed", "stopped", "lost"];
const TONES = { completed: "good", failed: "bad", lost: "bad", stopped: "plain" };

const channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;

/* What the browser remembers for all tabs; where it stores nothing, what this tab does. */
const memory = new Map();
function keep(name, value) {
  memory.set(name, value);
  try {
    localStorage.setItem(`rhoscope-${name}`, value);
  } catch {
    /* then for this visit only */
  }
}
function kept(name) {
  try {
    return localStorage.getItem(`rhoscope-${name}`) ?? memory.get(name) ?? null;
  } catch {
    return memory.get(name) ?? null;
  }
}

const ended = (run) => ({
  key: `${run.id} ${run.state} ${run.attempt}`,
  kind: run.state,
  time: run.finished,
  tone: TONES[run.state],
  title: run.name,
  words: run.state === "completed"
    ? `Completed after ${whole(run.step)} steps`
    : run.reason || `Now ${run.state}`,
  href: `/watch?runs=${run.id}`,
});

const alerted = (one) => ({
  key: `alert ${one.id}`,
  kind: "alert",
  time: one.time,
  tone: "warn",
  title: one.name,
  words: `Alert: ${one.words} at step ${whole(one.step)}`,
  href: `/watch?runs=${one.run}&open=story`,
});

const vanished = (run) => ({
  key: `${run.id} vanished ${run.attempt}`,
  kind: "lost",
  time: Date.now() / 1000,
  tone: "warn",
  title: run.name,
  words: run.reason,
  href: `/watch?runs=${run.id}`,
});

class Notices {
  constructor() {
    this.list = [];
    this.changed = () => {};
    this.known = null;
    this.attempts = new Map();
    channel?.addEventListener("message", ({ data }) => this._heard(data));
    window.addEventListener("storage", () => this.changed());
  }

  /* Whether completed runs are told of; failures, losses and alerts always are. */
  get completed() {
    return kept("notify-completed") !== "no";
  }

  set completed(wanted) {
    keep("notify-completed", wanted ? "yes" : "no");
  }

  get unread() {
    const seen = Number(kept("notices-seen") ?? Infinity);
    return this.list.filter((one) => one.time > seen && this._wanted(one)).length;
  }

  /* Everything there is was looked at. */
  see() {
    keep(
      "notices-seen",
      String(Math.max(Number(kept("notices-seen") ?? 0), ...this.list.map((one) => one.time))),
    );
    channel?.postMessage({ seen: true });
    this.changed();
  }

  start() {
    this._read();
    if (navigator.locks) navigator.locks.request(NAME, () => new Promise(() => this._lead()));
    else this._lead();
  }

  _lead() {
    this.leads = true;
    this.feed = new Feed(
      () => ({ runs: "*" }),
      (message) => this._take(message),
      (up) => up && this._soon(),
      true,
    );
  }

  _take({ type, run, event }) {
    if (type === "event" && event.kind === "alert") this._soon();
    if (type !== "run") return;
    if (FINAL.includes(run.state)) this._soon();
    const before = this.attempts.get(
      run.id,
    ); /* of a run that is met for the first time nobody knows when it lost its worker */
    if (run.state === "queued" && before !== undefined && run.attempt > before && run.reason) {
      this._add([vanished(run)]);
    }
    this.attempts.set(run.id, run.attempt);
  }

  _soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this._read(), CALM_MS);
  }

  async _read() {
    try {
      const [page, fired] = await Promise.all([
        ask(`/runs?state=${FINAL.join(",")}&sort=-finished&limit=${MOST}`),
        ask(`/alerts/fired?limit=${MOST}`),
      ]);
      const runs = page.runs.filter((run) => run.finished && !run.reason.endsWith("by a user."));
      this._add([...runs.map(ended), ...fired.map(alerted)]);
    } catch {
      /* The page's own connection says that the API is away; when it is back, a tab that leads reads again. */
      if (this.known === null) this.timer = setTimeout(() => this._read(), AGAIN_MS);
    }
  }

  /* Notices that may be known. Of the first ones nobody is told, nor later of one that is no newer than those: it
     only came into sight when others were deleted. */
  _add(notices) {
    const first = this.known === null;
    if (first) this.since = Math.max(0, ...notices.map((one) => one.time));
    const fresh = notices.filter((one) => !this.known?.has(one.key));
    this.known = new Set([...(this.known ?? []), ...fresh.map((one) => one.key)]);
    this.list = [...this.list, ...fresh].sort((a, b) => b.time - a.time).slice(0, MOST);
    if (first && kept("notices-seen") === null) this.see();
    this.changed();
    const news = fresh.filter((one) => one.time > this.since);
    if (first || !news.length) return;
    if (this.leads && navigator.locks) channel?.postMessage({ fresh: news });
    this._tell(news);
  }

  _heard({ fresh, seen }) {
    if (seen) this.changed();
    if (fresh && this.known) this._add(fresh);
  }

  _wanted(one) {
    return one.kind !== "completed" || this.completed;
  }

  _tell(fresh) {
    const wanted = fresh.filter((one) => this._wanted(one)).sort((a, b) => a.time - b.time);
    for (const one of wanted) {
      if (document.visibilityState === "visible") toast(one);
      if (this.leads) this.browser.show(one);
    }
  }

  /* Notifications of the browser itself: asked for by a click only. */
  browser = {
    /* on, off, denied, or why there can be none. */
    get state() {
      if (!window.isSecureContext || !("Notification" in window)) return "unavailable";
      if (Notification.permission === "denied") return "denied";
      return Notification.permission === "granted" && kept("notify") === "on" ? "on" : "off";
    },

    async turn(on) {
      if (on && (await Notification.requestPermission()) !== "granted") return;
      keep("notify", on ? "on" : "off");
    },

    show(one) {
      if (this.state !== "on") return;
      try {
        const shown = new Notification(one.title, { body: one.words, tag: one.key });
        shown.onclick = () => {
          window.focus();
          go(one.href);
          shown.close();
        };
      } catch {
        keep("notify", "off"); /* a phone's browser that has them for installed pages only */
      }
    },
  };
}

export const notices = new Notices();
window.addEventListener("load", () => setTimeout(() => notices.start(), START_MS));
