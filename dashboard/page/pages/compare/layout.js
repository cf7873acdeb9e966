/* The parts of the compare page in their places. */
import { el, icon } from "../../lib/element.js";

/**
 * The page's body: lines by name, the table, its controls, and charts.
 * @param {Record<"chips" | "same" | "copy" | "table" | "bar" | "board", HTMLElement>} parts
 */
export const body = ({ chips, same, copy, table, bar, board }) =>
  el(
    "div",
    { hidden: true },
    chips,
    el(
      "div",
      {},
      el(
        "div",
        { class: "section-head compare-section" },
        el("h3", {}, "Results and settings"),
        el("span", { class: "spacer" }),
        el("label", { class: "same-choice", for: "compare-same" }, same, "Show equal settings too"),
        copy,
      ),
      table,
    ),
    bar,
    board,
  );

/* In its place while no runs are selected. */
export const nothing = () =>
  el(
    "div",
    { class: "empty", hidden: true },
    icon("chart"),
    el("h3", {}, "No runs are selected"),
    el(
      "p",
      {},
      "Select some in the list above to see their settings, results and curves side by side. The address " +
        "of this page is then a link to the comparison.",
    ),
  );

/**
 * In place of the page where there is nothing to compare.
 * @param {string} text
 */
export const refusal = (text) =>
  el(
    "div",
    { class: "empty" },
    el("h3", {}, "There is nothing to compare"),
    el("p", {}, text),
    el("a", { class: "text-link", href: "/compare" }, "Select runs"),
  );
