/* A chart as a drawing: text of our own, real words in it, every line as it is on the screen. Pure. */
import { decades, stepWords, ticks } from "./ticks.js";
import { tick } from "../lib/numbers.js";

const FAMILY = "Inter, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";
const EDGE = { left: 64, right: 34, bottom: 34 };
const MOST = 60; /* legend entries; more are counted */

const escaped = (text) =>
  String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );
const fixed = (value) => String(Number(value.toFixed(2)));
const text = (x, y, words, { anchor = "start", fill, size = 11, weight = 400 }) =>
  `<text x="${fixed(x)}" y="${
    fixed(y)
  }" text-anchor="${anchor}" fill="${fill}" font-size="${size}" font-weight="${weight}">${
    escaped(words)
  }</text>`;

/* `picture` as Plot.picture() gives it, with title, unit, subtitle, keys [{label, color, dash}], reference, colors.
   A line may have an x of its own, and `low` and `high` for a shade between them; `ticks`: [{at, words}] of the x axis
   where that does not show steps. */
export function chartSvg(picture, { width = 960, height = 460 } = {}) {
  const { title, unit, subtitle, colors } = picture;
  const legend = laid(picture.keys, width);
  const top = 56 + 18 * legend.rows;
  const box = {
    left: EDGE.left,
    top,
    right: width - EDGE.right,
    bottom: height + 18 * Math.max(0, legend.rows - 1) - EDGE.bottom,
  };
  const at = scales(picture, box);
  const total = box.bottom + EDGE.bottom;
  const axes = axesOf(picture, box, at);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" font-family="${FAMILY}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${total}" fill="${colors.surface}"/>`,
    text(16, 26, title, { fill: colors.joint, size: 15, weight: 600 }),
    text(16, 44, [unit, subtitle].filter(Boolean).join(" · "), { fill: colors.axis }),
    ...legend.items.map((item) => keyOf(item, colors)),
    axes,
    `<clipPath id="inside"><rect x="${box.left}" y="${top}" width="${box.right - box.left}" height="${
      box.bottom - top
    }"/></clipPath>`,
    `<g clip-path="url(#inside)" fill="none" stroke-linejoin="round">`,
    ...picture.lines.flatMap((line) => curves(line, picture, at, colors)),
    "</g>",
    ...marks(picture, box, at),
    "</svg>",
  ].join("\n");
}

function scales({ x0, x1, low, high, log }, box) {
  const into = log ? Math.log10 : (v) => v;
  const [a, b] = [into(low), into(high)];
  return {
    x: (step) => box.left + ((step - x0) / (x1 - x0 || 1)) * (box.right - box.left),
    y: (value) =>
      Math.max(-9e3, Math.min(9e3, box.bottom - ((into(value) - a) / (b - a || 1)) * (box.bottom - box.top))),
  };
}

/* Legend entries in rows, by their length in letters. */
function laid(keys, width) {
  const shown = keys.slice(0, MOST);
  if (keys.length > MOST) shown.push({ label: `and ${keys.length - MOST} more`, color: "none", dash: [] });
  let [x, row] = [16, 0];
  const items = shown.map((key) => {
    const wide = 34 + 6.4 * key.label.length;
    if (x > 16 && x + wide > width - 16) [x, row] = [16, row + 1];
    const item = { ...key, x, y: 64 + 18 * row };
    x += wide + 8;
    return item;
  });
  return { items, rows: items.length ? row + 1 : 0 };
}

const keyOf = ({ x, y, label, color, dash }, colors) =>
  `<path d="M${fixed(x)} ${y - 4}h20" stroke="${color}" stroke-width="2"${
    dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : ""
  }/>${text(x + 26, y, label, { fill: colors.joint })}`;

