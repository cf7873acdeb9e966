/* Saved views: what a page shows, and how, under a name. A button in the head, and its panel. */
import { ask, misfits, Refused, send } from "../api/ask.js";
import { el } from "../lib/element.js";
import { without } from "../lib/prefix.js";
import { address } from "./address.js";
import { page } from "./arrival.js";
import { behind } from "./behind.js";
import { go } from "./navigate.js";
import { mayLookOnly } from "./role.js";

/** @import { View } from "../api/schema.d.ts" */

const LONGEST = "100";
const TAKEN = 409;
/** @type {Record<string, string>} */
const PAGES = { "": "Runs", watch: "Watch", compare: "Compare", sweeps: "Sweeps", workers: "Workers" };

/** The address of what is shown, with everything that this browser remembers. */
function shown() {
  page()?.whole?.();
  address.settle();
  return without(location.pathname) + location.search;
}

/**
 * The title of a view's page.
 * @param {string} at
 */
const titleOf = (at) => PAGES[at.slice(1).split("?")[0]] ?? "";

class Views {
  /** @param {HTMLButtonElement} button */
  constructor(button) {
    this.button = button;
    this.list = el("ul", { class: "views", "aria-label": "Views" });
    this.none = el(
      "p",
      { class: "muted small" },
      "A view is what a page shows: runs, filters, groups, axes, and smoothing. Whoever sees this page " +
        "can open it.",
    );
    this.name = field("Name of a new view");
    this.note = el("div", { class: "views-note small", role: "status", hidden: true });
    this.form = el(
      "form",
      { class: "views-form", onsubmit: (/** @type {Event} */ event) => this._save(event) },
      this.name,
      el("button", { class: "button button-strong" }, "Save this view"),
    );
    this.panel = el(
      "div",
      {
        id: "views-panel",
        class: "card",
        popover: "auto",
        role: "dialog",
        "aria-label": "Saved views",
        onbeforetoggle: (/** @type {ToggleEvent} */ { newState }) => this._toggled(newState === "open"),
      },
      el("h2", {}, "Saved views"),
      this.form,
      this.note,
      this.list,
      this.none,
    );
    document.body.append(this.panel);
    button.popoverTargetElement = this.panel;
    button.setAttribute("aria-controls", "views-panel");
  }

  /** @param {boolean} open */
  _toggled(open) {
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.form.hidden = mayLookOnly();
    this._say();
    this.read();
  }

  /** Show the views there are. */
  async read() {
    try {
      /** @type {View[]} */
      const views = await ask("/views");
      this.none.hidden = views.length > 0;
      this.list.replaceChildren(...views.map((view) => this._row(view)));
    } catch (error) {
      this._say(misfits(error));
    }
  }

  /** @param {View} view */
  _row(view) {
    const { name, address: at, author } = view;
    const row = el("li", { "data-view": view.id });
    const link = el(
      "a",
      { href: at, onclick: (/** @type {MouseEvent} */ event) => this._open(event, at) },
      name,
    );
    const about = el("div", { class: "muted small" }, [titleOf(at), author].filter(Boolean).join(" · "));
    row.append(el("div", { class: "view-name" }, link, about));
    if (mayLookOnly()) return row;
    row.append(
      el("button", {
        type: "button",
        class: "button button-quiet",
        "aria-label": `Rename the view ${name}`,
        onclick: () => this._rename(row, view),
      }, "Rename"),
      el("button", {
        type: "button",
        class: "icon-button",
        "aria-label": `Delete the view ${name}`,
        title: "Delete",
        onclick: () => this._delete(view),
      }, "×"),
    );
    return row;
  }

  /**
   * In this tab, unless a key says otherwise.
   * @param {MouseEvent} event
   * @param {string} at
   */
  _open(event, at) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.panel.hidePopover();
    go(at);
  }

  /**
   * @param {HTMLElement} row
   * @param {View} view
   */
  _rename(row, { id, name }) {
    const input = field(`New name of ${name}`);
    input.value = name;
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      if (await this._change(() => send("PATCH", `/views/${id}`, { name: input.value }))) await this.read();
    };
    row.replaceChildren(
      el(
        "form",
        { class: "views-form", onsubmit: submit },
        input,
        el("button", { class: "button" }, "Rename"),
      ),
    );
    input.focus();
    input.select();
  }

  /** @param {View} view */
  async _delete({ id, name, address: at }) {
    if (!await this._change(() => send("DELETE", `/views/${id}`))) return;
    await this.read();
    this._say(`${name} was deleted.`, "Undo", () => send("POST", "/views", { name, address: at }));
    this.name.focus();
  }

  /** @param {Event} event */
  async _save(event) {
    event.preventDefault();
    const body = { name: this.name.value, address: shown() };
    const saved = await this._change(() => send("POST", "/views", body), () => this._offer(body));
    if (!saved) return;
    this.name.value = "";
    await this.read();
    this._say(`${body.name.trim()} was saved.`);
  }

  /**
   * The name is taken: that view can show this page instead.
   * @param {{ name: string, address: string }} body
   */
  async _offer({ name, address: at }) {
    /** @type {View[]} */
    const views = await ask("/views");
    const trimmed = name.split(/\s+/).filter(Boolean).join(" ");
    const taken = views.find((view) => view.name === trimmed);
    if (!taken) return;
    const replace = () => send("PATCH", `/views/${taken.id}`, { address: at });
    this._say(`There is a view ${trimmed} already.`, "Replace it", replace);
  }

  /**
   * Whether it was done.
   * @param {() => Promise<unknown>} act
   * @param {() => Promise<void>} [taken] where a name is taken
   */
  async _change(act, taken) {
    this._say();
    try {
      await act();
      return true;
    } catch (error) {
      this._say(misfits(error), "", null, true);
      if (taken && error instanceof Refused && error.status === TAKEN) await taken().catch(() => {});
      return false;
    }
  }

  /**
   * @param {string} [words]
   * @param {string} [action] the words of a button
   * @param {(() => Promise<unknown>) | null} [act]
   * @param {boolean} [wrong]
   */
  _say(words = "", action = "", act = null, wrong = false) {
    const button = act && el("button", {
      type: "button",
      class: "button button-quiet",
      onclick: async () => await this._change(act) && await this.read(),
    }, action);
    this.note.replaceChildren(el("span", {}, words), ...(button ? [button] : []));
    this.note.hidden = !words;
    this.note.classList.toggle("reason", wrong);
  }
}

/** @param {string} label */
const field = (label) =>
  el("input", {
    type: "text",
    required: true,
    maxlength: LONGEST,
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": label,
    placeholder: "Name",
  });

/** @type {Views | null} */
let views = null;

function present() {
  const button = document.getElementById("views");
  if (!views && button instanceof HTMLButtonElement) views = new Views(button);
  return views;
}

/* Escape closes the panel wherever the focus is, and leads back to its button. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !views?.panel.matches(":popover-open")) return;
  views.panel.hidePopover();
  views.button.focus();
});

behind("views", present);
