/* The events of one run: along its steps, and in sentences. */
import { el, icon } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";
import { clock } from "../../../lib/times.js";
import { address } from "../../../shell/address.js";
import { alertForm } from "../../../shell/bell.js";
import { sentence } from "./sentence.js";
import { Strip } from "./strip.js";

/** @import { Event, Run } from "../../../api/schema.d.ts" */
/** @import { Record } from "../../../data/record.js" */
/** @import { Panel, PanelView } from "./index.js" */
/** @import { Mark } from "./strip.js" */

const KEY = "events";
const ALL = "all";
const MOST = 1000; /* sentences; what is older is on the strip and in the API */

/** @type {{ name: string, words: string, kinds: Event["kind"][] }[]} */
const GROUPS = [
  { name: "", words: "Main", kinds: [] },
  { name: "run", words: "Starts and ends", kinds: ["started", "lost", "finished", "state", "order"] },
  { name: "setting", words: "Settings", kinds: ["setting"] },
  { name: "checkpoint", words: "Checkpoints", kinds: ["checkpoint"] },
  { name: "alert", words: "Alerts", kinds: ["alert"] },
  { name: "log", words: "Notes", kinds: ["log"] },
  { name: ALL, words: "All", kinds: [] },
];

/**
 * The group of an event, or "" when it is not shown.
 * @param {Event} event
 */
const groupOf = ({ kind }) => GROUPS.find(({ kinds }) => kinds.includes(kind))?.name ?? "";

/** @param {Record} record */
const alertButton = (record) =>
  el(
    "button",
    {
      type: "button",
      class: "button button-quiet",
      "data-action": "alert",
      onclick: () => record.run && alertForm(record.run),
    },
    icon("bell"),
    el("span", {}, "Alert me when …"),
  );

/**
 * An event in the list.
 * @param {Event} event
 * @param {Mark & { group: string }} mark
 */
function item({ time, step }, { kind, group, words }) {
  const at = new Date(time * 1000);
  return el(
    "li",
    { "data-kind": kind, "data-group": group, "data-time": time },
    el("time", { datetime: at.toISOString(), title: at.toLocaleString() }, clock(time)),
    el("span", { class: "story-step" }, `step ${whole(step)}`),
    el("span", {}, words),
  );
}

class Story {
  /**
   * @param {Record} record
   * @param {HTMLElement} root
   * @param {PanelView} view
   */
  constructor(record, root, view) {
    /** @type {Set<string>} */
    this.seen = new Set();
    /** @type {(Mark & { group: string })[]} */
    this.marks = [];
    this.timer = 0;
    const chosen = address.get(KEY);
    this.chosen = GROUPS.some(({ name }) => name === chosen) ? chosen : "";
    this.strip = new Strip((from, to) => view.zoomTo(from, to));
    this.list = el("ol", { "aria-label": "Events, newest first", tabindex: "0" });
    this.none = el("p", { class: "muted", hidden: true }, "No events of this kind.");
    this.buttons = new Map(GROUPS.map(({ name, words }) => [name, this._button(name, words)]));
    const filter = el(
      "div",
      { class: "segments story-filter", role: "group", "aria-label": "Which events" },
      ...this.buttons.values(),
    );
    root.classList.add("story");
    root.replaceChildren(
      el("div", { class: "fold-head" }, filter, el("span", { class: "spacer" }), alertButton(record)),
      this.strip.element,
      this.list,
      this.none,
    );
    this._filter();
  }

  /**
   * @param {string} name
   * @param {string} words
   */
  _button(name, words) {
    return el("button", { type: "button", class: "segment", onclick: () => this._choose(name) }, words);
  }

  /** @param {Run} run */
  update(run) {
    this.strip.update(run);
  }

  /** @param {Event} event */
  add(event) {
    const group = groupOf(event);
    const words = group ? sentence(event) : "";
    const key = `${event.kind} ${event.attempt} ${event.step} ${words}`;
    if (!words || this.seen.has(key)) return;
    this.seen.add(key);
    /** @type {Mark["kind"]} */
    const kind = event.data.state === "failed" ? "failed" : event.kind;
    const mark = { step: event.step, kind, group, words };
    this.marks.push(mark);
    this._insert(item(event, mark), event.time);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this._show(), 0);
  }

  /**
   * @param {HTMLElement} entry
   * @param {number} time
   */
  _insert(entry, time) {
    entry.hidden = !this._shows(entry.dataset.group);
    const after = this._entries().find((one) => Number(one.dataset.time) <= time) ?? null;
    this.list.insertBefore(entry, after);
    if (this.list.childElementCount > MOST) this.list.lastElementChild?.remove();
  }

  _entries() {
    return /** @type {HTMLElement[]} */ ([...this.list.children]);
  }

  /** @param {string} name */
  _choose(name) {
    this.chosen = name;
    address.set({ [KEY]: name });
    this._filter();
  }

  /** @param {string} [group] */
  _shows(group) {
    if (!this.chosen) return group !== "checkpoint"; /* there are many, and they have a panel of their own */
    return this.chosen === ALL || this.chosen === group;
  }

  _filter() {
    for (const [name, button] of this.buttons) {
      button.setAttribute("aria-pressed", String(this.chosen === name));
    }
    for (const entry of this._entries()) entry.hidden = !this._shows(entry.dataset.group);
    this._show();
  }

  _show() {
    const shown = this.marks.filter(({ group }) => this._shows(group));
    this.none.hidden = shown.length > 0;
    this.list.hidden = !shown.length;
    this.strip.show(shown);
  }
}

/** @type {Panel} */
export const storyPanel = {
  name: "story",
  title: "Events",
  open: (record, root, _alive, view) => new Story(record, root, view),
};
