/* The importance of each setting as a bar, with its interval. */
import { hint, shape, text } from "../../lib/shapes.js";
import { cut, drawing } from "./frame.js";

/** @import { Importance } from "../../api/schema.d.ts" */

const [LEFT, RIGHT, ROW, BAR] = [92, 52, 30, 14];

/**
 * @param {Importance} found
 * @param {number} width in pixels
 */
export function importance({ settings }, width) {
  const svg = drawing("Importance of each setting with its interval", width, heightOf(settings.length));
  const x = (/** @type {number} */ share) => LEFT + share * (width - LEFT - RIGHT);
  settings.forEach(({ name, share, low, high }, i) => {
    const [top, middle] = [i * ROW + (ROW - BAR) / 2, i * ROW + ROW / 2];
    const words = `${name}: ${whole(share)}, ${whole(low)} to ${whole(high)}`;
    const bar = { x: LEFT, y: top, width: Math.max(1, x(share) - LEFT), height: BAR, rx: 3 };
    const line = { stroke: "var(--ink)", "stroke-width": 1.5, fill: "none" };
    const [from, to] = [x(low), x(high)];
    svg.append(
      text(LEFT - 10, middle + 4, cut(name.replaceAll("_", " ")), "end", "var(--ink)"),
      shape("rect", { ...bar, fill: "var(--accent)", opacity: 0.55 }, hint(words)),
      shape("path", {
        d: `M${from} ${middle - 4}v8m0 -4H${to}m0 -4v8`,
        ...line,
      }),
      text(Math.max(x(share), to) + 8, middle + 4, whole(share), "start", "var(--chart-axis)"),
    );
  });
  return svg;
}

/** @param {number} share */
const whole = (share) => `${Math.round(100 * share)} %`;

/** @param {number} settings how many there are */
export const heightOf = (settings) => ROW * settings + 6;