function axesOf(picture, box, at) {
  const { x0, x1, low, high, log, reference, colors } = picture;
  const ys = log ? decades(low, high) : ticks(low, high, 6);
  const xs = picture.ticks ?? stepTicks(x0, x1);
  const line = (y, stroke, dash) =>
    `<path d="M${box.left} ${fixed(y)}H${box.right}" stroke="${stroke}"${
      dash ? ` stroke-dasharray="${dash}"` : ""
    }/>`;
  return [
    ...ys.map((value) =>
      line(at.y(value), colors.grid, "") +
      text(box.left - 8, at.y(value) + 4, tick(value), { anchor: "end", fill: colors.axis })
    ),
    ...xs.map((tick) =>
      text(at.x(tick.at), box.bottom + 18, tick.words, { anchor: "middle", fill: colors.axis })
    ),
    reference !== null && at.y(reference) > box.top && at.y(reference) < box.bottom
      ? line(at.y(reference), colors.reference, "4 4")
      : "",
  ].join("\n");
}

function stepTicks(x0, x1) {
  const at = ticks(x0, Math.max(x1, x0 + 1), 8).filter(Number.isInteger);
  return stepWords(at).map((words, i) => ({ at: at[i], words }));
}

function curves({ line, raw, solid, ...own }, picture, at, colors) {
  const x = own.x ?? picture.x;
  const point = (ys, i) =>
    `${fixed(at.x(x[i]))} ${fixed(at.y(Math.max(ys[i], picture.low > 0 ? picture.low / 1e3 : ys[i])))}`;
  const path = (ys) => {
    let [d, pen] = ["", "M"];
    for (let i = 0; i < ys.length; i++) {
      if (ys[i] !== null) [d, pen] = [`${d}${pen}${point(ys, i)}`, "L"];
      else if (own.low || (own.gaps && ys === raw)) pen = "M";
    }
    return d;
  };
  const drawn = (ys, opacity) =>
    `<path d="${path(ys)}" stroke="${line.color}" stroke-width="1.2"${
      opacity < 1 ? ` stroke-opacity="${opacity}"` : ""
    }${line.dash.length ? ` stroke-dasharray="${line.dash.join(" ")}"` : ""}/>`;
  const dots = line.sparse
    ? [...solid.keys()].filter((i) => solid[i] !== null).map((i) =>
      `<circle cx="${fixed(at.x(x[i]))}" cy="${fixed(at.y(solid[i]))}" r="2.500" fill="${
        line.filled ? line.color : colors.surface
      }" stroke="${line.color}"/>`
    )
    : [];
  return [
    ...shades(own, point, line),
    ...(raw ? [drawn(raw, own.gaps ? 0.8 : line.faint ? 0.12 : 0.24)] : []),
    drawn(solid, line.faint ? 0.65 : 1),
    ...dots,
  ];
}

/* The stretches between two edges, each as a shape. */
function shades({ low, high }, point, line) {
  const found = [];
  for (let a = 0; low && a < low.length; a++) {
    if (low[a] === null || high[a] === null) continue;
    let b = a;
    while (b + 1 < low.length && low[b + 1] !== null && high[b + 1] !== null) b++;
    const places = Array.from({ length: b - a + 1 }, (_, i) => a + i);
    const edge = [...places.map((i) => point(low, i)), ...places.reverse().map((i) => point(high, i))];
    found.push(`<path d="M${edge.join("L")}Z" fill="${line.color}" fill-opacity="0.13"/>`);
    a = b;
  }
  return found;
}

function marks({ marks: all, odd, x0, x1, colors }, box, at) {
  let free = -Infinity; /* where the words of the last mark end */
  const seen = all.filter(({ step }) => step >= x0 && step <= x1).map(({ step, text: words }) => {
    const x = at.x(step);
    const line = `<path d="M${
      fixed(x)
    } ${box.top}V${box.bottom}" stroke="${colors.mark}" stroke-dasharray="2 3"/>`;
    if (x < free || x + 6 * words.length > box.right) return line;
    free = x + 6 * words.length + 10;
    return line + text(x + 5, box.top + 11, words, { fill: colors.mark, size: 10 });
  });
  return [
    ...seen,
    ...odd.map((step) =>
      `<rect x="${fixed(at.x(step) - 1)}" y="${box.top}" width="2" height="8" fill="${colors.odd}"/>`
    ),
  ];
}
