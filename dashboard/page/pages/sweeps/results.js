/* The table of a sweep's results: a row for each group of runs that differ in their seed alone. */
import { lineKey } from "../../bands/card.js";
import { el, refill } from "../../lib/element.js";
import { parsed } from "../../lib/numbers.js";
import { plain } from "../../lib/values.js";
import { heading, repeated } from "../../runs/facts.js";
import { go } from "../../shell/navigate.js";
import { viewLink } from "./link.js";
import { spreadWords } from "./summary.js";

/** @import { Group, Run } from "../../api/schema.d.ts" */
/** @import { Look } from "../../bands/entries.js" */
/** @import { Tabular } from "../../lib/tabular.js" */
/** @typedef {Group & Look & { key: string, label: string, members: Run[] }} SweepEntry */
/** @typedef {{ name: string, head: string, best: number }} Metric `best` is the greatest mean of all rows */

/** @type {[name: string, head: string][]} */
const METRICS = [["best", "Best val. accuracy"], ["test.accuracy", "Test accuracy"]];
const NOTE = "Mean ± standard deviation over the runs of a row. Click a row to compare its runs; " +
  "Compare shows the rows side by side.";

/** @param {SweepEntry[]} entries */
const metricsOf = (entries) =>
  METRICS.filter(([name]) => entries.some((entry) => entry.final[name]))
    .map(([name, head]) => ({ name, head, best: best(name, entries) }));

/**
 * The same as a table to print.
 * @param {string} caption
 * @param {string[]} by
 * @param {SweepEntry[]} entries
 * @returns {Tabular}
 */
export function printed(caption, by, entries) {
  const metrics = metricsOf(entries);
  return {
    caption: `${caption}: mean ± standard deviation over runs.`,
    heads: [...(by.length ? by.map(heading) : ["Group"]), "Runs", ...metrics.map(({ head }) => head)],
    rows: entries.map((entry) => [
      ...(by.length ? by.map((name) => plain(entry.values[name])) : ["all"]),
      String(entry.members.length),
      ...metrics.map((metric) => ({
        text: entry.final[metric.name] ? spreadWords(entry.final[metric.name]) : "–",
        strong: isBest(entry, metric, entries.length > 1),
      })),
    ]),
  };
}

/**
 * Whether no other row has a greater mean.
 * @param {SweepEntry} entry
 * @param {Metric} metric
 * @param {boolean} several whether there are other rows
 */
const isBest = (entry, { name, best }, several) =>
  several && entry.final[name] !== undefined && parsed(entry.final[name].mean) === best;

/**
 * @param {HTMLElement} holder
 * @param {string[]} by settings that the groups differ in
 * @param {SweepEntry[]} entries
 * @param {string} power what these runs can't show
 */
export function showResults(holder, by, entries, power) {
  const metrics = metricsOf(entries);
  const table = el(
    "table",
    { class: "runs-table results-table" },
    el("thead", {}, heads(by, metrics)),
    el("tbody", {}, ...entries.map((entry) => line(entry, by, metrics, entries.length > 1))),
  );
  const note = el("p", { class: "form-note table-note" }, `${NOTE} ${power}`);
  refill(holder, [el("div", { class: "table-frame" }, table), note], "group");
}

/**
 * @param {string} name
 * @param {SweepEntry[]} entries
 */
const best = (name, entries) => Math.max(...entries.map((entry) => parsed(entry.final[name]?.mean ?? -1)));

/**
 * @param {string[]} by
 * @param {Metric[]} metrics
 */
function heads(by, metrics) {
  const settings = by.length ? by.map(heading) : ["Group"];
  const head = (/** @type {string} */ text, /** @type {string} */ kind) =>
    el("th", { scope: "col", class: kind }, text);
  return el(
    "tr",
    {},
    ...settings.map((text) => head(text, "")),
    head("Runs", "c-num"),
    ...metrics.map((metric) => head(metric.head, "c-num")),
  );
}

/**
 * @param {SweepEntry} entry
 * @param {string[]} by
 * @param {Metric[]} metrics
 * @param {boolean} several whether there are other rows
 */
function line(entry, by, metrics, several) {
  const [first = "all", ...others] = by.map((name) => plain(entry.values[name]));
  const address = `/compare?runs=${entry.runs.join(",")}`;
  const completed = entry.members.filter((run) => run.state === "completed").length;
  const cell = (/** @type {string | undefined} */ label, /** @type {Node | string} */ child) =>
    el("td", { "data-label": label === undefined ? null : heading(label) }, child);
  return el(
    "tr",
    { "data-group": entry.label, onclick: () => go(address) },
    cell(by[0], viewLink(address, "group-link", lineKey(entry), first)),
    ...others.map((text, i) => cell(by[i + 1], text)),
    el("td", { class: "c-num", "data-label": "Completed" }, completedWords(completed, entry)),
    ...metrics.map((metric) => numberCell(entry, metric, several)),
  );
}

/**
 * "3 of 4, 1 repeat not counted"
 * @param {number} completed
 * @param {Pick<SweepEntry, "members" | "repeats">} entry
 */
const completedWords = (completed, { members, repeats }) =>
  `${completed} of ${members.length}${repeated(repeats?.length ?? 0)}`;

/**
 * @param {SweepEntry} entry
 * @param {Metric} metric
 * @param {boolean} several
 */
function numberCell(entry, metric, several) {
  const { name, head } = metric;
  const spread = entry.final[name];
  const strong = isBest(entry, metric, several);
  const words = spread ? spreadWords(spread) : "–";
  return el("td", { class: strong ? "c-num strong" : "c-num", "data-label": head }, words);
}
