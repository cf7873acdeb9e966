/* The page's own live connection: one WebSocket, resumed from a cursor per run, healing by itself. */
import { decode } from "./block.js";
import { stats } from "../lib/stats.js";

const PAUSE_MS = [200, 3000];
const REFUSED = [4400, 4499]; /* what was asked for does not exist or may not be had: trying again is vain */
const QUIET_MS = 45000; /* the API pings more often than this */

export class Feed {
  /* `query()` gives the address's parameters at each (re)connection; `take(message)` gets a block or an object;
     `changed(up, reason)` is told of each connection and each loss, with a reason where it is for good.
     `aside`: not what the page shows, so that its connection is not the page's. */
  constructor(query, take, changed, aside = false) {
    this.aside = aside;
    this.query = query;
    this.take = take;
    this.changed = changed;
    this.pause = PAUSE_MS[0];
    this.closed = false;
    this.opened = 0;
    this._awake = () => document.visibilityState === "visible" && this._hurry();
    this._online = () => this._hurry();
    document.addEventListener("visibilitychange", this._awake);
    window.addEventListener("online", this._online);
    this._open();
    this._watch = setInterval(() => this._check(), 5000);
  }

  _open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(
      `${scheme}://${location.host}/api/v1/live?${new URLSearchParams(this.query())}`,
    );
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.heard = performance.now();
    socket.onmessage = (message) => socket === this.socket && this._message(message.data);
    socket.onclose = (event) => socket === this.socket && this._lost(event.code);
  }

  _message(data) {
    this.heard = performance.now();
    const message = typeof data === "string" ? JSON.parse(data) : { type: "block", block: decode(data) };
    if (message.type === "error") this.problem = message.problem;
    else this._connected();
    this.take(message);
  }

  _connected() {
    if (this.up) return;
    this.up = true;
    this.pause = PAUSE_MS[0];
    if (!this.aside) {
      if (this.opened++) stats.reconnects++;
      stats.connected = true;
    }
    this.changed(true);
  }

  _lost(code) {
    this.socket = null;
    if (this.closed) return;
    this.up = false;
    if (!this.aside) stats.connected = false;
    if (code >= REFUSED[0] && code <= REFUSED[1]) {
      this.close();
      this.changed(false, this.problem?.detail ?? "The live connection was refused. Load the page again.");
      return;
    }
    this.changed(false);
    this._again = setTimeout(() => this._open(), this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(PAUSE_MS[1], 2 * this.pause);
  }

  _hurry() {
    if (this.socket || this.closed) return;
    clearTimeout(this._again);
    this._open();
  }

  _check() {
    if (this.socket && performance.now() - this.heard > QUIET_MS) this.drop();
  }

  /* Close the present connection and make a new one. */
  drop() {
    const socket = this.socket;
    if (!socket) return;
    socket.onclose = null;
    socket.close();
    this._lost();
  }

  close() {
    this.closed = true;
    clearTimeout(this._again);
    clearInterval(this._watch);
    document.removeEventListener("visibilitychange", this._awake);
    window.removeEventListener("online", this._online);
    this.socket?.close();
    this.socket = null;
  }
}
