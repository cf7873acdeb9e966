/* A chart as a file: drawing, image, or the raw values in view. */
import { ask } from "../api/ask.js";
import { beginning } from "./extent.js";
import { csvRows, quoted } from "../lib/csv.js";
import { download } from "../lib/download.js";
import { whole } from "../lib/numbers.js";
import { reason } from "../lib/reason.js";
import { complain } from "../shell/banner.js";
import { recordsOf } from "./legend.js";
import { paperPdf } from "./paper-pdf.js";
import { paperSvg } from "./paper-svg.js";
import { paperFigure } from "./paper.js";
import { chartSvg } from "./svg.js";

/** @import { SeriesAnswer, SeriesData } from "../api/schema.d.ts" */
/** @import { Record } from "../data/record.js" */
/** @import { Kind, SavedFile } from "../lib/download.js" */
/** @import { MenuChoice } from "../lib/menu.js" */
/** @import { Card } from "./card.js" */
/** @import { Line } from "./lines.js" */
/** @import { PaperPicture } from "./paper.js" */

const CELLS = 200_000; /* read and written at once, so that the page stays responsive */
const ROWS = { least: 500, most: 20_000 };
const POINTS = 100_000; /* more than the rows read at once: nothing is thinned */

/** @type {[Kind, string][]} */
const FORMATS = [
  ["png", "PNG image"],
  ["svg", "SVG vector"],
  ["paper.svg", "Figure for a paper (vector)"],
  ["pdf", "Figure for a paper (PDF)"],
  ["csv", "Raw values (CSV)"],
];
/** @type {Kind[]} */
const ALL = ["png", "svg", "paper.svg", "pdf", "csv"];

/**
 * The entries of a menu for saving a file, in all formats or some.
 * @param {() => SavedFile} file
 * @param {Kind[]} [kinds]
 * @returns {MenuChoice[]}
 */
export const downloads = (file, kinds = ALL) =>
  FORMATS.filter(([kind]) => kinds.includes(kind)).map(([kind, text]) => ({
    text,
    act: () => {
      download(kind, file()).catch((error) => complain(`The file can't be created: ${reason(error)}`));
    },
  }));

/**
 * A card of a chart as a file.
 * @param {Card} card
 * @returns {SavedFile}
 */
export const cardFile = (card) => ({
  name: `${card.chart.name}_${titleOf(card)}_steps-${rangeOf(card).join("-")}`,
  drawing: () => drawing(card),
  paper: (kind) => paper(card, kind),
  values: () => csv(card),
});

/**
 * A figure for a paper.
 * @param {Card} card
 * @param {"svg" | "pdf"} kind
 */
function paper({ plot, chart, lines }, kind) {
  const picture = plot.picture();
  if (!picture) return null;
  const up = chart.unit === "1" ? chart.title : `${chart.title} (${chart.unit})`;
  return paperFile({ ...picture, keys: keysOf(lines), reference: chart.reference, across: "Step", up }, kind);
}

/**
 * @param {PaperPicture} picture
 * @param {"svg" | "pdf"} kind
 */
export const paperFile = (picture, kind) =>
  kind === "pdf" ? paperPdf(paperFigure(picture)) : paperSvg(paperFigure(picture));

/** @param {Line[]} lines */
function keysOf(lines) {
  const several = recordsOf(lines).length > 1;
  const label = (/** @type {Line} */ line) => several ? `${line.record.label} · ${line.label}` : line.label;
  return lines.map((line) => ({
    label: label(line),
    color: line.color,
    dash: line.dash,
    sparse: line.sparse,
    filled: line.filled,
  }));
}

/** @param {Card} card */
function drawing({ plot, chart, lines, view }) {
  const picture = plot.picture();
  if (!picture) return null;
  return chartSvg({
    ...picture,
    title: chart.title,
    unit: chart.unit === "1" ? "" : chart.unit,
    subtitle: `${titleOf({ lines })} · steps ${whole(picture.x0)} – ${whole(picture.x1)}`,
    keys: keysOf(lines),
    reference: chart.reference,
    colors: view.colors,
  });
}

/**
 * Every stored value of the steps in view: a row per step, a column per run and series.
 * @param {Card} card
 */
async function csv(card) {
  const [x0, x1] = rangeOf(card);
  const { lines } = card;
  const rows = Math.min(ROWS.most, Math.max(ROWS.least, Math.floor(CELLS / Math.max(1, lines.length))));
  const head = ["step", ...lines.map(({ record, name }) => `${record.run?.name} (${record.id}) ${name}`)];
  const parts = [`${head.map(quoted).join(",")}\n`];
  for (let start = x0; start <= x1; start += rows) {
    parts.push(csvRows(await columns(lines, start, Math.min(x1, start + rows - 1))));
  }
  return new Blob(parts, { type: "text/csv" });
}

/**
 * The stored values of some lines.
 * @param {Line[]} lines
 * @param {number} start
 * @param {number} end
 */
async function columns(lines, start, end) {
  const records = recordsOf(lines);
  const answers = await Promise.all(records.map((record) => exact(record, lines, start, end)));
  const NONE = { steps: [], values: [] };
  return lines.map(({ record, name }) => answers[records.indexOf(record)].get(name) ?? NONE);
}

/**
 * @param {Record} record
 * @param {Line[]} lines
 * @param {number} start
 * @param {number} end
 * @returns {Promise<Map<string, SeriesData>>} by name
 */
async function exact(record, lines, start, end) {
  const names = lines.filter((line) => line.record === record).map((line) => line.name);
  const query = new URLSearchParams({
    names: names.join(","),
    start: String(start),
    end: String(end),
    points: String(POINTS),
  });
  /** @type {SeriesAnswer} */
  const answer = await ask(`/runs/${encodeURIComponent(record.id)}/series?${query}`);
  return new Map(answer.series.map((series) => [series.name, series]));
}

/** @param {Card} card */
function rangeOf({ lines, view }) {
  const last = Math.max(0, ...recordsOf(lines).map((record) => record.end));
  const [x0, x1] = view.zoom ?? [beginning(recordsOf(lines)), last];
  return [Math.max(0, Math.floor(x0)), Math.min(last + 1, Math.ceil(x1))];
}

/** @param {{ lines: Line[] }} card */
function titleOf({ lines }) {
  const records = recordsOf(lines);
  return records.length === 1 ? records[0].run?.name ?? records[0].id : `${records.length} runs`;
}
