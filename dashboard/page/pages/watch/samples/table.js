/* A table of examples, sorted by any of its columns. */
import { el } from "../../../lib/element.js";
import { points } from "../../../lib/numbers.js";

/** @import { Order, Sample } from "../../../data/samples.js" */
/** @import { Tabular } from "../../../lib/tabular.js" */

/** @typedef {{ order: Order, selected: string, sort: Act, choose: Act }} View */
/** @typedef {(name: string) => void} Act */

/** @param {number | null} p */
const share = (p) => (p === null ? "–" : `${(100 * p).toFixed(1)} %`);
/** @param {number | null} gap */
const ahead = (gap) => (gap === null ? "–" : points(gap));

/**
 * The columns after name and class: what the network says, in the order of the pair.
 * @param {string[]} modalities
 * @param {string[]} pair
 * @returns {{ key: string, title: string, text: (sample: Sample) => string }[]}
 */
function columnsOf(modalities, pair) {
  const each = modalities.map((m) => ({
    key: `alone.${m}`,
    title: m,
    text: (/** @type {Sample} */ { alone }) => share(alone[m] ?? null),
  }));
  const together = {
    key: "together",
    title: "together",
    text: (/** @type {Sample} */ sample) => share(sample.together),
  };
  const gap = {
    key: "gap",
    title: `${pair[0]} − ${pair[1]}`,
    text: (/** @type {Sample} */ sample) => ahead(sample.gap),
  };
  return [...each, together, ...(pair.length ? [gap] : [])];
}

/**
 * @param {Sample[]} samples
 * @param {string[]} modalities
 * @param {string[]} pair
 * @param {string} caption
 * @returns {Tabular}
 */
export function tabular(samples, modalities, pair, caption) {
  const columns = columnsOf(modalities, pair);
  return {
    caption,
    heads: ["example", "class", ...columns.map(({ title }) => title)],
    rows: samples.map((sample) => [sample.name, sample.label, ...columns.map(({ text }) => text(sample))]),
  };
}

/**
 * @param {Sample[]} samples in their order
 * @param {string[]} modalities
 * @param {string[]} pair
 * @param {View} view
 */
export function table(samples, modalities, pair, { order, selected, sort, choose }) {
  const columns = [
    { key: "name", title: "example", text: null },
    { key: "label", title: "class", text: (/** @type {Sample} */ sample) => sample.label },
    ...columnsOf(modalities, pair),
  ];
  const heads = columns.map(({ key, title }) => {
    const sorted = key === order.key ? (order.down ? "descending" : "ascending") : null;
    const mark = sorted ? (order.down ? " ↓" : " ↑") : "";
    return el(
      "th",
      { scope: "col", "aria-sort": sorted },
      el("button", { type: "button", class: "samples-sort", onclick: () => sort(key) }, `${title}${mark}`),
    );
  });
  const row = (/** @type {Sample} */ sample) =>
    el(
      "tr",
      { "aria-current": sample.name === selected ? "true" : null, "data-example": sample.name },
      ...columns.map(({ text }) => el("td", {}, text ? text(sample) : opener(sample.name, choose))),
    );
  return el(
    "div",
    { class: "samples-frame", role: "region", "aria-label": "Examples of this validation", tabindex: "0" },
    el(
      "table",
      { class: "samples-table" },
      el("thead", {}, el("tr", {}, ...heads)),
      el("tbody", {}, ...samples.map(row)),
    ),
  );
}

/**
 * @param {string} name
 * @param {(name: string) => void} choose
 */
const opener = (name, choose) =>
  el("button", { type: "button", class: "samples-open", title: name, onclick: () => choose(name) }, name);
