/* A panel that is read while it is open, again and again until its run has ended. */
import { ended } from "../../../api/states.js";
import { say } from "../../../lib/element.js";
import { reason } from "../../../lib/reason.js";

/** @import { Record } from "../../../data/record.js" */

export class Followed {
  /**
   * @param {Record} record
   * @param {HTMLElement} root
   * @param {() => boolean} alive whether the page is still open
   * @param {number} every milliseconds between two readings
   */
  constructor(record, root, alive, every) {
    this.record = record;
    this.root = root;
    this.alive = alive;
    this.every = every;
    this.timer = 0;
    this.note = document.createElement("p"); /* what is wrong, or why there is nothing */
    this.note.className = "muted";
  }

  /** @param {boolean} open */
  async opened(open) {
    clearTimeout(this.timer);
    if (open) await this._read();
  }

  update() {}

  add() {}

  /**
   * Ask for what is shown, and show it.
   * @abstract
   * @returns {Promise<void>}
   */
  load() {
    return Promise.resolve();
  }

  async _read() {
    try {
      await this.load();
    } catch (error) {
      say(this.note, reason(error));
      this.note.hidden = false;
    }
    const { run } = this.record;
    clearTimeout(this.timer);
    if (this.alive() && this.root.closest("details")?.open && !(run && ended(run.state))) {
      this.timer = setTimeout(() => this._read(), this.every);
    }
  }
}
