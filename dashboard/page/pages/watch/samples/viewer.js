/* One example: how it looks, sounds, or reads, and what was known about it over validations. */
import { ask } from "../../../api/ask.js";
import { el } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";
import { within } from "../../../lib/prefix.js";
import { reason } from "../../../lib/reason.js";
import { svg } from "../../../lib/svg.js";

/** @import { ExampleAnswer, Part } from "../../../api/schema.d.ts" */

const WIDTH = 240;
const HEIGHT = 80;
const SHORT = 8;
const NONE = "This example has no preview: its data set gives none, or the setting previews is off.";

/** The example that was chosen. */
export class Viewer {
  /**
   * @param {string} run
   * @param {() => boolean} alive
   * @param {(modality: string) => string} color
   */
  constructor(run, alive, color) {
    this.run = run;
    this.alive = alive;
    this.color = color;
    this.name = "";
    this.steps = 0; /* validations that were known when it was read */
    this.element = el(
      "section",
      { class: "samples-viewer", "aria-label": "The chosen example", "aria-live": "polite" },
      el("p", { class: "muted" }, "Choose an example in the chart or in the table to see it."),
    );
  }

  /**
   * @param {string} name
   * @param {number} steps how many validations there are
   */
  async show(name, steps) {
    if (name === this.name && steps === this.steps) return;
    const anew = name !== this.name;
    [this.name, this.steps] = [name, steps];
    if (anew) this.element.replaceChildren(el("p", { class: "muted" }, "Loading …"));
    const path = `/runs/${encodeURIComponent(this.run)}/samples/example?name=${encodeURIComponent(name)}`;
    try {
      /** @type {ExampleAnswer} */
      const answer = await ask(path);
      if (this.alive() && name === this.name) this._fill(answer, anew);
    } catch (error) {
      if (name === this.name) this.element.replaceChildren(el("p", { class: "reason" }, reason(error)));
    }
  }

  /**
   * A sound that plays goes on where only the course has grown.
   * @param {ExampleAnswer} answer
   * @param {boolean} anew
   */
  _fill(answer, anew) {
    const course = this._course(answer);
    const before = this.element.querySelector(".samples-over-time");
    if (!anew && before) return before.replaceWith(course);
    const parts = answer.parts.map((part) => this._part(part, answer.holder));
    this.element.replaceChildren(
      el("h3", {}, answer.name),
      el("p", { class: "muted" }, `Class ${answer.label}`),
      el("div", { class: "samples-parts" }, ...(parts.length ? parts : [el("p", { class: "muted" }, NONE)])),
      course,
    );
  }

  /**
   * @param {Part} part
   * @param {string} holder the run that has its bytes
   */
  _part(part, holder) {
    return el(
      "figure",
      { class: `samples-part samples-${part.kind}` },
      el("figcaption", {}, part.modality),
      this._content(part, within(`/api/v1/runs/${encodeURIComponent(holder)}/media/${part.digest}`)),
    );
  }

  /**
   * @param {Part} part
   * @param {string} source
   */
  _content({ modality, kind, text, curves }, source) {
    const label = `${modality} of ${this.name}`;
    if (kind === "image") return el("img", { src: source, alt: label });
    if (kind === "sound") {
      return el("audio", { src: source, controls: true, preload: "none", "aria-label": label });
    }
    if (kind === "text") return el("blockquote", {}, text);
    return drawn(curves, label, (i) => `samples-curve samples-curve-${i % 4}`);
  }

  /** @param {ExampleAnswer} answer */
  _course({ steps, together, alone }) {
    const lines = Object.entries({ ...alone, together }).map(([name, values]) => ({
      name,
      values,
      color: name === "together" ? "var(--joint)" : this.color(name),
      dash: name === "together" ? "5 3" : "none",
    }));
    const last = steps.length - 1;
    const words = lines.map(({ name, values }) => `${name} ${shareWords(values[last])}`);
    const keys = lines.map(({ color, dash }, i) => el("span", {}, keyOf(color, dash), words[i]));
    return el(
      "figure",
      { class: "samples-over-time" },
      el(
        "figcaption",
        { class: "muted" },
        `Probability of the right class, to step ${whole(steps[last] ?? 0)}`,
        el("span", { class: "samples-keys" }, ...keys),
      ),
      svg(
        "svg",
        {
          viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
          role: "img",
          "aria-label": words.join(", "),
          preserveAspectRatio: "none",
        },
        svg("line", { x1: 0, x2: WIDTH, y1: heightOf(0.5), y2: heightOf(0.5), class: "samples-half" }),
        ...lines.map(courseOf),
      ),
    );
  }
}

/** @param {number | null} share */
const shareWords = (share) => (share === null ? "–" : `${(100 * share).toFixed(0)} %`);

/** @param {number} share */
const heightOf = (share) => 4 + (HEIGHT - 8) * (1 - share);

/**
 * A line over validations; where there has been one, a short piece.
 * @param {{ values: (number | null)[], color: string, dash: string }} line
 */
function courseOf({ values, color, dash }) {
  const x = (/** @type {number} */ i) => 4 + (WIDTH - 8) * i / Math.max(1, values.length - 1);
  const places = values.flatMap((p, i) => (p === null ? [] : [[x(i), heightOf(p)]]));
  const whole = places.length === 1 ? [...places, [places[0][0] + SHORT, places[0][1]]] : places;
  return svg("polyline", {
    points: whole.map((place) => place.join(",")).join(" "),
    stroke: color,
    "stroke-dasharray": dash,
    fill: "none",
  });
}

/**
 * A short piece of a line, beside its name.
 * @param {string} color
 * @param {string} dash
 */
const keyOf = (color, dash) =>
  svg(
    "svg",
    { viewBox: "0 0 18 4", class: "samples-key", "aria-hidden": "true" },
    svg("line", { x1: 0, x2: 18, y1: 2, y2: 2, stroke: color, "stroke-width": 2, "stroke-dasharray": dash }),
  );

/**
 * Numbers over time, each line on the same scale.
 * @param {number[][]} curves
 * @param {string} label
 * @param {(i: number) => string} name the class of a line
 */
function drawn(curves, label, name) {
  const every = curves.flat();
  const [low, high] = [Math.min(...every, 0), Math.max(...every, 0)];
  const y = (/** @type {number} */ v) => 4 + (HEIGHT - 8) * (high - v) / Math.max(high - low, 1e-9);
  const line = (/** @type {number[]} */ values, /** @type {number} */ i) => {
    const x = (/** @type {number} */ at) => 4 + (WIDTH - 8) * at / Math.max(1, values.length - 1);
    return svg("polyline", {
      points: values.map((v, at) => `${x(at)},${y(v)}`).join(" "),
      class: name(i),
      fill: "none",
    });
  };
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label, preserveAspectRatio: "none" },
    svg("line", { x1: 0, x2: WIDTH, y1: y(0), y2: y(0), class: "samples-grid" }),
    ...curves.map(line),
  );
}
