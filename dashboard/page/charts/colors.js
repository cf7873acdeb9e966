/* Colors that most people can tell apart, the same for a modality and for a run on every chart. */
import { HUES, huesOf } from "./hues.js";

const RUNS = 10;
const TOWARD_INK = 0.42; /* the second ten are the first ones, nearer to the text's color */
const DASHES = [[], [7, 3], [2, 2]]; /* so that each of 60 runs looks like none of the others */

const ROOT = "data-mantine-color-scheme"; /* on what the values of properties depend */
const palette = { of: /** @type {string | null} */ (null), values: new Map() };

/**
 * Read once for each scheme: while the page is put together, every reading makes the browser work out the
 * styles of all that was added meanwhile.
 * @param {string} name of a custom property in style/ground.css
 * @returns {string}
 */
function variable(name) {
  const { documentElement: root } = document;
  const scheme = root.getAttribute(ROOT);
  if (scheme !== palette.of) palette.values.clear();
  palette.of = scheme;
  const value = palette.values.get(name) ?? getComputedStyle(root).getPropertyValue(name).trim();
  if (value) palette.values.set(name, value); /* before the style is there, all are empty */
  return value;
}

/** @param {string[]} hues */
const withTones = (hues) => [...hues, ...hues.map((hue) => mixed(hue, variable("--ink"), TOWARD_INK))];

/**
 * @param {string} name
 * @param {number} count
 */
const variables = (name, count) => Array.from({ length: count }, (_, i) => variable(`--${name}-${i}`));

export class Colors {
  /** @type {string[]} */
  _runs = [];
  /** @type {string[]} */
  _modalities = [];
  joint = "";
  grid = "";
  axis = "";
  reference = "";
  mark = "";
  odd = "";
  surface = "";

  /**
   * @param {string[]} runs ids in the order they are listed
   * @param {string[]} modalities names
   */
  constructor(runs, modalities) {
    this.runs = runs;
    this.modalities = modalities;
    this.hues = huesOf(modalities);
    this.read();
  }

  /** @param {string[]} names of the modalities that are shown */
  know(names) {
    this.modalities = names;
    this.hues = huesOf(names);
  }

  /** Read the colors again after the scheme changed. */
  read() {
    this._runs = withTones(variables("run", RUNS));
    this._modalities = variables("modality", HUES);
    this.joint = variable("--joint");
    this.grid = variable("--chart-grid");
    this.axis = variable("--chart-axis");
    this.reference = variable("--chart-reference");
    this.mark = variable("--chart-mark");
    this.odd = variable("--chart-odd");
    this.surface = variable("--surface");
  }

  /** @param {string} id */
  run(id) {
    return this._runs[this._place(id) % this._runs.length];
  }

  /**
   * How its lines are dashed where there are more runs than tones; [] for most.
   * @param {string} id
   */
  dash(id) {
    return DASHES[Math.floor(this._place(id) / this._runs.length) % DASHES.length];
  }

  /** @param {string} id */
  _place(id) {
    return Math.max(0, this.runs.indexOf(id));
  }

  /** @param {string} name a modality, or "" for the color of all together */
  modality(name) {
    if (!name) return this.joint;
    return this._modalities[this.hues.get(name) ?? 0];
  }
}

/**
 * "#rrggbb" moved toward another one.
 * @param {string} color
 * @param {string} other
 * @param {number} share
 */
function mixed(color, other, share) {
  const parts = (/** @type {string} */ hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const [from, to] = [parts(color), parts(other)];
  return `#${from.map((v, i) => Math.round(v + share * (to[i] - v)).toString(16).padStart(2, "0")).join("")}`;
}
