/* Gradient norms by layer over time: a row a layer, a column an epoch, color the norm on a logarithmic scale. */
import { logShare, shade, shadeOf } from "../data/balance.js";
import { tableOf } from "../data/tables.js";
import { Instrument } from "./instrument.js";
import { Surface } from "./surface.js";
import { el, say } from "../lib/element.js";
import { number } from "../lib/numbers.js";

const ROW = 14; /* pixels of a layer at least */
const SHADES = Array.from({ length: 256 }, (_, i) => shadeOf(i / 255));
const STATISTICS = [["rms", "root mean square"], ["low", "10 % of steps below"], ["median", "median step"], [
  "high",
  "90 % of steps below",
]];

const ABOUT = [
  {
    title: "Gradient norms by layer",
    formula:
      "√(1/T Σ_t ‖g_l,t‖²) over the T steps of an epoch, g_l the gradient of all parameters of layer l",
    help:
      "As the loss gave it, before any coefficient. Rows are the layers of each encoder in the order they are declared, from input to output; columns are epochs. Brighter is longer, each shade a factor. An encoder that goes dark while the other stays bright has stopped learning; a dark row in a bright encoder is a layer that gets no signal. Epochs thinned out are shown by those between which they lie.",
  },
];

class Layers extends Instrument {
  constructor(view) {
    super(view, { name: "layers", title: "Gradient norm by layer", about: ABOUT });
    this.surface = new Surface(this.body);
    this.body.setAttribute("tabindex", "0");
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", "Layers by epochs");
    this.low = el("span", {});
    this.high = el("span", {});
    const stops = Array.from({ length: 9 }, (_, i) => shade(i / 8)).join(", ");
    this.scale = el(
      "span",
      { class: "legend-item" },
      this.low,
      el("span", {
        class: "shades",
        "aria-hidden": "true",
        style: `background:linear-gradient(90deg, ${stops})`,
      }),
      this.high,
    );
    this.controls.append(this.scale);
    this.body.addEventListener("pointermove", (event) => this._point(event));
    this.body.addEventListener("pointerleave", () => this.tell(null));
  }

  shaped() {
    this.chosenRun();
    this.statistic = this.choice("norm", "Shown", STATISTICS.map(([value, name]) => ({ value, name })));
  }

