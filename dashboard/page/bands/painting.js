/* The lines of a card painted into uPlot's canvas, each with its own x, so that many are cheap. */
import { tone } from "../charts/tones.js";
import { MANY } from "../lib/limits.js";

/** @import uPlot from "uplot" */
/** @import { BandCard } from "./card.js" */
/** @import { Look } from "./entries.js" */
/** @import { BandLine, Column } from "./lines.js" */
/** @typedef {CanvasRenderingContext2D} Context */

const SHADE = 0.13; /* strength of a band */
const VEIL = 0.8; /* strength of all of them together, so that lines can be seen under many */
const DOTS = 60; /* sparse values beyond this have no dots */
const EDGE = 4; /* pixels around the plot, so that a dot at its edge is whole */
const FAINT = 0.15; /* lines beside the one in focus */

/**
 * @param {uPlot} u
 * @param {BandCard} card
 */
export function paint(u, card) {
  const { ctx, bbox } = u;
  const { focus } = card.board;
  const inFocus = (/** @type {number} */ i) => Number(card.found[i].entry.key === focus);
  ctx.save();
  ctx.beginPath();
  const edge = EDGE * devicePixelRatio;
  ctx.rect(bbox.left - edge, bbox.top - edge, bbox.width + 2 * edge, bbox.height + 2 * edge);
  ctx.clip();
  reference(u, card);
  for (const i of card.lines.map((_, place) => place).sort((a, b) => inFocus(a) - inFocus(b))) {
    ctx.globalAlpha = focus && !inFocus(i) ? FAINT : 1;
    band(u, card, card.lines[i], card.found[i].entry);
  }
  ctx.restore();
}

/**
 * @param {uPlot} u
 * @param {BandCard} card
 * @param {BandLine} line
 * @param {Look} look
 */
function band(u, card, line, { color, dash }) {
  const { ctx, bbox } = u;
  const toned = (share = 1, dots = false) => tone(u, line.past, color, card.board.colors.axis, share, dots);
  const pixel = devicePixelRatio;
  const many = card.lines.length > MANY;
  const x = line.x.map(pixelX(u));
  const [solid, low, high] = [line.solid, line.low, line.high].map((column) => pixelsY(u, column));
  ctx.fillStyle = toned(Math.min(SHADE, VEIL / card.lines.length));
  area(ctx, x, low, high);
  if (many) spikes(ctx, x, low, high, toned(), pixel);
  ctx.lineJoin = "round";
  if (card.raw) stroke(ctx, x, pixelsY(u, line.mean), { color: toned(0.28), width: pixel, dash: [] });
  stroke(ctx, x, solid, {
    color: toned(),
    width: (many ? 1 : 1.5) * pixel,
    dash: dash.map((d) => d * pixel),
  });
  ctx.fillStyle = toned(1, true);
  dots(ctx, x, solid, card.series.sparse && x.length <= DOTS && !many, 2.5 * pixel);
  ctx.fillStyle = card.board.colors.odd;
  for (const at of line.odd.map(pixelX(u))) ctx.fillRect(at - 1, bbox.top, 2, 8 * pixel);
}

/**
 * Dots at all values, or only at those that no line reaches.
 * @param {Context} ctx
 * @param {number[]} x
 * @param {Column} y
 * @param {boolean} all
 * @param {number} radius
 */
function dots(ctx, x, y, all, radius) {
  const absent = (/** @type {number} */ i) => (y[i] ?? null) === null;
  y.forEach((value, i) => {
    if (value === null || !(all || (absent(i - 1) && absent(i + 1)))) return;
    ctx.beginPath();
    ctx.arc(x[i], value, radius, 0, 2 * Math.PI);
    ctx.fill();
  });
}

/**
 * @param {uPlot} u
 * @param {BandCard} card
 */
