/* A card of bands as files: the drawing as it is shown, and the values in it. */
import { paperFile } from "../charts/download.js";
import { chartSvg } from "../charts/svg.js";
import { ticks } from "../charts/ticks.js";
import { pieces } from "../charts/tones.js";
import { quoted } from "../lib/csv.js";

/** @import { BandCard, Shown } from "./card.js" */

const TICKS = 8;
const PAPER_TICKS = 5;

/** @param {BandCard} card */
export const bandFile = (card) => ({
  name: [
    card.series.name,
    `${card.found.length}-lines`,
    card.board.axis.name,
    ...(card.board.range ?? []).map((x) => Number(x.toPrecision(8))),
  ].join("_"),
  drawing: () => drawing(card),
  /** @param {"svg" | "pdf"} kind */
  paper: (kind) => paper(card, kind),
  values: () => new Blob([bandTable(card.found, card.board.axis.name)], { type: "text/csv" }),
});

/**
 * What the card draws; null when nothing is drawn.
 * @param {BandCard} card
 */
function pictureOf(card) {
  const { board, series, found, lines, log, held } = card;
  const { axis, range } = board;
  if (!found.length || !range || !held) return null;
  const [x0, x1] = range;
  const [low, high] = log ? held.map((v) => 10 ** v) : held;
  return {
    x0,
    x1,
    low,
    high,
    log,
    lines: found.flatMap(({ entry }, i) => {
      const { x, past, mean, solid, low, high } = lines[i];
      const line = { color: entry.color, dash: entry.dash, faint: false, sparse: false };
      return pieces({ line, x, raw: card.raw ? mean : null, solid, low, high }, x, past, board.colors.axis);
    }),
    ticks: ticks(x0, x1, TICKS).map((at) => ({ at, words: axis.tick(at, range) })),
    keys: found.map(({ entry }) => ({ label: entry.label, color: entry.color, dash: entry.dash })),
    reference: series.reference ?? null,
  };
}

/**
 * The card as an SVG.
 * @param {BandCard} card
 */
function drawing(card) {
  const picture = pictureOf(card);
  if (!picture) return null;
  const { board, series, lines } = card;
  const { x0, x1 } = picture;
  return chartSvg({
    ...picture,
    marks: [],
    odd: lines.flatMap((line) => line.odd).filter((x) => x >= x0 && x <= x1),
    title: card.title,
    unit: series.unit === "1" ? "" : series.unit,
    subtitle: [card.note.textContent, `over ${board.axis.title.toLowerCase()}`].filter(Boolean).join(" · "),
    colors: board.colors,
  });
}

/**
 * The card as a figure for a paper.
 * @param {BandCard} card
 * @param {"svg" | "pdf"} kind
 */
function paper(card, kind) {
  const picture = pictureOf(card);
  if (!picture) return null;
  const unit = card.series.unit === "1" ? "" : ` (${card.series.unit})`;
  const fewer = ticks(picture.x0, picture.x1, PAPER_TICKS);
  const { axis, range } = card.board;
  const words = fewer.map((at) => ({ at, words: axis.tick(at, range ?? [0, 1]) }));
  return paperFile({ ...picture, ticks: words, across: axis.title, up: `${card.title}${unit}` }, kind);
}

/**
 * What a card shows as CSV, one line per value.
 * @param {{ entry: { label: string }, band: Shown["band"] }[]} found
 * @param {string} axis the name of x
 */
export function bandTable(found, axis) {
  const own = axis !== "step"; /* steps are in the table anyway */
  const head = ["line", "step", ...(own ? [axis] : []), "mean", "deviation", "least", "greatest", "runs"];
  const rows = found.flatMap(({ entry, band }) =>
    band.steps.map((step, i) => [
      quoted(entry.label),
      step,
      ...(own ? [band.x[i]] : []),
      band.mean[i],
      band.deviation[i],
      band.low[i],
      band.high[i],
      band.runs[i],
    ])
  );
  return [head, ...rows].map((row) => `${row.join(",")}\n`).join("");
}
