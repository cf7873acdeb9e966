/* An instrument as files: its picture, and the values of the table behind it. */
import { downloads } from "../charts/download.js";
import { FAMILY } from "../charts/strokes.js";
import { quoted } from "../lib/csv.js";
import { el } from "../lib/element.js";
import { context } from "./surface.js";

/** @import { Kind } from "../lib/download.js" */
/** @import { MenuItem } from "../lib/menu.js" */
/** @import { InstrumentCard } from "./card.js" */

const EDGE = 16; /* around the picture */
const HEAD = 44; /* above it, for the title */

/**
 * The files in a card's menu: none for an instrument that has neither a picture nor a table.
 * @param {InstrumentCard} card
 * @returns {MenuItem[]}
 */
export function canvasFiles(card) {
  const canvas = card.body.querySelector("canvas");
  const rows = table(card);
  const name = [card.name, ...card.records.map((record) => record.run.name)].join("_");
  const file = {
    name,
    drawing: () => null,
    picture: () => (canvas ? picture(card, canvas) : Promise.resolve(null)),
    values: () => new Blob([rows], { type: "text/csv" }),
  };
  /** @type {Kind[]} */
  const kinds = [];
  if (canvas && !card.body.hidden) kinds.push("png");
  if (rows) kinds.push("csv");
  const entries = downloads(() => file, kinds);
  return entries.length ? [{ title: "Download what is shown" }, ...entries] : [];
}

/**
 * The canvas on the card's background, under its title and the runs' names.
 * @param {InstrumentCard} card
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob | null>}
 */
function picture({ title, records, colors }, canvas) {
  const pixel = canvas.width / canvas.clientWidth;
  const copy = el("canvas", {
    width: canvas.width + 2 * EDGE * pixel,
    height: canvas.height + (HEAD + EDGE) * pixel,
  });
  const ctx = context(copy);
  ctx.fillStyle = colors.surface;
  ctx.fillRect(0, 0, copy.width, copy.height);
  ctx.fillStyle = colors.joint;
  ctx.font = `600 ${14 * pixel}px ${FAMILY}`;
  ctx.fillText(
    [title, ...records.map((record) => record.run.name)].join(" · "),
    EDGE * pixel,
    28 * pixel,
  );
  ctx.drawImage(canvas, EDGE * pixel, HEAD * pixel);
  return new Promise((resolve) => copy.toBlob(resolve, "image/png"));
}

/**
 * A table over time as CSV, one line per row and time; "" where there is none.
 * @param {InstrumentCard} card
 */
function table({ name, record, records }) {
  const grid = (record ?? records[0])?.tables.get(name);
  if (!grid?.frames.length) return "";
  const head = ["step", "epoch", "row", ...grid.columns.map(quoted)];
  const lines = grid.frames.flatMap((frame) =>
    grid.rows.map((row, i) => [frame.step, frame.epoch ?? "", quoted(row), ...frame.values[i]])
  );
  return [head, ...lines].map((line) => `${line.join(",")}\n`).join("");
}