  paint() {
    if (!this.record) return this.lacks("No run is shown.");
    const told = tableOf(this.record, "layers");
    told.look(() => this.view.alive, () => this.again());
    const [x0, x1] = this.range;
    const frames = told.frames.filter(({ step }) => step >= x0 && step <= x1 + 1);
    const column = told.columns.indexOf(this.statistic);
    const all = frames.flatMap(({ values }) => values.map((row) => row[column])).filter((v) =>
      v > 0 && Number.isFinite(v)
    );
    this.scale.hidden = !all.length;
    if (!all.length) {
      return this.lacks(
        told.frames.length
          ? "No epoch ended in this range."
          : "The first epoch's end brings the first column. Runs of an earlier version have none.",
      );
    }
    this.lacks();
    const edges = all.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, 0]);
    say(this.low, number(Number(edges[0].toPrecision(2))));
    say(this.high, number(Number(edges[1].toPrecision(2))));
    this._draw(told, frames, column, edges);
    return undefined;
  }

  _draw(told, frames, column, edges) {
    const { ctx, w, h } = this.surface.begin(told.rows.length * ROW + 34);
    const left = Math.min(150, Math.max(84, w * 0.28));
    const box = { left, top: 6, right: w - 12, bottom: h - 28 };
    const [high, wide] = [(box.bottom - box.top) / told.rows.length, (box.right - box.left) / frames.length];
    this.grid = { box, high, wide, frames, told };
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(
      this._cells(frames, column, edges, told.rows.length),
      box.left,
      box.top,
      box.right - box.left,
      box.bottom - box.top,
    );
    ctx.fillStyle = this.colors.surface;
    for (let l = 1; l < told.rows.length; l++) {
      ctx.fillRect(box.left, Math.round(box.top + l * high) - 1, box.right - box.left, 1);
    }
    this._names(ctx, box, high, told.rows);
    ctx.fillStyle = this.colors.axis;
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    for (const i of spread(frames.length, (box.right - box.left) / 60)) {
      ctx.fillText(String(frames[i].epoch), box.left + (i + 0.5) * wide, box.bottom + 6);
    }
    ctx.textAlign = "right";
    ctx.fillText("epoch", box.left - 8, box.bottom + 6);
    this.surface.name(
      `Gradient norms of ${told.rows.length} layers over ${frames.length} epochs, from ${
        number(edges[0])
      } to ${number(edges[1])}`,
    );
  }

  /* A picture of one pixel a cell: thousands of them cost no more than a few. */
  _cells(frames, column, edges, rows) {
    const cells = document.createElement("canvas");
    Object.assign(cells, { width: frames.length, height: rows });
    const pen = cells.getContext("2d");
    const image = pen.createImageData(frames.length, rows);
    frames.forEach(({ values }, i) =>
      values.forEach((row, l) => {
        const share = logShare(row[column], ...edges);
        if (share !== null) {
          image.data.set(
            [...SHADES[Math.round(share * (SHADES.length - 1))], 255],
            4 * (l * frames.length + i),
          );
        }
      })
    );
    pen.putImageData(image, 0, 0);
    return cells;
  }

  _names(ctx, box, high, rows) {
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    rows.forEach((row, l) => {
      const [modality, path] = parts(row);
      const first = l === 0 || parts(rows[l - 1])[0] !== modality;
      const y = box.top + (l + 0.5) * high;
      ctx.fillStyle = this.colors.axis;
      ctx.fillText(
        fitting(ctx, path, box.left - (first ? 8 + ctx.measureText(`${modality} `).width + 14 : 16)),
        box.left - 8,
        y,
      );
      if (first && l) {
        ctx.fillStyle = this.colors.surface;
        ctx.fillRect(box.left, Math.floor(box.top + l * high) - 2, box.right - box.left, 2);
      }
      ctx.fillStyle = this.colors.modality(modality);
      ctx.fillRect(2, Math.floor(box.top + l * high), 3, Math.ceil(high) - 1);
      if (!first) return;
      ctx.textAlign = "left";
      ctx.fillText(modality, 10, y);
      ctx.textAlign = "right";
    });
  }

  _point(event) {
    if (!this.grid || this.body.hidden) return this.tell(null);
    const { box, high, wide, frames, told } = this.grid;
    const frame = this.surface.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    const [i, l] = [Math.floor((x - box.left) / wide), Math.floor((y - box.top) / high)];
    if (x < box.left || y < box.top || i >= frames.length || l >= told.rows.length) return this.tell(null);
    const values = frames[i].values[l];
    return this.tell(
      x,
      `${told.rows[l].replace("/", " · ")}, epoch ${frames[i].epoch}`,
      STATISTICS.map(([name, words]) => [words, number(values[told.columns.indexOf(name)])]),
    );
  }
}

const parts = (row) => [row.slice(0, row.indexOf("/")), row.slice(row.indexOf("/") + 1)];

/* The end of a name, as much as there is room for. */
function fitting(ctx, text, room) {
  if (ctx.measureText(text).width <= room) return text;
  let kept = text;
  while (kept.length > 1 && ctx.measureText(`…${kept}`).width > room) kept = kept.slice(1);
  return `…${kept}`;
}

/* Places among `count` that at most `most` labels stand at. */
function spread(count, most) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((s) => count / s <= Math.max(1, most)) ?? count;
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

export const layers = {
  name: "layers",
  title: "Gradient norm by layer",
  fits: (runs) => runs.length > 0,
  make: (view) => new Layers(view),
};
