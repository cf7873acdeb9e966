/* A run's events as marks along its steps: read by pointing or focus, a click shows the charts there. */
import { horizon } from "../../../charts/grid.js";
import { el, say } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";

/** @import { Event, Run } from "../../../api/schema.d.ts" */

/**
 * Something that happened at a step.
 * @typedef {{ step: number, kind: Event["kind"] | "failed", words: string }} Mark
 */

const ROOM_PX = 26; /* a mark is a button, and buttons need room */
const AROUND = 0.03;
const READ = 3; /* events that a mark reads out; the others are counted */
const HINT = "Point at a mark to read it; click it to see the charts there.";
/** The kind of several events at one place is the first of these. @type {Mark["kind"][]} */
const WEIGHT = [
  "failed",
  "lost",
  "alert",
  "finished",
  "setting",
  "started",
  "order",
  "log",
  "state",
  "checkpoint",
];

/** @param {Mark[]} group */
const weightiest = (group) => [...group].sort((a, b) => WEIGHT.indexOf(a.kind) - WEIGHT.indexOf(b.kind))[0];

/**
 * @param {number} first
 * @param {number} last
 */
const stepsOf = (first, last) =>
  first === last ? `step ${whole(first)}` : `steps ${whole(first)} – ${whole(last)}`;

/** The marks of a run, along its steps. */
export class Strip {
  /** @param {(from: number, to: number) => void} zoom shows the charts between two steps */
  constructor(zoom) {
    this.zoom = zoom;
    /** @type {Mark[]} */
    this.events = [];
    this.end = 1;
    this.shape = ""; /* what is on the strip, as one text */
    this.fill = el("div", { class: "strip-fill" });
    this.marks = el("ul", { class: "strip-marks", "aria-label": "Events along the steps" });
    this.last = el("span", {});
    this.reading = el("p", { class: "strip-reading" }, HINT);
    this.track = el("div", { class: "strip-track" }, this.fill, this.marks);
    this.element = el(
      "div",
      { class: "strip" },
      this.track,
      el("div", { class: "strip-ends" }, el("span", {}, "0"), this.reading, this.last),
    );
    this.sizes = new ResizeObserver(() => this._place());
    this.sizes.observe(this.track);
  }

  /** @param {Run} run */
  update(run) {
    const end = run.total_steps || horizon(Math.max(1, run.step));
    this.fill.style.width = `${(100 * Math.min(run.step, end)) / end}%`;
    if (end === this.end) return;
    this.end = end;
    say(this.last, whole(end));
    this._place();
  }

  /** @param {Mark[]} events */
  show(events) {
    this.events = events;
    this._place();
  }

  /* One mark where there is room for one. */
  _place() {
    const width = this.track.clientWidth;
    if (!width) return;
    const places = Math.max(1, Math.floor(width / ROOM_PX));
    const groups = Map.groupBy(
      this.events,
      ({ step }) => Math.min(places - 1, Math.floor((Math.min(step, this.end) / this.end) * places)),
    );
    const shape = JSON.stringify([
      places,
      this.end,
      [...groups].map(([place, group]) => [place, group.length, group[0].words, group.at(-1)?.words]),
    ]);
    if (shape === this.shape) return;
    this.shape = shape;
    const ordered = [...groups].sort(([a], [b]) => a - b);
    this._refill(ordered.map(([place, group]) => this._mark((place + 0.5) / places, group)));
  }

  /** @param {HTMLElement[]} marks */
  _refill(marks) {
    const focused = [...this.marks.children].findIndex((item) => item.contains(document.activeElement));
    this.marks.replaceChildren(...marks);
    marks[focused]?.querySelector("button")?.focus();
  }

  /**
   * @param {number} share of the strip
   * @param {Mark[]} group
   */
  _mark(share, group) {
    const ordered = [...group].sort((a, b) => a.step - b.step);
    const [first, last] = [ordered[0].step, ordered[ordered.length - 1].step];
    const sentences = ordered.slice(0, READ).map((mark) => mark.words.replace(/\.$/, ""));
    if (ordered.length > READ) sentences.push(`${ordered.length - READ} more`);
    const words = `${stepsOf(first, last)}: ${sentences.join("; ")}`;
    const read = () => say(this.reading, words);
    const unread = () => say(this.reading, HINT);
    const around = Math.max(10, Math.round(AROUND * this.end));
    const button = el("button", {
      type: "button",
      class: "strip-mark",
      "data-kind": weightiest(group).kind,
      "aria-label": words,
      onmouseenter: read,
      onfocus: read,
      onmouseleave: unread,
      onblur: unread,
      onclick: () => this.zoom(Math.max(0, first - around), last + around),
    }, group.length > 1 ? String(Math.min(99, group.length)) : "");
    return el("li", { style: `left: ${100 * share}%` }, button);
  }
}
