/* The page's own live connection: one WebSocket, resumed from a cursor per run, healing by itself. */
import { logIn } from "../lib/login.js";
import { within } from "../lib/prefix.js";
import { stats } from "../lib/stats.js";
import { decode } from "./block.js";

/** @import { Block } from "./block.js" */
/** @import { Event, Problem, Run } from "./schema.d.ts" */

/**
 * What the API sends. `gap`: rows that it no longer has in memory and that must be read from the store.
 * @typedef {{ type: "block", block: Block }
 *   | { type: "event", event: Event }
 *   | { type: "run", run: Run }
 *   | { type: "deleted", run: string }
 *   | { type: "gap", run: string, start: number, end: number }
 *   | { type: "error", problem: Problem }
 *   | { type: "ping" }} Message
 */

const PAUSE_MS = [200, 3000];
const REFUSED = [
  4400,
  4499,
]; /* the request names what does not exist, or is not allowed: no use trying again */
const STRANGER = 4401; /* nobody is logged in, or not any more */
const QUIET_MS = 45000; /* the API pings more often than this */
const SILENT_MS = 5000; /* of no news at all: a reader should know */
const CHECK_MS = 1000;

/** A connection to the API that lasts until it is closed. */
export class Feed {
  /**
   * @param {() => Record<string, string>} query gives the parameters of the address at each (re)connection
   * @param {(message: Message) => void} take
   * @param {(up: boolean, reason?: string, silent?: number) => void} changed is called at each connection and
   * each loss, with a reason where the loss is for good, and with the seconds in which nothing came
   * @param {boolean} [aside] whether it serves something beside what the page shows, so that its state is not
   * the page's
   */
  constructor(query, take, changed, aside = false) {
    this.query = query;
    this.take = take;
    this.changed = changed;
    this.aside = aside;
    this.pause = PAUSE_MS[0];
    this.closed = false;
    this.opened = 0;
    /** @type {boolean | null} null until it was up for the first time */
    this.up = null;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {Problem | null} */
    this.problem = null;
    this.heard = 0; /* when the last message came */
    this.silent = false;
    this.again = 0; /* the timer of the next try */
    this._awake = () => {
      if (document.visibilityState === "visible") this._hurry();
    };
    this._online = () => this._hurry();
    document.addEventListener("visibilitychange", this._awake);
    globalThis.addEventListener("online", this._online);
    this._open();
    this._watch = setInterval(() => this._check(), CHECK_MS);
  }

  _open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(
      `${scheme}://${location.host}${within("/api/v1/live")}?${new URLSearchParams(this.query())}`,
    );
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.heard = performance.now();
    socket.onmessage = (message) => socket === this.socket && this._message(message.data);
    socket.onclose = (event) => socket === this.socket && this._lost(event.code);
  }

  /** @param {string | ArrayBuffer} data */
  _message(data) {
    this.heard = performance.now();
    /** @type {Message} */
    const message = typeof data === "string" ? JSON.parse(data) : { type: "block", block: decode(data) };
    if (message.type === "error") this.problem = message.problem;
    else this._connected();
    this.take(message);
  }

  _connected() {
    if (this.silent) {
      this.silent = false;
      this.changed(true);
    }
    if (this.up) return;
    this.up = true;
    this.pause = PAUSE_MS[0];
    if (!this.aside) {
      if (this.opened++) stats.reconnects++;
      stats.connected = true;
    }
    this.changed(true);
  }

  /** @param {number} code why the socket was closed; 0: by this page */
  _lost(code) {
    this.socket = null;
    if (this.closed) return;
    this.up = false;
    this.silent = false;
    if (!this.aside) stats.connected = false;
    if (code === STRANGER) logIn();
    if (code >= REFUSED[0] && code <= REFUSED[1]) {
      this.close();
      this.changed(false, this.problem?.detail ?? "The live connection was refused. Reload the page.");
      return;
    }
    this.changed(false);
    this.again = setTimeout(() => this._open(), this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(PAUSE_MS[1], 2 * this.pause);
  }

  _hurry() {
    if (this.socket || this.closed) return;
    clearTimeout(this.again);
    this._open();
  }

  _check() {
    if (!this.socket) return;
    const quiet = performance.now() - this.heard;
    if (quiet > QUIET_MS) this.drop();
    else if (quiet > SILENT_MS && this.up) {
      this.silent = true;
      this.changed(true, undefined, Math.floor(quiet / 1000));
    }
  }

  /** Close the present connection and make a new one. */
  drop() {
    const socket = this.socket;
    if (!socket) return;
    socket.onclose = null;
    socket.close();
    this._lost(0);
  }

  close() {
    this.closed = true;
    clearTimeout(this.again);
    clearInterval(this._watch);
    document.removeEventListener("visibilitychange", this._awake);
    globalThis.removeEventListener("online", this._online);
    const { socket } = this;
    this.socket = null;
    /* A reader may leave before it is open: closed by then, the browser would say that it failed. */
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }
}
