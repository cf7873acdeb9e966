/* The runs above the charts, a chip each, or a line each where they are many; and whose lines are shown. */
import { Chip } from "../../runs/chip.js";
import { shortById } from "../../runs/names.js";
import { address } from "../../shell/address.js";
import { Roster } from "./roster.js";
import { Row } from "./row.js";

/** @import { Run } from "../../api/schema.d.ts" */
/** @import { Colors } from "../../charts/colors.js" */
/** @import { Chart } from "../../charts/lines.js" */
/** @import { Record } from "../../data/record.js" */
/** @import { KnownRecord } from "./gallery.js" */

/**
 * What the runs above the charts do to the charts.
 * @typedef {object} Acts
 * @property {() => void} reshape other runs are shown
 * @property {() => void} draw
 * @property {(id: string | null) => void} light lets one run's lines stand out, or none
 */

const CHIPS = 8; /* more runs than this are lines of a list */
const KEY = "hide";

/** The runs of the page. */
export class Lineup {
  /**
   * @param {Record[]} records
   * @param {Colors} colors
   * @param {HTMLElement} root
   * @param {Acts} acts
   */
  constructor(records, colors, root, acts) {
    this.ids = records.map(({ id }) => id);
    this.colors = colors;
    this.root = root;
    this.acts = acts;
    this.hidden = new Set(address.list(KEY));
    /** @type {Map<string, Chip | Row>} */
    this.chips = new Map();
    this.roster = records.length > CHIPS ? this._list(records) : this._heads(records);
    for (const [id, chip] of this.chips) {
      chip.shown(!this.hidden.has(id));
      chip.element.addEventListener("pointerenter", () => acts.light(id));
      chip.element.addEventListener("pointerleave", () => acts.light(null));
    }
  }

  /** @param {Record[]} records */
  _heads(records) {
    for (const record of records) {
      this.chips.set(record.id, new Chip(record, this.colors.run(record.id), this._toggle(record.id)));
    }
    this.root.replaceChildren(...[...this.chips.values()].map((chip) => chip.element));
    this.root.className = records.length === 1 ? "run-chips one" : "run-chips";
    return null;
  }

  /** @param {Record[]} records */
  _list(records) {
    /** @type {Map<string, Row>} */
    const rows = new Map();
    for (const record of records) {
      rows.set(record.id, new Row(record, this.colors.run(record.id), this._toggle(record.id)));
    }
    this.chips = new Map(rows);
    this.root.className = "";
    return new Roster(rows, this.root, { show: (ids) => this.show(ids), draw: () => this.acts.draw() });
  }

  /** Show the lines of those runs that the address does not hide. */
  read() {
    this.hidden = new Set(address.list(KEY));
    for (const [id, chip] of this.chips) chip.shown(!this.hidden.has(id));
  }

  /**
   * A listener that shows or hides a run; with Alt it shows only this one, or all again.
   * @param {string} id
   */
  _toggle(id) {
    const others = this.ids.filter((other) => other !== id);
    return (/** @type {MouseEvent} */ { altKey }) => {
      const alone = this.hidden.size === others.length && !this.hidden.has(id);
      if (altKey) this.show(alone ? this.ids : [id]);
      else this.show(this.ids.filter((other) => (other === id) === this.hidden.has(other)));
    };
  }

  /**
   * Show only the lines of these runs.
   * @param {string[]} ids
   */
  show(ids) {
    this.hidden = new Set(this.ids.filter((id) => !ids.includes(id)));
    for (const [id, chip] of this.chips) chip.shown(!this.hidden.has(id));
    address.set({ [KEY]: [...this.hidden] });
    this.acts.reshape();
  }

  /**
   * Tell runs apart where they are listed together.
   * @param {KnownRecord[]} known
   */
  name(known) {
    const labels = shortById(known.map(({ run }) => run));
    for (const record of known) {
      record.many = known.length > 1;
      record.label = labels.get(record.id) ?? record.run.name;
      this.update(record.id, record.run);
    }
  }

  /**
   * @param {string} id
   * @param {Run} run
   */
  update(id, run) {
    this.chips.get(id)?.update(run);
  }

  /**
   * @param {string} id of a run that can't be shown
   * @param {string} text
   */
  refuse(id, text) {
    this.chips.get(id)?.refuse(text);
  }

  /**
   * Offer the series that charts draw, where runs are many.
   * @param {Chart[]} charts
   */
  choices(charts) {
    this.roster?.choices(charts);
  }

  /** @param {boolean} single whether one run is left */
  balance(single) {
    for (const chip of this.chips.values()) chip.balance(this.colors, single);
  }

  /** Take over other colors. */
  paint() {
    for (const [id, chip] of this.chips) chip.paint(this.colors.run(id));
  }

  /**
   * Open the form of a fork of the first run.
   * @param {number} step
   */
  fork(step) {
    const [chip] = this.chips.values();
    if (chip instanceof Chip) chip.fork.openAt(step);
  }
}
