/* Curves as small as a line of text: rho on a logarithmic scale around 1, and accuracy from 0 to 1. */
import { BEGUN, ended } from "../api/states.js";
import { huesOf } from "../charts/hues.js";
import { number, parsed } from "../lib/numbers.js";

/** @import { Run, Spark as Curves, SparkSeries } from "../api/schema.d.ts" */
/** @typedef {"rho" | "accuracy"} Kind */

const WIDTH = 100;
const HEIGHT = 30;
const EDGE = 2; /* room for the width of a line at the top and the bottom */
const FACTOR = 8; /* rho is drawn from an eighth to eight; values beyond are at the edge */
const SVG = "http://www.w3.org/2000/svg";

/** @param {number} value */
const clamp = (value) => Math.max(0, Math.min(1, value));

/**
 * Where a value is between the bottom (0) and the top (1).
 * @type {Record<Kind, (value: number) => number>}
 */
export const sparkShare = {
  rho: (value) => clamp(0.5 + Math.log2(Math.max(value, 1e-9)) / (2 * Math.log2(FACTOR))),
  accuracy: clamp,
};

/**
 * A curve over steps 0 to `end` as two SVG paths: a line through the middle of each interval's extremes, and
 * the area between the extremes, in which noise is a band and a spike is seen.
 * @param {Pick<SparkSeries, "steps" | "low" | "high">} curve
 * @param {number} end
 * @param {(value: number) => number} share
 */
export function sparkPaths({ steps, low, high }, end, share) {
  const y = (/** @type {number} */ at) => Number((EDGE + (HEIGHT - 2 * EDGE) * (1 - at)).toFixed(1));
  const x = (/** @type {number} */ step) =>
    Number(((WIDTH * Math.min(step, end)) / Math.max(1, end)).toFixed(1));
  const places = steps.map((step, i) => ({ x: x(step), low: share(low[i]), high: share(high[i]) }));
  const path = (/** @type {[number, number][]} */ at) => at.map(([a, b]) => `${a} ${b}`).join("L");
  const line = path(places.map((one) => [one.x, y((one.low + one.high) / 2)]));
  const upper = path(places.map((one) => [one.x, y(one.high)]));
  const lower = path(places.toReversed().map((one) => [one.x, y(one.low)]));
  return { line: `M${line}${steps.length === 1 ? "h.1" : ""}`, area: `M${upper}L${lower}Z` };
}

/**
 * The lines of a small chart, each a series of the run and the class that colors it.
 * @param {Kind} kind
 * @param {string[]} modalities
 */
function lines(kind, modalities) {
  const hues = huesOf(modalities);
  if (kind === "rho") return modalities.map((m) => ({ name: `rho.${m}`, look: `modality-${hues.get(m)}` }));
  return [
    { name: "accuracy", look: "train" },
    { name: "val.accuracy", look: "val" },
  ];
}

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string>} attributes
 */
const shape = (tag, attributes) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

/**
 * Set an attribute only where it differs.
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
function put(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/* One small chart; `fill` may be called whenever anything has changed. */
export class Spark {
  /** @param {Kind} kind */
  constructor(kind) {
    this.kind = kind;
    this.element = shape("svg", {
      class: `spark spark-${kind}`,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": `${kind}: nothing recorded yet`,
    });
    /** @type {Map<string, SVGPathElement>} */
    this.paths = new Map();
    if (kind === "rho") {
      this.element.append(shape("path", { class: "spark-one", d: `M0 ${HEIGHT / 2}H${WIDTH}` }));
    }
  }

  /**
   * @param {Run} run
   * @param {Curves | null} data null while nothing is known
   */
  fill(run, data) {
    const curves = new Map((data?.series ?? []).map((series) => [series.name, series]));
    const end = lastStep(run, [...curves.values()]);
    /** @type {Set<string>} */
    const drawn = new Set();
    for (const { name, look } of data ? lines(this.kind, run.modalities) : []) {
      const curve = curves.get(name);
      if (!curve?.steps.length) continue;
      drawn.add(name).add(`${name} area`);
      const { line, area } = sparkPaths(curve, end, sparkShare[this.kind]);
      this._path(name, `spark-line spark-${look}`, line);
      this._path(`${name} area`, `spark-area spark-${look}`, area);
    }
    this._keep(drawn);
    put(
      this.element,
      "aria-label",
      drawn.size ? words(this.kind, run) : `${this.kind}: nothing recorded yet`,
    );
    this.element.classList.toggle("spark-empty", drawn.size === 0);
  }

  /**
   * Remove the other lines.
   * @param {Set<string>} drawn
   */
  _keep(drawn) {
    for (const [name, line] of this.paths) {
      if (drawn.has(name)) continue;
      line.remove();
      this.paths.delete(name);
    }
  }

  /**
   * @param {string} name
   * @param {string} kind its class
   * @param {string} d
   */
  _path(name, kind, d) {
    const path = this.paths.get(name) ?? shape("path", {});
    if (!this.paths.has(name)) this.element.append(path);
    this.paths.set(name, path);
    put(path, "d", d);
    put(path, "class", kind);
  }
}

/**
 * Where the steps of a small chart end: at the last one planned while the run goes on.
 * @param {Run} run
 * @param {SparkSeries[]} curves
 */
function lastStep(run, curves) {
  const planned = BEGUN.includes(run.state) && !ended(run.state) ? (run.total_steps ?? 0) : 0;
  return Math.max(planned, ...curves.map((curve) => curve.steps.at(-1) ?? 0));
}

/**
 * The newest numbers, for those who do not see the curves.
 * @param {Kind} kind
 * @param {Run} run
 */
function words(kind, run) {
  const now = (/** @type {string} */ name) => number(parsed(run.last?.[name]));
  if (kind === "rho") return `rho now: ${run.modalities.map((m) => `${m} ${now(`rho.${m}`)}`).join(", ")}`;
  return `accuracy now: training ${now("accuracy")}, validation ${now("val.accuracy")}`;
}

/**
 * The modality with the highest newest ratio and its place among the run's; null where no ratio is known.
 * @param {Run} run
 */
export function leader(run) {
  const ratios = (run.modalities ?? [])
    .map((modality, place) => ({ modality, place, rho: parsed(run.last?.[`rho.${modality}`]) }))
    .filter(({ rho }) => Number.isFinite(rho))
    .sort((a, b) => b.rho - a.rho);
  return ratios[0] ?? null;
}
