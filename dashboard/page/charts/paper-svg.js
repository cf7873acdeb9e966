/* A figure as SVG. Pure. */
import { SHADE, SIZE } from "./paper.js";
import { dashed, escaped, fixed } from "./svg-text.js";

/** @import { Figure, Place, Shape } from "./paper.js" */

const FAMILY = "Helvetica, Arial, 'Liberation Sans', sans-serif";

/** @param {Figure} figure */
export const paperSvg = ({ width, height, shapes }) =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}pt" height="${height}pt" ` +
    `viewBox="0 0 ${width} ${height}" font-family="${FAMILY}" font-size="${SIZE}">`,
    ...shapes.map(element),
    "</svg>",
    "",
  ].join("\n");

/** @param {Place[]} places */
const path = (places) => `M${places.map(([x, y]) => `${fixed(x)} ${fixed(y)}`).join("L")}`;

/** @param {Shape} shape */
function element(shape) {
  switch (shape.kind) {
    case "line":
      return `<path d="${shape.places.map(path).join("")}" fill="none" stroke="${shape.color}" ` +
        `stroke-width="${shape.width}" stroke-linejoin="round"${dashed(shape.dash.join(" "))}/>`;
    case "area":
      return `<path d="${path(shape.places)}Z" fill="${shape.color}" fill-opacity="${SHADE}"/>`;
    case "dot":
      return `<circle cx="${fixed(shape.at[0])}" cy="${fixed(shape.at[1])}" r="1.6" ` +
        `fill="${shape.filled ? shape.color : "#ffffff"}" stroke="${shape.color}" stroke-width="0.8"/>`;
    case "text": {
      const [x, y] = shape.at.map(fixed);
      const turn = shape.turned ? ` transform="rotate(-90 ${x} ${y})"` : "";
      return `<text x="${x}" y="${y}" text-anchor="${shape.anchor}"${turn}>${escaped(shape.text)}</text>`;
    }
  }
}
