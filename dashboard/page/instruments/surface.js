import { FONT } from "./instrument.js";
import { el } from "../lib/element.js";

/* A canvas that fills its holder and is as sharp as the screen. */
export class Surface {
  constructor(holder) {
    this.holder = holder;
    this.canvas = el("canvas", { class: "surface", role: "img", "aria-label": "Not drawn yet" });
    holder.append(this.canvas);
  }

  /* What a screen reader says of the picture. */
  name(text) {
    if (this.canvas.getAttribute("aria-label") !== text) this.canvas.setAttribute("aria-label", text);
  }

  /* An empty picture, in CSS pixels; `height` where it may be taller than its holder. */
  begin(height = 0) {
    const [w, h, r] = [this.holder.clientWidth, Math.max(height, this.holder.clientHeight), devicePixelRatio];
    if (this.canvas.width !== Math.round(w * r) || this.canvas.height !== Math.round(h * r)) {
      Object.assign(this.canvas, { width: Math.round(w * r), height: Math.round(h * r) });
      this.canvas.style.height = `${h}px`;
    }
    const ctx = this.canvas.getContext("2d");
    ctx.setTransform(r, 0, 0, r, 0, 0);
    ctx.clearRect(0, 0, w, h);
    ctx.font = FONT;
    return { ctx, w, h };
  }
}

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
