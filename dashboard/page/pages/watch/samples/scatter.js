/* One dot per example: what one modality knows about it against what the other one knows. */
import { KNOWN, wordsOf } from "../../../data/samples.js";
import { svg } from "../../../lib/svg.js";

/** @import { Sample } from "../../../data/samples.js" */

const SIZE = 320;
const EDGE = { left: 40, top: 12, right: 12, bottom: 38 };
const TICKS = [0, 0.5, 1];

/** @param {number} p */
const px = (p) => EDGE.left + p * (SIZE - EDGE.left - EDGE.right);
/** @param {number} p */
const py = (p) => SIZE - EDGE.bottom - p * (SIZE - EDGE.top - EDGE.bottom);

/**
 * @param {Sample[]} samples
 * @param {string[]} pair
 * @param {{ selected: string, choose: (name: string) => void }} view
 */
export function scatter(samples, pair, { selected, choose }) {
  const dots = samples.filter(({ gap }) => gap !== null);
  const label =
    `${dots.length} examples: probability of the right class by ${pair[0]} alone, to the right, and ` +
    `by ${pair[1]} alone, upward. The table below has every number.`;
  return svg(
    "svg",
    { viewBox: `0 0 ${SIZE} ${SIZE}`, class: "samples-scatter", role: "img", "aria-label": label },
    ...frame(pair),
    ...dots.map((sample) => dot(sample, pair, selected, choose)),
    ...names(pair),
  );
}

/**
 * @param {number} x
 * @param {number} y
 * @param {"start" | "middle" | "end"} anchor
 * @param {string} content
 */
const text = (x, y, anchor, content) =>
  svg("text", { x, y, "text-anchor": anchor, class: "samples-text" }, content);

/** @param {string[]} pair */
function frame([one, other]) {
  const line = (/** @type {number[]} */ [x1, y1, x2, y2], name = "samples-grid") =>
    svg("line", { x1: px(x1), y1: py(y1), x2: px(x2), y2: py(y2), class: name });
  const title = text(14, py(0.5), "middle", `${other} alone`);
  title.setAttribute("transform", `rotate(-90 14 ${py(0.5)})`);
  return [
    ...TICKS.flatMap((p) => [
      line([p, 0, p, 1], p === KNOWN ? "samples-half" : "samples-grid"),
      line([0, p, 1, p], p === KNOWN ? "samples-half" : "samples-grid"),
      text(px(p), SIZE - EDGE.bottom + 14, p === 1 ? "end" : "middle", `${100 * p} %`),
    ]),
    line([0, 0, 1, 1], "samples-diagonal"),
    text(px(0.5), SIZE - 8, "middle", `${one} alone`),
    title,
  ];
}

/**
 * The quadrants' names, above the dots and where there are few. Those below are on two lines: modalities may
 * have long names.
 * @param {string[]} pair
 */
function names(pair) {
  const words = wordsOf(pair);
  return [
    text(px(1) - 4, py(1) + 13, "end", words.both),
    text(px(1) - 4, py(KNOWN) + 27, "end", words.first),
    text(px(0) + 4, py(1) + 13, "start", words.second),
    text(px(0) + 4, py(KNOWN) + 13, "start", words.neither),
  ];
}

/**
 * @param {Sample} sample
 * @param {string[]} pair
 * @param {string} selected
 * @param {(name: string) => void} choose
 */
function dot(sample, [one, other], selected, choose) {
  const known = sample.together !== null && sample.together > KNOWN;
  const circle = svg(
    "circle",
    {
      cx: px(sample.alone[one] ?? 0),
      cy: py(sample.alone[other] ?? 0),
      r: sample.name === selected ? 6 : 4,
      class: `samples-dot ${known ? "known" : "unknown"} ${sample.name === selected ? "chosen" : ""}`.trim(),
    },
    svg("title", {}, `${sample.name}: ${sample.label}`),
  );
  circle.addEventListener("click", () => choose(sample.name));
  return circle;
}
