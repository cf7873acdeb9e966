/* A button, and below it a box for each column there can be. */
import { el } from "../../lib/element.js";
import { runColumns } from "./columns.js";

const BELOW_PX = 6;

/* The columns of the table, to choose from. */
export class ColumnPicker {
  /**
   * @param {() => string[]} settings names of the settings that occur among the runs
   * @param {(columns: string[]) => void} change called with the choice; empty: those that fit
   */
  constructor(settings, change) {
    this.settings = settings;
    this.change = change;
    /** @type {string[]} */
    this.columns = [];
    this.open = false;
    this.panel = el("div", {
      class: "picker-panel card",
      id: "columns-panel",
      role: "group",
      "aria-label": "Columns",
      popover: "auto",
    });
    this.button = el("button", {
      type: "button",
      class: "button button-quiet",
      "aria-expanded": "false",
      "aria-controls": "columns-panel",
      popovertarget: "columns-panel",
    }, "Columns");
    this.element = el("div", { class: "picker" }, this.button, this.panel);
    this.panel.addEventListener("beforetoggle", (event) => this._turn(event.newState === "open"));
  }

  /** @param {string[]} columns those of the table */
  show(columns) {
    this.columns = columns;
    if (this.open) this._fill();
  }

  /** @param {boolean} open */
  _turn(open) {
    this.open = open;
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const { bottom, right } = this.button.getBoundingClientRect();
    this.panel.style.top = `${bottom + scrollY + BELOW_PX}px`;
    this.panel.style.right = `${document.documentElement.clientWidth - right}px`;
    this._fill();
  }

  _fill() {
    const settings = this.settings().map((name) => `settings.${name}`);
    const key = JSON.stringify([settings, this.columns]);
    if (this.panel.dataset.key === key) return;
    this.panel.dataset.key = key;
    const { activeElement } = document;
    const focused = activeElement instanceof HTMLInputElement && this.panel.contains(activeElement)
      ? activeElement.value
      : null;
    this.panel.replaceChildren(
      this._part("Run fields", runColumns.all),
      this._part("Settings", settings),
      el(
        "button",
        { type: "button", class: "button button-quiet", onclick: () => this.change([]) },
        "Fit to width",
      ),
    );
    if (focused === null) return;
    const again = this.panel.querySelector(`[value="${CSS.escape(focused)}"]`);
    if (again instanceof HTMLElement) again.focus();
  }

  /**
   * @param {string} title
   * @param {string[]} names
   */
  _part(title, names) {
    const boxes = names.map((name) => this._box(name));
    return el("fieldset", { class: "picker-part" }, el("legend", {}, title), ...boxes);
  }

  /** @param {string} name */
  _box(name) {
    const box = el("input", {
      type: "checkbox",
      class: "check",
      value: name,
      checked: this.columns.includes(name),
    });
    box.addEventListener("change", () => {
      const others = this.columns.filter((column) => column !== name);
      this.change(box.checked ? [...this.columns, name] : others);
    });
    return el("label", { class: "picker-item" }, box, runColumns.column(name)?.title ?? name);
  }
}
