/* A run's events as marks along its steps: read by pointing or focus, a click shows the charts there. */
import { horizon } from "../../../charts/grid.js";
import { el, say } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";

const ROOM_PX = 26; /* a mark is a button, and buttons need room */
const AROUND = 0.03;
const HINT = "Point at a mark to read it; click it to see the charts there.";
const WEIGHT = ["failed", "lost", "alert", "finished", "setting", "started", "log", "state", "checkpoint"];

export class Strip {
  /* `zoom(from, to)` shows the charts between two steps. */
  constructor(zoom) {
    Object.assign(this, { zoom, told: [], end: 1 });
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

  update(run) {
    const end = run.total_steps || horizon(Math.max(1, run.step));
    this.fill.style.width = `${(100 * Math.min(run.step, end)) / end}%`;
    if (end === this.end) return;
    this.end = end;
    say(this.last, whole(end));
    this._place();
  }

  /* `told`: [{step, kind, words}]. */
  show(told) {
    this.told = told;
    this._place();
  }

  /* One mark where there is room for one. */
  _place() {
    const width = this.track.clientWidth;
    if (!width) return;
    const places = Math.max(1, Math.floor(width / ROOM_PX));
    const groups = new Map();
    for (const one of this.told) {
      const place = Math.min(places - 1, Math.floor((Math.min(one.step, this.end) / this.end) * places));
      if (groups.has(place)) groups.get(place).push(one);
      else groups.set(place, [one]);
    }
    const shape = JSON.stringify([
      places,
      this.end,
      [...groups].map(([place, of]) => [place, of.length, of[0].words, of.at(-1).words]),
    ]);
    if (shape === this.shape) return;
    this.shape = shape;
    const focused = [...this.marks.children].findIndex((item) => item.contains(document.activeElement));
    this.marks.replaceChildren(
      ...[...groups].sort((a, b) => a[0] - b[0]).map(([place, group]) =>
        this._mark((place + 0.5) / places, group)
      ),
    );
    this.marks.children[focused]?.firstChild.focus();
  }

  _mark(share, group) {
    const ordered = [...group].sort((a, b) => a.step - b.step);
    const kind = [...group].sort((a, b) => WEIGHT.indexOf(a.kind) - WEIGHT.indexOf(b.kind))[0].kind;
    const [first, last] = [ordered[0].step, ordered.at(-1).step];
    const where = first === last ? `step ${whole(first)}` : `steps ${whole(first)} – ${whole(last)}`;
    const told = ordered.slice(0, 3).map((one) => one.words.replace(/\.$/, ""));
    if (ordered.length > 3) told.push(`${ordered.length - 3} more`);
    const words = `${where}: ${told.join("; ")}`;
    const read = () => say(this.reading, words);
    const unread = () => say(this.reading, HINT);
    const around = Math.max(10, Math.round(AROUND * this.end));
    const button = el("button", {
      type: "button",
      class: "strip-mark",
      "data-kind": kind,
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
