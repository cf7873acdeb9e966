/* The smoothing slider: where it is, is written into the address and remembered, and taken from there. */
import { setSmoothing, smoothing, USUAL } from "../../charts/smoothing.js";
import { el } from "../../lib/element.js";
import { store, stored } from "../../lib/storage.js";
import { address } from "../../shell/address.js";

const KEY = "smooth"; /* in the address */
const KEPT = "rhoscope-smoothing";

/** @param {string} text */
function percentOf(text) {
  const percent = text === "" ? NaN : Number(text);
  return Number.isFinite(percent) ? Math.round(Math.max(0, Math.min(100, percent))) : null;
}

/** The slider, and its name. */
export class Slider {
  /** @param {(before: number) => void} moved called with the smoothing until now */
  constructor(moved) {
    const oninput = () => {
      const before = smoothing.percent;
      this._set(Number(this.input.value));
      store(KEPT, String(smoothing.percent));
      address.set({ [KEY]: smoothing.percent });
      moved(before);
    };
    this.input = el("input", {
      type: "range",
      class: "range",
      "aria-label": "Smoothing in percent",
      oninput,
    });
    this.elements = [el("span", { class: "toolbar-label" }, "Smoothing"), this.input];
  }

  /** Move it to where the address says, or to where it was last. */
  read() {
    const named = percentOf(address.get(KEY));
    const percent = named ?? percentOf(stored(KEPT)) ?? USUAL;
    this._set(percent);
    if (named === null && percent !== USUAL) address.set({ [KEY]: percent });
  }

  /** @param {number} percent */
  _set(percent) {
    setSmoothing(percent);
    this.input.value = String(percent);
  }
}
