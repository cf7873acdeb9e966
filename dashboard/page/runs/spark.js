/* Curves as small as a line of text: rho on a logarithmic scale around 1, and accuracy from 0 to 1. */
import { number, parsed } from "../lib/numbers.js";
import { SparkFeed } from "./spark-feed.js";

const WIDTH = 100;
const HEIGHT = 30;
const EDGE = 2; /* what a line needs at the top and the bottom */
const FACTOR = 8; /* rho is drawn from an eighth to eight; beyond, at the edge */
const SVG = "http://www.w3.org/2000/svg";

const clamp = (value) => Math.max(0, Math.min(1, value));
export const sparkShare = {
  rho: (value) => clamp(0.5 + Math.log2(Math.max(value, 1e-9)) / (2 * Math.log2(FACTOR))),
  accuracy: clamp,
};

/* A curve's outline as an SVG path over the steps 0 to `end`: each stretch goes through both of its extremes. */
export function sparkPath({ steps, low, high }, end, share) {
  const y = (value) => EDGE + (HEIGHT - 2 * EDGE) * (1 - share(value));
  const x = (step) => Number(((WIDTH * Math.min(step, end)) / Math.max(1, end)).toFixed(1));
  let d = "";
  let last = null;
  steps.forEach((step, i) => {
    const half = ((steps[i + 1] ?? step) - step) / 2;
    const [a, b] = last !== null && Math.abs(last - high[i]) < Math.abs(last - low[i])
      ? [high[i], low[i]]
      : [low[i], high[i]];
    for (const [at, value] of a === b ? [[step, a]] : [[step, a], [step + half, b]]) {
      d += `${d ? "L" : "M"}${x(at)} ${Number(y(value).toFixed(1))}`;
    }
    last = b;
  });
  return steps.length === 1 ? `${d}h.1` : d;
}

/* Which lines of a run a small chart shows: [{name, look, modality}]. */
function lines(kind, modalities) {
  if (kind === "rho") {
    return modalities.map((m, i) => ({ name: `rho.${m}`, look: `modality-${i % 6}`, modality: m }));
  }
  return [
    { name: "accuracy", look: "train" },
    { name: "val.accuracy", look: "val" },
  ];
}

const make = (tag, attributes) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

/* One small chart; `fill` may be called as often as anything changes. */
export class Spark {
  constructor(kind) {
    this.kind = kind;
    this.element = make("svg", {
      class: `spark spark-${kind}`,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": `${kind}: nothing recorded yet`,
    });
    this.paths = new Map();
    if (kind === "rho") {
      this.element.append(make("path", { class: "spark-one", d: `M0 ${HEIGHT / 2}H${WIDTH}` }));
    }
  }

  /* `data` is an answer of /runs/sparks, or null. */
  fill(run, data) {
    const wanted = data ? lines(this.kind, run.modalities) : [];
    const shapes = new Map((data?.series ?? []).map((series) => [series.name, series]));
    const goesOn = ["running", "pausing", "paused", "stopping"].includes(run.state);
    const end = Math.max(
      goesOn ? (run.total_steps ?? 0) : 0,
      ...[...shapes.values()].map((shape) => shape.steps.at(-1) ?? 0),
    );
    const drawn = new Set();
    for (const { name, look } of wanted) {
      const shape = shapes.get(name);
      if (!shape?.steps.length) continue;
      drawn.add(name);
      let line = this.paths.get(name);
      if (!line) this.element.append(line = make("path", { class: `spark-line spark-${look}` }));
      this.paths.set(name, line);
      const d = sparkPath(shape, end, sparkShare[this.kind]);
      if (line.getAttribute("d") !== d) line.setAttribute("d", d);
      if (line.getAttribute("class") !== `spark-line spark-${look}`) {
        line.setAttribute("class", `spark-line spark-${look}`);
      }
    }
    for (const [name, line] of this.paths) {
      if (drawn.has(name)) continue;
      line.remove();
      this.paths.delete(name);
    }
    const label = drawn.size ? words(this.kind, run) : `${this.kind}: nothing recorded yet`;
    if (this.element.getAttribute("aria-label") !== label) this.element.setAttribute("aria-label", label);
    this.element.classList.toggle("spark-empty", drawn.size === 0);
  }
}

/* What a small chart says to those who do not see it: the newest numbers. */
function words(kind, run) {
  const now = (name) => number(parsed(run.last?.[name]));
  if (kind === "rho") return `rho now: ${run.modalities.map((m) => `${m} ${now(`rho.${m}`)}`).join(", ")}`;
  return `accuracy now: training ${now("accuracy")}, validation ${now("val.accuracy")}`;
}

/* Who is ahead by the newest ratios: {modality, place, rho}, or null. */
export function leader(run) {
  const found = (run.modalities ?? [])
    .map((modality, place) => ({ modality, place, rho: parsed(run.last?.[`rho.${modality}`]) }))
    .filter((one) => Number.isFinite(one.rho))
    .sort((a, b) => b.rho - a.rho);
  return found[0] ?? null;
}
SparkFeed.EVERY_MS = 1900;
