import { FONT } from "../charts/strokes.js";
import { el } from "../lib/element.js";

/* A canvas that fills its holder and is as sharp as the screen. */
export class Surface {
  /**
   * @param {HTMLElement} holder
   * @param {() => void} resized called where the holder has another size than was measured
   */
  constructor(holder, resized) {
    this.holder = holder;
    this.size = [0, 0]; /* of the holder, in CSS pixels */
    this.measured = false;
    new ResizeObserver(() => this._compare(resized)).observe(holder);
    this.canvas = el("canvas", { class: "surface", role: "img", "aria-label": "Not drawn yet" });
    holder.append(this.canvas);
  }

  /**
   * Describe the picture for screen readers.
   * @param {string} text
   */
  name(text) {
    if (this.canvas.getAttribute("aria-label") !== text) this.canvas.setAttribute("aria-label", text);
  }

  /** Once is enough: the browser says when it changes, and reading it amid drawing costs a layout. */
  measure() {
    if (!this.measured) this.size = [this.holder.clientWidth, this.holder.clientHeight];
    this.measured = true;
  }

  /** Its holder may have another size than before. */
  forget() {
    this.measured = false;
  }

  /** @param {() => void} resized */
  _compare(resized) {
    if (!this.measured) return;
    const [width, height] = this.size;
    this.forget();
    this.measure();
    if (this.size[0] !== width || this.size[1] !== height) resized();
  }

  /**
   * An empty picture in CSS pixels.
   * @param {number} [height] where it may be taller than its holder
   */
  begin(height = 0) {
    this.measure();
    const [w, least] = this.size;
    const [h, r] = [Math.max(height, least), devicePixelRatio];
    const [width, tall] = [Math.round(w * r), Math.round(h * r)];
    if (this.canvas.width !== width || this.canvas.height !== tall) {
      [this.canvas.width, this.canvas.height] = [width, tall];
      this.canvas.style.height = `${h}px`;
    }
    const ctx = context(this.canvas);
    ctx.setTransform(r, 0, 0, r, 0, 0);
    ctx.clearRect(0, 0, w, h);
    ctx.font = FONT;
    return { ctx, w, h };
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function context(canvas) {
  const ctx = canvas.getContext("2d");
  if (!ctx) throw new Error("This browser has no memory left for a canvas.");
  return ctx;
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {number[][]} at places as [x, y]
 * @param {string} color
 * @param {number[]} dash
 */
export function strokeLine(ctx, at, color, dash) {
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5;
  ctx.setLineDash(dash);
  ctx.beginPath();
  at.forEach(([x, y], i) => ctx[i ? "lineTo" : "moveTo"](x, y));
  ctx.stroke();
  ctx.restore();
}
