import assert from "node:assert/strict";
import { onWhite, paperFigure } from "../../../dashboard/page/charts/paper.js";
import { paperPdf, plainWords } from "../../../dashboard/page/charts/paper-pdf.js";
import { paperSvg } from "../../../dashboard/page/charts/paper-svg.js";

const picture = {
  x: [0, 10, 20],
  lines: [
    { line: { color: "#ff9f4a", dash: [], sparse: false }, raw: null, solid: [0.2, null, 0.9] },
    {
      line: { color: "#1c6fc4", dash: [6, 4], sparse: true, filled: false },
      raw: null,
      solid: [0.1, 0.4, 0.5],
      low: [0, 0.3, 0.4],
      high: [0.2, 0.5, 0.6],
    },
  ],
  x0: 0,
  x1: 20,
  low: 0,
  high: 1,
  log: false,
  keys: [{ label: "audio", color: "#ff9f4a", dash: [] }, {
    label: "ρ (visual)",
    color: "#1c6fc4",
    dash: [6, 4],
  }],
  reference: 0.5,
  across: "Step",
  up: "Accuracy",
};

Deno.test("a figure has a column's width, labeled axes, no title, and every line and dot inside", () => {
  const { width, height, shapes } = paperFigure(picture);
  assert.equal(width, 243);
  const texts = shapes.filter(({ kind }) => kind === "text").map(({ text }) => text);
  for (const text of ["Step", "Accuracy", "audio", "0", "1", "20"]) assert.ok(texts.includes(text), text);
  const places = shapes.flatMap(({ kind, places }) => (kind === "line" ? places.flat() : places ?? []));
  assert.ok(places.every(([x, y]) => x >= 0 && x <= width && y >= 0 && y <= height));
  assert.equal(shapes.filter(({ kind }) => kind === "dot").length, 3);
  assert.equal(shapes.filter(({ kind }) => kind === "area").length, 1);
});

Deno.test("colors of the dark scheme are dark enough on paper, those that are stay", () => {
  assert.equal(onWhite("#1c6fc4"), "#1c6fc4");
  assert.notEqual(onWhite("#ff9f4a"), "#ff9f4a");
  assert.match(onWhite("#ffffff"), /^#([0-9a-f]{2})\1\1$/);
});

Deno.test("the SVG says its size in points", () => {
  const svg = paperSvg(paperFigure(picture));
  assert.match(svg, /^<svg [^>]*width="243pt" height="\d+pt"/);
  assert.ok(svg.includes('font-size="8"') && svg.includes("stroke-dasharray"));
});

Deno.test("the PDF's table names the place of every object, and of itself", () => {
  const pdf = paperPdf(paperFigure(picture));
  const [, at] = /startxref\n(\d+)\n%%EOF\n$/.exec(pdf) ?? [];
  assert.ok(pdf.slice(Number(at)).startsWith("xref\n0 5\n"));
  const places = [...pdf.matchAll(/^(\d{10}) 00000 n $/gm)].map(([, place]) => Number(place));
  assert.equal(places.length, 4);
  places.forEach((place, i) => assert.ok(pdf.slice(place).startsWith(`${i + 1} 0 obj\n`)));
  const [, length] = /\/Length (\d+)/.exec(pdf) ?? [];
  const [, stream] = /stream\n([\s\S]*?)\nendstream/.exec(pdf) ?? [];
  assert.equal(stream.length, Number(length));
  assert.ok(pdf.includes("(rho \\(visual\\))"));
  assert.ok([...pdf].every((sign) => sign.charCodeAt(0) < 256));
});

Deno.test("signs that the PDF's font lacks are written out", () => {
  assert.equal(plainWords("ρ −1 … ± ×"), "rho -1 ... ± ×");
});
