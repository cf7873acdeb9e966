/* The smoothing slider: where it is, is written into the address, and taken from there. */
import { smoothing } from "../../charts/smoothing.js";
import { setProps } from "../../dash.js";
import { address } from "../../shell/address.js";

const KEY = "smooth";

/** The slider, which is one of Dash's components and remembers its place itself. */
export class Slider {
  constructor() {
    /** @type {number | null} where the address puts it, until it is there */
    this.due = null;
  }

  /** Move it to where the address says. */
  read() {
    const text = address.get(KEY);
    this.due = text === "" ? null : Number(text);
    if (this.due !== null) setProps("smoothing", { value: this.due });
  }

  /**
   * It was moved, or Dash reported its first place.
   * @param {number} before the smoothing until now
   * @returns {boolean} whether this is where it should be
   */
  moved(before) {
    const { percent } = smoothing;
    if (this.due !== null && this.due !== percent) return false;
    if (this.due === null && before !== percent) address.set({ [KEY]: percent });
    this.due = null;
    return true;
  }
}
