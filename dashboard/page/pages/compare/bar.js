/* Controls of a comparison: grouped by what, on which axis, which series, how smooth, which range. */
import { along, AXES, axisOf } from "../../bands/axes.js";
import { splitName } from "../../charts/lines.js";
import { Boxes } from "../../lib/boxes.js";
import { el, say } from "../../lib/element.js";
import { heading } from "../../runs/facts.js";

/** @import { Series } from "../../api/schema.d.ts" */
/** @import { Range } from "../../bands/axes.js" */
/** @import { Look } from "./look.js" */
/**
 * What there is to choose from.
 * @typedef {object} Choices
 * @property {string[]} settings that differ among the runs
 * @property {Series[]} declared
 * @property {string[]} modalities
 * @property {Range | null} range what is seen of the axis
 */

const CENTERED = "Centered: each point is averaged with those before and after it. k and the learning rate " +
  "never are.";

/** @param {string} label */
const edge = (label) => el("input", { type: "number", class: "steps", "aria-label": label, step: "any" });

/* The bar below the table. */
export class CompareBar {
  /** @param {(changes: Partial<Look>) => void} set */
  constructor(set) {
    this.set = set;
    /** @type {Range} */
    this.shown = [0, 1];
    this.by = new Boxes("Group by", (by) => set({ by }));
    this.series = new Boxes("Series", (series) => set({ series }));
    this.axes = Object.values(AXES).map((axis) =>
      el("button", {
        type: "button",
        class: "segment",
        title: axis.about,
        "data-align": axis.name,
        onclick: () => set({ align: axis.name, zoom: null }),
      }, axis.title)
    );
    this.along = el("select", {
      class: "compare-along",
      "aria-label": "A series as the x axis",
      title: "A series as the x axis; where it falls, the axis stands still",
      onchange: () => set({ align: this.along.value || "step", zoom: null }),
    });
    this.smooth = el("input", {
      type: "range",
      min: "0",
      max: "100",
      class: "compare-smooth",
      id: "compare-smooth",
      oninput: () => set({ smooth: Number(this.smooth.value) }),
    });
    this.edges = [edge("From"), edge("To")];
    for (const box of this.edges) box.addEventListener("change", () => this._range());
    this.dash = el("span", { "aria-hidden": "true" }, "–");
    this.whole = el("button", {
      type: "button",
      class: "button button-quiet",
      title: "Show everything (or double-click a chart)",
      onclick: () => set({ zoom: null }),
    }, "All");
    this.unit = el("span", { class: "toolbar-label" });
    const [from, to] = this.edges;
    this.ranged = el("div", { class: "compare-range" }, this.unit, from, this.dash, to, this.whole);
    this.element = el(
      "div",
      { class: "toolbar compare-bar" },
      this.by.element,
      el("div", { class: "segments", role: "group", "aria-label": "Align by" }, ...this.axes),
      this.along,
      this.series.element,
      el(
        "div",
        { class: "compare-range" },
        el("label", { class: "toolbar-label", for: "compare-smooth", title: CENTERED }, "Smoothing"),
        this.smooth,
      ),
      this.ranged,
    );
  }

  _range() {
    const [from, to] = this.edges.map((box, i) => (box.value === "" ? this.shown[i] : Number(box.value)));
    if (to > from) this.set({ zoom: [from, to] });
  }

  /**
   * @param {Look} look
   * @param {Choices} choices
   */
  show(look, { settings, declared, modalities, range }) {
    this.by.show(
      settings.map((name) => ({ name, text: heading(name) })),
      look.by,
      look.by.length ? `Group by ${look.by.map(heading).join(", ")}` : "Group by …",
    );
    this.by.element.hidden = !settings.length && !look.by.length;
    for (const button of this.axes) {
      button.setAttribute("aria-pressed", String(button.dataset.align === look.align));
    }
    const title = (/** @type {Series} */ series) =>
      [series.title, splitName(series, modalities).modality].filter(Boolean).join(", ");
    this.series.show(
      declared.map((series) => ({ name: series.name, text: title(series) })),
      look.series,
      `Series: ${look.series.length} of ${declared.length}`,
    );
    if (document.activeElement !== this.smooth) this.smooth.value = String(look.smooth);
    this._showAlong(look.align, declared.map(({ name }) => name));
    this._showRange(look, range ?? [0, 1]);
  }

  /**
   * @param {string} align
   * @param {string[]} names of the series that there are
   */
  _showAlong(align, names) {
    const chosen = align in AXES ? "" : align;
    const values = [...new Set([...names.map(along), ...(chosen ? [chosen] : [])])];
    const key = values.join("\n");
    if (this.along.dataset.of !== key) {
      this.along.dataset.of = key;
      const options = values.map((value) => el("option", { value }, axisOf(value).title));
      this.along.replaceChildren(el("option", { value: "" }, "Series …"), ...options);
    }
    this.along.value = chosen;
    this.along.hidden = !values.length;
  }

  /**
   * A time of day is chosen on the charts alone.
   * @param {Look} look
   * @param {Range} range
   */
  _showRange({ align, zoom }, range) {
    const clock = align === "clock";
    this.shown = range;
    this.ranged.hidden = clock && !zoom;
    const { title } = axisOf(align);
    say(this.unit, align === "time" ? "Seconds" : align in AXES ? `${title}s` : title);
    for (const [i, box] of this.edges.entries()) {
      box.hidden = clock;
      if (document.activeElement !== box) box.value = String(Number(range[i].toFixed(2)));
    }
    this.dash.hidden = clock;
    this.whole.hidden = !zoom;
  }

  leave() {
    this.by.leave();
    this.series.leave();
  }
}
