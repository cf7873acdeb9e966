/* A figure as PDF: one page as large as the figure, lines as vectors, words in Helvetica. Pure. */
import { SHADE, SIZE } from "./paper.js";
import { fixed } from "./svg-text.js";

/** @import { Figure, Place, Shape, TextShape } from "./paper.js" */

/** Widths of Helvetica's signs from the space on, in thousandths of its size. */
const WIDTHS = [
  ..."278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278".split(" "),
  ..."556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556".split(" "),
  ..."1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778".split(" "),
  ..."667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556".split(" "),
  ..."333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556".split(" "),
  ..."556 556 333 500 278 556 500 722 500 500 500 334 260 334 584".split(" "),
].map(Number);
const USUAL = 556;
const ROUND = 0.5523; /* of a circle's radius: the reach of the curves that draw it */
const RADIUS = 1.6;

/** Signs that the font's encoding lacks. @type {Record<string, string>} */
const PLAIN = {
  ρ: "rho",
  "−": "-",
  "…": "...",
  "→": "->",
  "∞": "inf",
  "–": "-",
  "θ": "theta",
  "η": "eta",
};

/** @param {string} text */
export const plainWords = (text) =>
  [...text].map((sign) => PLAIN[sign] ?? (sign.charCodeAt(0) < 256 ? sign : "?")).join("");

/** @param {string} text of signs that the encoding has */
const widthOf = (text) =>
  [...text].reduce((sum, sign) => sum + (WIDTHS[sign.charCodeAt(0) - 32] ?? USUAL), 0) * SIZE / 1000;

/** @param {string} color "#rrggbb" */
const rgb = (color) => [1, 3, 5].map((i) => fixed(parseInt(color.slice(i, i + 2), 16) / 255)).join(" ");

/**
 * @param {Figure} figure
 * @returns {string} of which each character is a byte
 */
export function paperPdf({ width, height, shapes }) {
  const flip = (/** @type {Place} */ [x, y]) => `${fixed(x)} ${fixed(height - y)}`;
  const content = ["1 j", ...shapes.map((shape) => operators(shape, flip))].join("\n");
  const resources = "<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica " +
    `/Encoding /WinAnsiEncoding >> >> /ExtGState << /S << /ca ${SHADE} >> /O << /ca 1 >> >> >>`;
  const page = `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] ` +
    `/Resources ${resources} /Contents 4 0 R >>`;
  return written([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    page,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
  ]);
}

/**
 * Objects as a file, with the table of their places.
 * @param {string[]} objects
 */
function written(objects) {
  let file = "%PDF-1.4\n";
  const places = objects.map((body, i) => {
    const place = file.length;
    file += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return place;
  });
  const rows = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  return `${file}xref\n0 ${size}\n0000000000 65535 f \n${rows}` +
    `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
}

/**
 * @param {Shape} shape
 * @param {(place: Place) => string} flip
 */
function operators(shape, flip) {
  const path = (/** @type {Place[]} */ places) =>
    places.map((place, i) => `${flip(place)} ${i ? "l" : "m"}`).join(" ");
  switch (shape.kind) {
    case "line":
      return `${rgb(shape.color)} RG ${shape.width} w [${shape.dash.join(" ")}] 0 d ` +
        `${shape.places.map(path).join(" ")} S`;
    case "area":
      return `/S gs ${rgb(shape.color)} rg ${path(shape.places)} h f /O gs`;
    case "dot":
      return `${rgb(shape.color)} RG ${rgb(shape.filled ? shape.color : "#ffffff")} rg 0.8 w [] 0 d ` +
        `${circle(shape.at, flip)} B`;
    case "text":
      return wordsOf(shape, flip);
  }
}

/**
 * @param {Place} at
 * @param {(place: Place) => string} flip
 */
function circle([x, y], flip) {
  const [r, c] = [RADIUS, RADIUS * ROUND];
  const arc = (/** @type {Place[]} */ ...places) => `${places.map(flip).join(" ")} c`;
  return [
    `${flip([x + r, y])} m`,
    arc([x + r, y + c], [x + c, y + r], [x, y + r]),
    arc([x - c, y + r], [x - r, y + c], [x - r, y]),
    arc([x - r, y - c], [x - c, y - r], [x, y - r]),
    arc([x + c, y - r], [x + r, y - c], [x + r, y]),
  ].join(" ");
}

/**
 * @param {TextShape} shape
 * @param {(place: Place) => string} flip
 */
function wordsOf({ at: [x, y], text, anchor, turned }, flip) {
  const words = plainWords(text);
  const back = { start: 0, middle: 0.5, end: 1 }[anchor] * widthOf(words);
  const place = turned ? flip([x, y + back]) : flip([x - back, y]);
  const shown = words.replaceAll(/[\\()]/g, "\\$&");
  return `BT 0 g /F ${SIZE} Tf ${turned ? "0 1 -1 0" : "1 0 0 1"} ${place} Tm (${shown}) Tj ET`;
}
