/* A page that is read again and again, ever more seldom where answers take long. */
import { Refused, send } from "../api/ask.js";
import { reason } from "../lib/reason.js";
import { stats } from "../lib/stats.js";
import { complain, connection } from "./banner.js";

const EVERY_MS = 2000;
const SILENT_MS = 5000; /* without an answer: a reader should know */
const SHARE = 4; /* a pause is this many times as long as the answer took */

/** A page that shows what the API answers, and asks again. */
export class Renewed {
  static EVERY_MS = EVERY_MS;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.alive = true;
    this.turn = 0;
    this.every = EVERY_MS; /* milliseconds between two readings */
    this.timer = 0;
    const { promise, resolve } = Promise.withResolvers();
    this.ready = promise; /* the first reading was shown, or has failed */
    this._answered = resolve;
  }

  /**
   * Ask and show, unless `turn` is another one once there is an answer.
   * @abstract
   * @returns {Promise<unknown>}
   */
  load() {
    return Promise.resolve();
  }

  /**
   * Say that there is no such thing.
   * @param {string} words
   * @returns {boolean | void} false: it is asked for again
   */
  refuse(words) {
    connection(false, words);
    return false;
  }

  /** Read now, and from now on. */
  async renew() {
    clearTimeout(this.timer);
    const turn = ++this.turn;
    const began = performance.now();
    const silent = setInterval(() => this._silent(performance.now() - began), SILENT_MS);
    try {
      await this.load();
      if (!this.alive) return;
      connection(true);
      stats.connected = true;
    } catch (error) {
      if (!this.alive || turn !== this.turn || !this._failed(error)) return;
    } finally {
      clearInterval(silent);
      this._answered(null);
    }
    if (turn !== this.turn) return;
    const pause = Math.max(this.every, SHARE * (performance.now() - began));
    this.timer = setTimeout(() => this.renew(), pause);
  }

  /** @param {number} since milliseconds without an answer */
  _silent(since) {
    if (this.alive) connection(true, undefined, Math.floor(since / 1000));
  }

  /**
   * Say what failed; whether to ask again.
   * @param {unknown} error
   */
  _failed(error) {
    if (error instanceof Refused && error.status === 404) return this.refuse(error.message) === false;
    connection(false, reason(error));
    return true;
  }

  /**
   * Order something, say a refusal in the banner, and read again.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  async _send(method, path, body) {
    try {
      await send(method, path, body);
      complain("");
    } catch (error) {
      complain(reason(error));
    }
    if (this.alive) this.renew();
  }

  recolor() {}

  leave() {
    this.alive = false;
    clearTimeout(this.timer);
  }
}
