/* The differences between two modalities: of each class at one validation, and of all over validations. */
import { gapsByClass } from "../../../data/samples.js";
import { el } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";
import { svg } from "../../../lib/svg.js";

/** @import { Gap } from "../../../api/schema.d.ts" */
/** @import { Sample } from "../../../data/samples.js" */

const WIDTH = 240;
const ROW = 20;
const HEIGHT = 64;

/** @param {number} gap from -1 to 1 */
const place = (gap) => 6 + (WIDTH - 12) * (1 + gap) / 2;
/** @param {number} gap */
function signed(gap) {
  const size = Math.abs(gap).toFixed(2);
  return size === "0.00" ? size : `${gap < 0 ? "−" : "+"}${size}`;
}

/**
 * A row per class: a tick per example, and the median.
 * @param {Sample[]} samples
 * @param {string[]} pair
 * @param {(modality: string) => string} color
 */
export function classGaps(samples, [one, other], color) {
  const rows = gapsByClass(samples).map(({ label, samples: some, median }) =>
    el(
      "li",
      { class: "samples-class" },
      el("span", { class: "samples-label", title: label }, label),
      strip(
        some,
        median,
        `${label}: median difference ${signed(median)} over ${some.length} examples`,
        color,
        [
          one,
          other,
        ],
      ),
      el("span", { class: "samples-number" }, signed(median)),
    )
  );
  return el(
    "div",
    { class: "samples-classes" },
    el(
      "p",
      { class: "samples-ends muted", "aria-hidden": "true" },
      el("span", {}, `← ${other} knows more`),
      el("span", {}, `${one} knows more →`),
    ),
    el("ul", { tabindex: "0", "aria-label": `Difference between ${one} and ${other} by class` }, ...rows),
  );
}

/**
 * @param {Sample[]} samples
 * @param {number} median
 * @param {string} label
 * @param {(modality: string) => string} color
 * @param {string[]} pair
 */
function strip(samples, median, label, color, [one, other]) {
  const tick = (/** @type {Sample} */ { gap }) => {
    const x = place(gap ?? 0);
    const stroke = color((gap ?? 0) < 0 ? other : one);
    return svg("line", { x1: x, x2: x, y1: 4, y2: ROW - 4, stroke, class: "samples-tick" });
  };
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${ROW}`, role: "img", "aria-label": label, preserveAspectRatio: "none" },
    svg("line", { x1: place(0), x2: place(0), y1: 0, y2: ROW, class: "samples-half" }),
    ...samples.map(tick),
    svg("line", { x1: place(median), x2: place(median), y1: 2, y2: ROW - 2, class: "samples-median" }),
  );
}

/**
 * Median and 10th to 90th percentile over validations; nothing where there is one validation only.
 * @param {Gap[]} gaps
 * @param {string[]} pair
 * @param {number | null} step the validation looked at
 */
export function courseOfGaps(gaps, [one, other], step) {
  if (gaps.length < 2) return null;
  const [first, last] = [gaps[0].step, gaps[gaps.length - 1].step];
  const x = (/** @type {number} */ at) => 6 + (WIDTH - 12) * (at - first) / Math.max(1, last - first);
  const y = (/** @type {number} */ gap) => 4 + (HEIGHT - 8) * (1 - gap) / 2;
  const points = (/** @type {[number, number][]} */ all) => all.map(([a, b]) => `${x(a)},${y(b)}`).join(" ");
  const upper = gaps.map((gap) => /** @type {[number, number]} */ ([gap.step, gap.high]));
  const lower = gaps.map((gap) => /** @type {[number, number]} */ ([gap.step, gap.low]));
  const middle = gaps.map((gap) => /** @type {[number, number]} */ ([gap.step, gap.median]));
  const words = `Difference between ${one} and ${other} over ${gaps.length} validations: median ` +
    `${signed(gaps[0].median)} at step ${whole(first)}, ${signed(gaps[gaps.length - 1].median)} at step ${
      whole(last)
    }`;
  return el(
    "figure",
    { class: "samples-course" },
    el("figcaption", { class: "muted" }, "All examples over validations: median, and the middle 80 %"),
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words, preserveAspectRatio: "none" },
      svg("line", { x1: 0, x2: WIDTH, y1: y(0), y2: y(0), class: "samples-half" }),
      svg("polygon", { points: points([...upper, ...lower.reverse()]), class: "samples-band" }),
      svg("polyline", { points: points(middle), class: "samples-line" }),
      step === null ? "" : svg("line", { x1: x(step), x2: x(step), y1: 0, y2: HEIGHT, class: "samples-now" }),
    ),
  );
}
