/* Gradient norms by layer over time: a row per layer, a column per epoch, colored on a logarithmic scale. */
import { logShare, shade, shadeOf } from "../data/balance.js";
import { tableOf } from "../data/tables.js";
import { el, say } from "../lib/element.js";
import { number } from "../lib/numbers.js";
import { InstrumentCard } from "./card.js";
import { trainedHere } from "./origin.js";
import { context } from "./surface.js";

/** @import { View } from "../charts/card.js" */
/** @import { Frame, Table } from "../data/tables.js" */
/** @import { Box } from "./axes.js" */
/** @import { Instrument } from "./index.js" */
/** @typedef {{ box: Box, high: number, wide: number, frames: Frame[], table: Table }} Grid as it is drawn */

const ROW = 14; /* pixels of a layer at least */
const SHADES = Array.from({ length: 256 }, (_, i) => shadeOf(i / 255));
const STATISTICS = [
  ["rms", "root mean square"],
  ["low", "10 % of steps below"],
  ["median", "median step"],
  ["high", "90 % of steps below"],
];

class LayersCard extends InstrumentCard {
  /** @param {View} view */
  constructor(view) {
    super(view, layers);
    this.statistic = "";
    /** @type {Grid | null} */
    this.grid = null;
    this.surface = this.pictured(this.body);
    this.body.setAttribute("tabindex", "0");
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", "Layers by epochs");
    this.low = el("span", { class: "layers-end" });
    this.high = el("span", { class: "layers-end" });
    const stops = Array.from({ length: 9 }, (_, i) => shade(i / 8)).join(", ");
    const style = `background:linear-gradient(90deg, ${stops})`;
    this.scale = el(
      "span",
      { class: "legend-item" },
      this.low,
      el("span", { class: "shades", "aria-hidden": "true", style }),
      this.high,
    );
    this.controls.append(this.scale);
    this.tip.follow(this.surface.canvas, (x, y) => this._point(x, y));
  }

  /** @override */
  shaped() {
    this.chooseRun();
    this.statistic = this.choice("norm", "Shown", STATISTICS.map(([value, name]) => ({ value, name })));
  }

  /** @override */
  paint() {
    if (!this.record) return this.lacks("No run is shown.");
    const table = tableOf(this.record, "layers");
    table.look(() => this.view.alive, () => this.again());
    const [x0, x1] = this.range;
    const frames = table.frames.filter(({ step }) => step >= x0 && step <= x1 + 1);
    const column = table.columns.indexOf(this.statistic);
    const edges = extremes(frames.flatMap(({ values }) => values.map((row) => row[column])));
    this.scale.hidden = !edges;
    if (!edges) {
      return this.lacks(
        table.frames.length
          ? "No epoch ended in this range."
          : "The end of the first epoch brings the first column. Runs of an earlier version have none.",
      );
    }
    this.lacks();
    say(this.low, number(Number(edges[0].toPrecision(2))));
    say(this.high, number(Number(edges[1].toPrecision(2))));
    this._draw(table, frames, column, edges);
  }

