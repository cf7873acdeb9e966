/* The charts of a search in a report. */
import { completed } from "../charts/search/axis.js";
import { contour, contourWords } from "../charts/search/contour.js";
import { history } from "../charts/search/history.js";
import { importance } from "../charts/search/importance.js";
import { parallel } from "../charts/search/parallel.js";
import { slice } from "../charts/search/slice.js";
import { el } from "../lib/element.js";

/** @import { Importance, Surface, Trials } from "../api/schema.d.ts" */
/** @typedef {{ trials: Trials, importance: Importance, surface: Surface | null }} SearchResults */

const PADDING_PX = 30;

/**
 * Draw them in their place, in which they have room for two beside each other.
 * @param {HTMLElement} holder
 * @param {SearchResults} results
 */
export function drawSearch(holder, { trials, importance: decisive, surface }) {
  holder.replaceChildren();
  if (!completed(trials.trials).length) return;
  const whole = holder.clientWidth;
  const half = whole > 800 ? (whole - 16) / 2 : whole;
  const first = decisive.settings[0]?.name ?? Object.keys(trials.search.space)[0];
  const card = (
    /** @type {string} */ title,
    /** @type {number} */ width,
    /** @type {(width: number) => SVGElement | null} */ draw,
    note = "",
  ) => {
    const head = el("header", {}, el("h3", {}, title));
    const frame = el("div", { class: "trials" });
    const drawn = draw(width - PADDING_PX);
    if (drawn) frame.append(drawn);
    holder.append(
      el("article", { class: "chart", style: `width:${width}px` }, head, frame, el("p", {}, note)),
    );
  };
  const weighed = decisive.settings.length > 0;
  card("Trials and the best so far", half, (width) => history(trials, width));
  card("Importance", half, (width) => (weighed ? importance(decisive, width) : null), decisive.note ?? "");
  card("All trials", whole, (width) => parallel(trials, width));
  card(`Slice: ${first}`, half, (width) => slice(trials, first, width));
  if (surface) card("Contour", half, (width) => contour(trials, surface, width), contourWords(trials));
}
