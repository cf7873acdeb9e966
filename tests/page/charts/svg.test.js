import assert from "node:assert/strict";
import { chartSvg } from "../../../dashboard/page/charts/svg.js";

const COLORS = {
  surface: "#fff",
  joint: "#000",
  axis: "#666",
  grid: "#eee",
  reference: "#999",
  mark: "#66f",
  odd: "#f00",
};
const PLAIN = { x: [0, 1, 2], x0: 0, x1: 2, low: 0.5, high: 20, log: true, odd: [1], colors: COLORS };

Deno.test("names with signs of markup are text in the drawing", () => {
  const text = chartSvg({
    ...PLAIN,
    title: 'a < b & "c"',
    unit: "ms",
    subtitle: "2 runs",
    reference: 1,
    keys: [{ label: "<run>", color: "#123456", dash: [2, 2] }],
    marks: [{ step: 1, text: "alpha 1 → 2" }],
    lines: [{ line: { color: "#123456", dash: [2, 2] }, raw: [1, 19, 1], solid: [1, null, 2] }],
  });
  assert.match(text, />a &lt; b &amp; (&quot;|")c(&quot;|")</);
  assert.match(text, />&lt;run&gt;</);
  assert.match(text, />alpha 1 → 2</);
  assert.match(text, />20</);
  const open = [...text.matchAll(/<([a-zA-Z]+)(?:\s[^>]*[^/])?>/g)].map(([, tag]) => tag).sort();
  const close = [...text.matchAll(/<\/([a-zA-Z]+)>/g)].map(([, tag]) => tag).sort();
  assert.deepEqual(open, close, "every element that is opened is closed");
});