  /**
   * @param {Table} table
   * @param {Frame[]} frames
   * @param {number} column
   * @param {[number, number]} edges
   */
  _draw(table, frames, column, edges) {
    const { ctx, w, h } = this.surface.begin(table.rows.length * ROW + 34);
    const box = { left: Math.min(150, Math.max(84, w * 0.28)), top: 6, right: w - 12, bottom: h - 28 };
    const [width, height] = [box.right - box.left, box.bottom - box.top];
    const [high, wide] = [height / table.rows.length, width / frames.length];
    this.grid = { box, high, wide, frames, table };
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(cells(frames, column, edges, table.rows.length), box.left, box.top, width, height);
    ctx.fillStyle = this.colors.surface;
    for (let l = 1; l < table.rows.length; l++) {
      ctx.fillRect(box.left, Math.round(box.top + l * high) - 1, width, 1);
    }
    this._names(ctx, box, high, table.rows);
    ctx.fillStyle = this.colors.axis;
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    for (const i of spread(frames.length, width / 60)) {
      ctx.fillText(String(frames[i].epoch), box.left + (i + 0.5) * wide, box.bottom + 6);
    }
    ctx.textAlign = "right";
    ctx.fillText("epoch", box.left - 8, box.bottom + 6);
    const range = `from ${number(edges[0])} to ${number(edges[1])}`;
    this.surface.name(
      `Gradient norms of ${table.rows.length} layers over ${frames.length} epochs, ${range}`,
    );
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {Box} box
   * @param {number} high
   * @param {string[]} rows
   */
  _names(ctx, box, high, rows) {
    ctx.textBaseline = "middle";
    rows.forEach((row, l) => {
      const [modality, path] = parts(row);
      const first = l === 0 || parts(rows[l - 1])[0] !== modality;
      const top = box.top + l * high;
      ctx.textAlign = "right";
      ctx.fillStyle = this.colors.axis;
      const room = first ? 8 + ctx.measureText(`${modality} `).width + 14 : 16;
      ctx.fillText(fitting(ctx, path, box.left - room), box.left - 8, top + high / 2);
      if (first && l) {
        ctx.fillStyle = this.colors.surface;
        ctx.fillRect(box.left, Math.floor(top) - 2, box.right - box.left, 2);
      }
      ctx.fillStyle = this.colors.modality(modality);
      ctx.fillRect(2, Math.floor(top), 3, Math.ceil(high) - 1);
      ctx.textAlign = "left";
      if (first) ctx.fillText(modality, 10, top + high / 2);
    });
    ctx.textAlign = "right";
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  _point(x, y) {
    if (!this.grid || this.body.hidden) return this.tip.hide();
    const { box, high, wide, frames, table } = this.grid;
    const [i, l] = [Math.floor((x - box.left) / wide), Math.floor((y - box.top) / high)];
    if (x < box.left || y < box.top || i >= frames.length || l >= table.rows.length) return this.tip.hide();
    const values = frames[i].values[l];
    this.tip.show(
      x,
      `${table.rows[l].replace("/", " · ")}, epoch ${frames[i].epoch}`,
      STATISTICS.map(([name, words]) => [words, number(values[table.columns.indexOf(name)])]),
    );
  }
}

/**
 * The least and the greatest positive number, or null.
 * @param {number[]} values
 * @returns {[number, number] | null}
 */
function extremes(values) {
  let [low, high] = [Infinity, 0];
  for (const value of values) {
    if (!(value > 0) || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > 0 ? [low, high] : null;
}

/**
 * A picture with one pixel per cell: thousands of them cost no more than a few.
 * @param {Frame[]} frames
 * @param {number} column
 * @param {[number, number]} edges
 * @param {number} rows
 */
function cells(frames, column, edges, rows) {
  const picture = el("canvas", { width: frames.length, height: rows });
  const pen = context(picture);
  const image = pen.createImageData(frames.length, rows);
  frames.forEach(({ values }, i) =>
    values.forEach((row, l) => {
      const share = logShare(row[column], ...edges);
      if (share === null) return;
      const color = SHADES[Math.round(share * (SHADES.length - 1))];
      image.data.set([...color, 255], 4 * (l * frames.length + i));
    })
  );
  pen.putImageData(image, 0, 0);
  return picture;
}

/**
 * The modality of a row, and the layer in its encoder.
 * @param {string} row
 */
const parts = (row) => [row.slice(0, row.indexOf("/")), row.slice(row.indexOf("/") + 1)];

/**
 * The end of a name, as much as there is room for.
 * @param {CanvasRenderingContext2D} ctx
 * @param {string} text
 * @param {number} room
 */
function fitting(ctx, text, room) {
  if (ctx.measureText(text).width <= room) return text;
  let kept = text;
  while (kept.length > 1 && ctx.measureText(`…${kept}`).width > room) kept = kept.slice(1);
  return `…${kept}`;
}

/**
 * The places of at most `most` labels among `count`.
 * @param {number} count
 * @param {number} most
 */
function spread(count, most) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((s) => count / s <= Math.max(1, most)) ?? count;
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

/** @type {Instrument} */
export const layers = {
  name: "layers",
  title: "Gradient norm by layer",
  place: 40,
  about: [
    {
      title: "Gradient norms by layer",
      formula: "√(1/T Σ_t ‖g_l,t‖²) over the T steps of an epoch, g_l the gradient of layer l",
      help: "The gradient of the loss, before any coefficient. Rows are the layers of each encoder in the " +
        "order of their declaration, from input to output; columns are epochs. Brighter is longer, each " +
        "shade a factor. An encoder that goes dark while the other stays bright has stopped learning; a " +
        "dark row in a bright encoder is a layer that gets no signal. Epochs that were thinned out are " +
        "represented by their neighbors.",
    },
  ],
  fits: trainedHere,
  make: (view) => new LayersCard(view),
};
