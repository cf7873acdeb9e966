/* Cells of the table of runs: one for each column of a row, filled again for another run. */
import { huesOf } from "../../charts/hues.js";
import { el, say } from "../../lib/element.js";
import { leader, Spark } from "../../runs/spark.js";
import { badge, progress } from "../../runs/state.js";
import { fillTags } from "../../runs/tags.js";
import { runColumns, runWords } from "./columns.js";

/** @import { Run, Spark as Curves } from "../../api/schema.d.ts" */
/** @typedef {{ element: HTMLElement, fill: (run: Run, curves: Curves | null) => void }} Cell */

/** @type {Record<string, () => Cell>} */
const DRAWN = {
  state: stateCell,
  progress: progressCell,
  rho: ratioCell,
  accuracy: accuracyCell,
  tags: tagsCell,
};

/**
 * A cell of a column.
 * @param {string} name
 */
export function cellOf(name) {
  const text = runColumns.column(name)?.text;
  return text ? textCell(text) : DRAWN[name]();
}

/**
 * @param {(run: Run) => string} text
 * @returns {Cell}
 */
function textCell(text) {
  const element = el("span", { class: "cell-text" });
  return {
    element,
    fill(run) {
      const words = text(run);
      say(element, words);
      element.title = words;
    },
  };
}

/** @returns {Cell} */
function stateCell() {
  const element = badge("queued");
  return {
    element,
    fill(run) {
      say(element, run.state);
      element.dataset.state = run.state;
      element.title = run.reason;
    },
  };
}

/** @returns {Cell} */
function progressCell() {
  const fill = el("div", { class: "bar-fill" });
  const text = el("div", { class: "muted small cell-text" });
  return {
    element: el("div", { class: "progress-cell" }, el("div", { class: "bar" }, fill), text),
    fill(run) {
      fill.style.width = `${100 * run.progress}%`;
      say(text, runWords.brief(run));
      text.title = progress(run);
    },
  };
}

/** @returns {Cell} */
function ratioCell() {
  const chart = new Spark("rho");
  const now = el("span", { class: "spark-now" });
  return {
    element: el("div", { class: "spark-cell" }, chart.element, now),
    fill(run, curves) {
      chart.fill(run, curves);
      const lead = curves ? leader(run) : null;
      say(now, lead ? runWords.ratio(lead) : "");
      now.className = lead
        ? `spark-now spark-modality-${huesOf(run.modalities).get(lead.modality)}`
        : "spark-now";
      now.title = lead ? runWords.ratioTitle(lead) : "";
    },
  };
}

/** @returns {Cell} */
function accuracyCell() {
  const chart = new Spark("accuracy");
  return {
    element: el("div", { class: "spark-cell" }, chart.element),
    fill: (run, curves) => chart.fill(run, curves),
  };
}

/** @returns {Cell} */
function tagsCell() {
  const element = el("div", { class: "tags" });
  return { element, fill: (run) => fillTags(element, run.tags) };
}
