/* Above the table of runs: the filter, groups, order and columns. */
import { STATES } from "../../api/states.js";
import { el, say } from "../../lib/element.js";
import { whole } from "../../lib/numbers.js";
import { runFilter } from "./filter.js";
import { ColumnPicker } from "./picker.js";

/** @import { RunState } from "../../api/schema.d.ts" */
/** @typedef {{ filter: string, sort: string, group: string, columns: string[] }} Shown */
/** @typedef {{ filter?: string, sort?: string, group?: string, columns?: string[] }} Changes */

const CALM_MS = 200;
const GROUPS = {
  strategy: "strategy",
  dataset: "data set",
  sweep: "sweep",
  tag: "tag",
  fusion: "fusion",
  state: "state",
  worker: "worker",
};
const SORTS = {
  "-created": "newest",
  "-best": "best accuracy",
  "-test": "test accuracy",
  name: "name",
  state: "state",
  "-progress": "progress",
  "-duration": "duration",
};

/* What a user chooses of the view. */
export class RunsToolbar {
  /**
   * @param {Shown} view
   * @param {(changes: Changes) => void} change called with what the user chose
   */
  constructor(view, change) {
    this.view = view;
    this.change = change;
    this.settings = new Set(["alpha", "seed"]);
    this.timer = 0;
    this.field = filterField(view.filter);
    this.field.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => change({ filter: this.field.value.trim() }), CALM_MS);
    });
    this.problem = el("p", { id: "filter-problem", class: "filter-problem", role: "status", hidden: true });
    this.chips = el("div", { class: "state-chips", role: "group", "aria-label": "States" });
    /** @type {Map<RunState, StateChip>} */
    this.states = new Map();
    this.group = el("select", { class: "select", "aria-label": "Group by" });
    this.group.addEventListener("change", () => change({ group: this.group.value }));
    this.sort = el("select", { class: "select sort-select", "aria-label": "Sort by" });
    this.sort.addEventListener("change", () => change({ sort: this.sort.value }));
    this.picker = new ColumnPicker(() => [...this.settings].sort(), (columns) => change({ columns }));
    this.element = el(
      "div",
      { class: "runs-toolbar" },
      el("div", { class: "runs-tools" }, this.field, this.group, this.sort, this.picker.element),
      this.problem,
      this.chips,
    );
    this.update();
  }

  /* The view was changed elsewhere. */
  update() {
    const { view } = this;
    if (document.activeElement !== this.field) this.field.value = view.filter;
    const settings = [...this.settings].sort();
    fillSelect(this.group, [
      ["", "No grouping"],
      ...pairs(GROUPS, "By"),
      ...settings.map((name) => pair(`settings.${name}`, `By ${name}`)),
    ], view.group);
    fillSelect(this.sort, pairs(SORTS, "Sort:"), view.sort);
    this.picker.show(view.columns);
  }

  /**
   * Settings that occur among the runs, so that they can be chosen.
   * @param {string[]} names
   */
  learn(names) {
    const before = this.settings.size;
    for (const name of names) this.settings.add(name);
    if (this.settings.size !== before) this.update();
  }

  /** @param {string} text */
  complain(text) {
    this.problem.hidden = !text;
    say(this.problem, text);
    this.field.setAttribute("aria-invalid", String(Boolean(text)));
  }

  /**
   * Show how many runs are in each state; each is a switch of the filter.
   * @param {Record<string, number>} counts
   */
  count(counts) {
    const pressed = runFilter.states(this.view.filter);
    const shown = STATES.filter((state) => counts[state] || pressed.includes(state));
    for (const [state, chip] of this.states) if (!shown.includes(state)) this._drop(state, chip);
    shown.forEach((state, place) => {
      const chip = this.states.get(state) ?? stateChip(state, () => this._toggle(state));
      this.states.set(state, chip);
      chip.show(counts[state] ?? 0, pressed.includes(state));
      const there = this.chips.children[place] ?? null;
      if (there !== chip.element) this.chips.insertBefore(chip.element, there);
    });
  }

  /**
   * @param {RunState} state
   * @param {StateChip} chip
   */
  _drop(state, chip) {
    chip.element.remove();
    this.states.delete(state);
  }

  /** @param {string} state */
  _toggle(state) {
    this.field.value = runFilter.toggle(this.field.value, state);
    this.change({ filter: this.field.value });
  }

  focus() {
    this.field.focus();
    this.field.select();
  }

  leave() {
    clearTimeout(this.timer);
  }
}

/** @param {string} value */
const filterField = (value) =>
  el("input", {
    type: "search",
    id: "runs-filter",
    class: "text-field",
    value,
    placeholder: "Filter: text, tag:x, alpha>0.3",
    "aria-label": "Filter the runs",
    title: "Words from the name, or fields such as state:running strategy:ogm-ge dataset:av-digits tag:x " +
      "fusion:sum alpha>0.3 best>=0.8",
    "aria-describedby": "filter-problem",
    autocomplete: "off",
    spellcheck: "false",
  });

/**
 * The switch of a state, with the number of its runs.
 * @param {string} state
 * @param {() => void} act
 */
function stateChip(state, act) {
  const number = el("span", { class: "chip-count" });
  const element = el(
    "button",
    { type: "button", class: "state-chip", "data-state": state, onclick: act },
    el("span", {}, state),
    number,
  );
  return {
    element,
    /**
     * @param {number} count
     * @param {boolean} pressed
     */
    show(count, pressed) {
      say(number, whole(count));
      element.setAttribute("aria-pressed", String(pressed));
    },
  };
}
/** @typedef {ReturnType<typeof stateChip>} StateChip */

/**
 * @param {string} name
 * @param {string} title
 * @returns {[string, string]}
 */
const pair = (name, title) => [name, title];

/**
 * @param {Record<string, string>} titles by name
 * @param {string} before
 */
const pairs = (titles, before) =>
  Object.entries(titles).map(([name, title]) => pair(name, `${before} ${title}`));

/**
 * Fill a select only where its options differ; a value that is not among them is added.
 * @param {HTMLSelectElement} select
 * @param {[string, string][]} options names and titles
 * @param {string} value
 */
function fillSelect(select, options, value) {
  const all = options.some(([name]) => name === value)
    ? options
    : [...options, pair(value, value.replace(/^-?settings\./, "By "))];
  const key = JSON.stringify(all);
  if (select.dataset.options !== key) {
    select.dataset.options = key;
    select.replaceChildren(...all.map(([name, title]) => el("option", { value: name }, title)));
  }
  select.value = value;
}
