/* How a comparison is looked at: grouped by what, on which axis, which series, how smooth, which stretch. */
import { AXES } from "../../bands/axes.js";
import { splitName } from "../../charts/lines.js";
import { Boxes } from "../../lib/boxes.js";
import { el, say } from "../../lib/element.js";
import { comparison } from "./rows.js";

export class CompareBar {
  /* `set(changes)`: {by, align, series, smooth, zoom}. */
  constructor(set) {
    this.set = set;
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
    this.smooth = el("input", {
      type: "range",
      min: "0",
      max: "100",
      class: "compare-smooth",
      id: "compare-smooth",
      oninput: () => set({ smooth: Number(this.smooth.value) }),
    });
    const edge = (label) =>
      el("input", {
        type: "number",
        class: "steps",
        "aria-label": label,
        step: "any",
        onchange: () => this._range(),
      });
    [this.from, this.to] = [edge("From"), edge("To")];
    this.whole = el("button", {
      type: "button",
      class: "button button-quiet",
      title: "Show all of it (or double-click a chart)",
      onclick: () => set({ zoom: null }),
    }, "All");
    this.range = el("span", { class: "toolbar-label" });
    this.ranged = el(
      "div",
      { class: "compare-range" },
      this.range,
      this.from,
      el("span", { "aria-hidden": "true" }, "–"),
      this.to,
      this.whole,
    );
    this.element = el(
      "div",
      { class: "toolbar compare-bar" },
      this.by.element,
      el("div", { class: "segments", role: "group", "aria-label": "Align by" }, ...this.axes),
      this.series.element,
      el(
        "div",
        { class: "compare-range" },
        el("label", { class: "toolbar-label", for: "compare-smooth" }, "Smoothing"),
        this.smooth,
      ),
      this.ranged,
    );
  }

  _range() {
    const [from, to] = [this.from, this.to].map((
      box,
      i,
    ) => (box.value === "" ? this.shown[i] : Number(box.value)));
    if (to > from) this.set({ zoom: [from, to] });
  }

  /* `state` of the page; `settings` that differ, `declared` series. */
  show(state, settings, declared, modalities, range) {
    const { heading } = comparison;
    this.by.show(
      settings.map((name) => ({ name, text: heading(name) })),
      state.by,
      state.by.length ? `Group by ${state.by.map(heading).join(", ")}` : "Group by …",
    );
    this.by.element.hidden = !settings.length && !state.by.length;
    for (const button of this.axes) {
      button.setAttribute("aria-pressed", String(button.dataset.align === state.align));
    }
    const title = (series) =>
      [series.title, splitName(series, modalities).modality].filter(Boolean).join(", ");
    this.series.show(
      declared.map((series) => ({ name: series.name, text: title(series) })),
      state.series,
      `Series: ${state.series.length} of ${declared.length}`,
    );
    if (document.activeElement !== this.smooth) this.smooth.value = String(state.smooth);
    this.shown = range ?? [0, 1];
    this.ranged.hidden = state.align === "clock" && !state.zoom;
    say(this.range, state.align === "time" ? "Seconds" : AXES[state.align].title + "s");
    for (const [i, box] of [this.from, this.to].entries()) {
      box.hidden = state.align === "clock";
      if (document.activeElement !== box) box.value = String(Number(this.shown[i].toFixed(2)));
    }
    this.ranged.children[2].hidden = state.align === "clock";
    this.whole.hidden = !state.zoom;
  }

  leave() {
    this.by.leave();
    this.series.leave();
  }
}
