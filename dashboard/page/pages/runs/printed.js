/* Runs as a table to print, with the columns that are in sight. Pure. */
import { leader } from "../../runs/spark.js";
import { runColumns, runWords } from "./columns.js";

/** @import { Run } from "../../api/schema.d.ts" */
/** @import { Tabular } from "../../lib/tabular.js" */

/** Columns that are drawn, in words. @type {{ [name: string]: ((run: Run) => string) | undefined }} */
const WORDS = {
  state: (run) => run.state,
  progress: (run) => runWords.brief(run),
  rho: (run) => {
    const lead = leader(run);
    return lead ? runWords.ratio(lead) : "–";
  },
  tags: (run) => run.tags.join(", ") || "–",
};

/**
 * @param {Run[]} runs
 * @param {string[]} columns
 * @returns {Tabular}
 */
export function printed(runs, columns) {
  const given = columns.map((name) => ({ name, column: runColumns.column(name) }));
  const shown = given.flatMap(({ name, column }) => {
    const text = column?.text ?? WORDS[name];
    return column && text ? [{ title: column.title, text }] : [];
  });
  return {
    caption: `${runs.length} ${runs.length === 1 ? "run" : "runs"}.`,
    heads: ["Run", ...shown.map(({ title }) => title)],
    rows: runs.map((run) => [run.name, ...shown.map(({ text }) => text(run))]),
  };
}
