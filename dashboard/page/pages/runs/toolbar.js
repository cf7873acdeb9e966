/* Above the table of runs: what is shown of them, in which groups, in which columns. */
import { el, say } from "../../lib/element.js";
import { whole } from "../../lib/numbers.js";
import { runColumns } from "./columns.js";
import { runFilter } from "./filter.js";

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

export class RunsToolbar {
  /* `view` is {filter, sort, group, columns}; `change(part)` is called with those of them that the user chose. */
  constructor(view, change) {
    Object.assign(this, { view, change, settings: new Set(["alpha", "seed"]) });
    this.field = el("input", {
      type: "search",
      id: "runs-filter",
      class: "text-field",
      value: view.filter,
      placeholder: "Filter: text, tag:x, alpha>0.3",
      "aria-label": "Filter the runs",
      title:
        "Words of the name, or state:running strategy:ogm-ge dataset:av-digits tag:x fusion:sum alpha>0.3 best>=0.8",
      "aria-describedby": "filter-problem",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.field.addEventListener("input", () => {
      clearTimeout(this._later);
      this._later = setTimeout(() => change({ filter: this.field.value.trim() }), CALM_MS);
    });
    this.problem = el("p", { id: "filter-problem", class: "filter-problem", role: "status", hidden: true });
    this.chips = el("div", { class: "state-chips", role: "group", "aria-label": "States" });
    this.group = el("select", {
      class: "select",
      "aria-label": "Group by",
      onchange: () => change({ group: this.group.value }),
    });
    this.sort = el("select", {
      class: "select sort-select",
      "aria-label": "Sort by",
      onchange: () => change({ sort: this.sort.value }),
    });
    this.picker = new Picker(() => [...this.settings].sort(), (columns) => change({ columns }));
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
    fillSelect(this.group, [
      ["", "No groups"],
      ...Object.entries(GROUPS).map(([name, title]) => [name, `By ${title}`]),
      ...[...this.settings].sort().map((name) => [`settings.${name}`, `By ${name}`]),
    ], view.group);
    fillSelect(this.sort, Object.entries(SORTS).map(([name, title]) => [name, `Sort: ${title}`]), view.sort);
    this.picker.show(view.columns);
  }

  /* Settings that occur among the runs, so that they can be chosen. */
  learn(names) {
    const before = this.settings.size;
    for (const name of names) this.settings.add(name);
    if (this.settings.size !== before) this.update();
  }

  complain(text) {
    this.problem.hidden = !text;
    say(this.problem, text);
    this.field.setAttribute("aria-invalid", String(Boolean(text)));
  }

  /* How many runs are in each state, each a switch of the filter. */
  count(states) {
    const asked = runFilter.states(this.view.filter);
    const shown = runFilter.STATES.filter((state) => states[state] || asked.includes(state));
    for (const chip of [...this.chips.children]) if (!shown.includes(chip.dataset.state)) chip.remove();
    shown.forEach((state, i) => {
      let chip = [...this.chips.children].find((one) => one.dataset.state === state);
      if (!chip) {
        chip = el(
          "button",
          {
            type: "button",
            class: "state-chip",
            "data-state": state,
            onclick: () => this._toggle(state),
          },
          el("span", {}, state),
          el("span", { class: "chip-count" }),
        );
      }
      say(chip.lastChild, whole(states[state] ?? 0));
      chip.setAttribute("aria-pressed", String(asked.includes(state)));
      if (this.chips.children[i] !== chip) this.chips.insertBefore(chip, this.chips.children[i] ?? null);
    });
  }

  _toggle(state) {
    this.field.value = runFilter.toggle(this.field.value, state);
    this.change({ filter: this.field.value });
  }

  focus() {
    this.field.focus();
    this.field.select();
  }

  leave() {
    clearTimeout(this._later);
    this.picker.leave();
  }
}

/* The options of a select, only where they differ; a value that is not among them is added. */
function fillSelect(select, options, value) {
  const all = options.some(([name]) => name === value)
    ? options
    : [...options, [value, value.replace(/^-?settings\./, "By ")]];
  const key = JSON.stringify(all);
  if (select.dataset.options !== key) {
    select.dataset.options = key;
    select.replaceChildren(...all.map(([name, title]) => el("option", { value: name }, title)));
  }
  select.value = value;
}

/* A button, and below it a box to tick for each column there can be. */
class Picker {
  constructor(settings, change) {
    Object.assign(this, { settings, change, columns: [] });
    this.panel = el("div", {
      class: "picker-panel card",
      id: "columns-panel",
      role: "group",
      "aria-label": "Columns",
      hidden: true,
    });
    this.button = el("button", {
      type: "button",
      class: "button button-quiet",
      "aria-expanded": "false",
      "aria-controls": "columns-panel",
      onclick: () => this._turn(),
    }, "Columns");
    this.element = el("div", { class: "picker" }, this.button, this.panel);
    this._away = (event) => !this.panel.hidden && !this.element.contains(event.target) && this._turn();
    this._key = (event) =>
      event.key === "Escape" && !this.panel.hidden && (this._turn(), this.button.focus());
    document.addEventListener("pointerdown", this._away);
    document.addEventListener("keydown", this._key);
  }

  show(columns) {
    this.columns = columns;
    if (!this.panel.hidden) this._fill();
  }

  _turn() {
    this.panel.hidden = !this.panel.hidden;
    this.button.setAttribute("aria-expanded", String(!this.panel.hidden));
    if (!this.panel.hidden) this._fill();
  }

  _fill() {
    const names = [...runColumns.all, ...this.settings().map((name) => `settings.${name}`)];
    const key = JSON.stringify([names, this.columns]);
    if (this.panel.dataset.key === key) return;
    this.panel.dataset.key = key;
    const focused = this.panel.contains(document.activeElement) ? document.activeElement.value : null;
    const box = (name) =>
      el(
        "label",
        { class: "picker-item" },
        el("input", {
          type: "checkbox",
          class: "check",
          value: name,
          checked: this.columns.includes(name),
          onchange: (event) => this._pick(name, event.target.checked),
        }),
        runColumns.column(name).title,
      );
    const part = (title, some) =>
      el("fieldset", { class: "picker-part" }, el("legend", {}, title), ...some.map(box));
    const reset = el("button", {
      type: "button",
      class: "button button-quiet",
      onclick: () => this.change([]),
    }, "As much as fits");
    this.panel.replaceChildren(
      part("Of the run", runColumns.all),
      part("Settings", names.slice(runColumns.all.length)),
      reset,
    );
    if (focused) this.panel.querySelector(`[value="${CSS.escape(focused)}"]`)?.focus();
  }

  _pick(name, on) {
    this.change(on ? [...this.columns, name] : this.columns.filter((one) => one !== name));
  }

  leave() {
    document.removeEventListener("pointerdown", this._away);
    document.removeEventListener("keydown", this._key);
  }
}
