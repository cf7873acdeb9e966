/* One of a run's tables over time: read from the store when it is first shown, then kept up to date by live
   events. */
import { ask } from "../api/ask.js";
import { parsed } from "../lib/numbers.js";

/** @import { Event, TablesAnswer } from "../api/schema.d.ts" */
/** @import { Record } from "./record.js" */

/**
 * A table at a step, its values by row and column; NaN where there is none.
 * @typedef {{ step: number, epoch: number, values: number[][] }} Frame
 */

/**
 * What an event of kind `table` carries.
 * @typedef {object} TableData
 * @property {string} name
 * @property {string[]} rows
 * @property {string[]} columns
 * @property {number} epoch
 * @property {(number | null)[][]} values by row and column
 */

const POINTS = 120; /* frames read at most */
const MOST = 400; /* frames kept; beyond, every second one is dropped */
const AGAIN_MS = 3000;

export class Table {
  /**
   * @param {Record} record
   * @param {string} name
   */
  constructor(record, name) {
    this.record = record;
    this.name = name;
    /** @type {string[]} */
    this.rows = [];
    /** @type {string[]} */
    this.columns = [];
    /** By step. @type {Frame[]} */
    this.frames = [];
    this.version = 0;
    this.requested = false;
  }

  /**
   * Read what is stored, once.
   * @param {() => boolean} alive whether it is still shown
   * @param {() => void} then called when it has arrived
   */
  async look(alive, then) {
    if (this.requested) return;
    this.requested = true;
    const path = `/runs/${encodeURIComponent(this.record.id)}/tables?name=${this.name}&points=${POINTS}`;
    try {
      const answer = /** @type {TablesAnswer} */ (await ask(path));
      if (!alive()) return;
      this.history(answer);
      then();
    } catch {
      setTimeout(() => {
        this.requested = false;
        if (alive()) this.look(alive, then);
      }, AGAIN_MS);
    }
  }

  /** @param {TablesAnswer} answer */
  history(answer) {
    if (answer.steps.length) this._label(answer);
    answer.steps.forEach((step, i) =>
      this._put({ step, epoch: answer.epochs[i], values: answer.values[i].map(numbers) })
    );
  }

  /** @param {Pick<Event, "step" | "data">} event of kind `table` */
  take({ step, data }) {
    const table = /** @type {TableData} */ (data);
    this._label(table);
    this._put({ step, epoch: table.epoch, values: table.values.map(numbers) });
  }

  /**
   * A later attempt begins at `step`: what was reported after it no longer counts.
   * @param {number} step
   */
  cut(step) {
    this.frames = this.frames.filter((frame) => frame.step <= step);
    this.version++;
  }

  /** @param {{ rows: string[], columns: string[] }} labels */
  _label({ rows, columns }) {
    if (this.rows.join("\n") === rows.join("\n") && this.columns.join() === columns.join()) return;
    [this.rows, this.columns, this.frames] = [rows, columns, []];
  }

  /** @param {Frame} frame */
  _put(frame) {
    let i = this.frames.length;
    while (i > 0 && this.frames[i - 1].step >= frame.step) i--;
    this.frames.splice(i, this.frames[i]?.step === frame.step ? 1 : 0, frame);
    if (this.frames.length > MOST) {
      this.frames = this.frames.filter((_, at) => at % 2 === 1 || at === this.frames.length - 1);
    }
    this.version++;
  }
}

/** @param {(number | null)[]} row */
const numbers = (row) => row.map((value) => (value === null ? NaN : parsed(value)));

/**
 * A record's table of a name.
 * @param {Record} record
 * @param {string} name
 */
export function tableOf(record, name) {
  const table = record.tables.get(name) ?? new Table(record, name);
  record.tables.set(name, table);
  return table;
}

/**
 * Another text whenever any of these tables changed.
 * @param {Map<string, Table>} tables
 */
export const versionsOf = (tables) => [...tables.values()].map((table) => table.version).join();