function reference(u, card) {
  const value = card.series.reference ?? null;
  if (value === null || (card.log && value <= 0)) return;
  const at = Math.round(u.valToPos(value, "y", true)) + 0.5;
  const { left, width } = u.bbox;
  const look = { color: card.board.colors.reference, width: 1, dash: [4, 4] };
  stroke(u.ctx, [left, left + width], [at, at], look);
}

/**
 * A scale's least value and extent, as its axis measures them.
 * @param {uPlot.Scale} scale
 */
function measure({ min, max, distr }) {
  const into = distr === 3 ? Math.log10 : (/** @type {number} */ value) => value;
  const low = into(min ?? 0);
  return { into, low, size: into(max ?? 1) - low };
}

/**
 * From values of x to pixels of the canvas.
 * @param {uPlot} u
 */
function pixelX(u) {
  const { into, low, size } = measure(u.scales.x);
  const { left, width } = u.bbox;
  return (/** @type {number} */ value) => left + ((into(value) - low) / size) * width;
}

/**
 * Values as pixels of the canvas; nulls stay.
 * @param {uPlot} u
 * @param {Column} column
 * @returns {Column}
 */
function pixelsY(u, column) {
  const { into, low, size } = measure(u.scales.y);
  const { top, height } = u.bbox;
  /** @type {Column} */
  const pixels = new Array(column.length);
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    pixels[i] = value === null ? null : top + (1 - Math.max(-9, (into(value) - low) / size)) * height;
  }
  return pixels;
}

/**
 * @param {Context} ctx
 * @param {number[]} x
 * @param {Column} y
 * @param {{ color: string | CanvasGradient, width: number, dash: number[] }} look
 */
function stroke(ctx, x, y, { color, width, dash }) {
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  let pen = false;
  for (let i = 0; i < y.length; i++) {
    const value = y[i];
    if (value !== null && pen) ctx.lineTo(x[i], value);
    else if (value !== null) ctx.moveTo(x[i], value);
    pen = value !== null;
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

/**
 * The shape between two edges, in parts where they have holes.
 * @param {Context} ctx
 * @param {number[]} x
 * @param {Column} low
 * @param {Column} high
 */
function area(ctx, x, low, high) {
  const known = (/** @type {number} */ i) => (low[i] ?? null) !== null && (high[i] ?? null) !== null;
  for (let first = 0; first < low.length; first++) {
    if (!known(first)) continue;
    let last = first;
    while (known(last + 1)) last++;
    ctx.beginPath();
    for (let i = first; i <= last; i++) ctx.lineTo(x[i], low[i] ?? 0);
    for (let i = last; i >= first; i--) ctx.lineTo(x[i], high[i] ?? 0);
    ctx.fill();
    first = last;
  }
}

/**
 * A line over the height of a band where that is far greater than usual: under a thin veil no spike is lost.
 * @param {Context} ctx
 * @param {number[]} x
 * @param {Column} low
 * @param {Column} high
 * @param {string | CanvasGradient} color
 * @param {number} pixel
 */
function spikes(ctx, x, low, high, color, pixel) {
  const heights = heightsOf(low, high);
  const usual = heights.toSorted()[heights.length >> 1] ?? 0;
  const far = Math.max(4 * usual, 8 * pixel);
  ctx.strokeStyle = color;
  ctx.lineWidth = pixel;
  ctx.beginPath();
  for (let i = 0; i < low.length; i++) {
    const [bottom, top] = [low[i], high[i]];
    if (heights[i] <= far || bottom === null || top === null) continue;
    ctx.moveTo(x[i], bottom);
    ctx.lineTo(x[i], top);
  }
  ctx.stroke();
}

/**
 * @param {Column} low
 * @param {Column} high
 */
function heightsOf(low, high) {
  const heights = new Float64Array(low.length);
  for (let i = 0; i < low.length; i++) {
    const bottom = low[i];
    if (bottom !== null) heights[i] = Math.abs((high[i] ?? 0) - bottom);
  }
  return heights;
}
