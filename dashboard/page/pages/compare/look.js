/* How runs are compared: by which settings, on which axis, which series; the address holds it. */
import { isAxis, zoomOfAddress } from "../../bands/axes.js";
import { address } from "../../shell/address.js";

/** @import { Range } from "../../bands/axes.js" */
/**
 * @typedef {object} Look
 * @property {string[]} by settings by which runs are grouped; none: each run alone
 * @property {string} align the name of the axis
 * @property {string[]} series names; none: the usual ones
 * @property {number} smooth in percent
 * @property {Range | null} zoom
 * @property {string[]} flip series whose axis is not of the declared scale
 * @property {string[]} hide keys of the lines that are hidden
 * @property {string} base a run of the baseline
 * @property {boolean} same whether settings that all runs share are listed
 */

const SMOOTH = 25;

/* Parts of a look for which the API has another answer. */
const REQUESTED = ["by", "align", "series", "zoom", "base"];

/**
 * Whether a change needs another answer.
 * @param {Partial<Look>} changes
 */
export const requests = (changes) => REQUESTED.some((name) => name in changes);

/** @returns {Look} */
export function lookOfAddress() {
  const { get, list } = address;
  return {
    by: list("by"),
    align: isAxis(get("align")) ? get("align") : "step",
    series: list("series"),
    smooth: Math.min(100, Number(get("smooth", String(SMOOTH))) || 0),
    zoom: zoomOfAddress(),
    flip: list("flip"),
    hide: list("hide"),
    base: get("base"),
    same: get("same") === "1",
  };
}

/** @param {Look} look */
export function writeLook({ align, zoom, smooth, same, ...lists }) {
  address.set({
    ...lists,
    align: align === "step" ? "" : align,
    zoom: zoom ? zoom.join(":") : "",
    smooth: smooth === SMOOTH ? "" : smooth,
    same: same ? 1 : "",
  });
}
