/* What happened to one run: along its steps, and in sentences. */
import { el, icon } from "../../../lib/element.js";
import { number, parsed, size, whole } from "../../../lib/numbers.js";
import { clock } from "../../../lib/times.js";
import { plain } from "../../../lib/values.js";
import { Strip } from "./strip.js";
import { address } from "../../../shell/address.js";
import { alertForm } from "../../../shell/bell.js";

const KEY = "events";
const MOST = 1000; /* sentences; what is older is on the strip and in the API */
const GROUPS = [
  ["", "All", []],
  ["run", "Starts and ends", ["started", "lost", "finished", "state"]],
  ["setting", "Settings", ["setting"]],
  ["checkpoint", "Checkpoints", ["checkpoint"]],
  ["alert", "Alerts", ["alert"]],
  ["log", "Notes", ["log"]],
];
const groupOf = (kind) => GROUPS.find(([, , kinds]) => kinds.includes(kind))?.[0];

class Story {
  constructor(record, root, alive, view) {
    Object.assign(this, { record, seen: new Set(), told: [] });
    this.chosen = GROUPS.some(([name]) => name === address.get(KEY)) ? address.get(KEY) : "";
    this.strip = new Strip((from, to) => view.zoomTo(from, to));
    this.list = el("ol", { "aria-label": "Events, newest first", tabindex: "0" });
    this.none = el("p", { class: "muted", hidden: true }, "Nothing of this kind happened.");
    this.buttons = new Map(
      GROUPS.map(([name, words]) => [
        name,
        el("button", {
          type: "button",
          class: "segment",
          onclick: () => this._choose(name),
        }, words),
      ]),
    );
    const filter = el(
      "div",
      { class: "segments story-filter", role: "group", "aria-label": "Which events" },
      ...this.buttons.values(),
    );
    const alert = el(
      "button",
      {
        type: "button",
        class: "button button-quiet",
        "data-action": "alert",
        onclick: () => alertForm(record.run),
      },
      icon("bell"),
      el("span", {}, "Alert me when …"),
    );
    root.classList.add("story");
    root.replaceChildren(
      el("div", { class: "fold-head" }, filter, el("span", { class: "spacer" }), alert),
      this.strip.element,
      this.list,
      this.none,
    );
    this._filter();
  }

  update(run) {
    this.strip.update(run);
  }

  add(event) {
    const group = groupOf(event.kind);
    const words = group ? sentence(event) : "";
    const key = `${event.kind} ${event.attempt} ${event.step} ${words}`;
    if (!words || this.seen.has(key)) return;
    this.seen.add(key);
    const at = new Date(event.time * 1000);
    const kind = event.data.state === "failed" ? "failed" : event.kind;
    const item = el(
      "li",
      { "data-kind": kind, "data-group": group, "data-time": event.time },
      el("time", { datetime: at.toISOString(), title: at.toLocaleString() }, clock(event.time)),
      el("span", { class: "story-step" }, `step ${whole(event.step)}`),
      el("span", {}, words),
    );
    item.hidden = !this._shows(group);
    let after = this.list.firstElementChild;
    while (after && Number(after.dataset.time) > event.time) after = after.nextElementSibling;
    this.list.insertBefore(item, after);
    if (this.list.childElementCount > MOST) this.list.lastElementChild.remove();
    this.told.push({ step: event.step, kind, group, words });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this._tell(), 0);
  }

  _choose(name) {
    this.chosen = name;
    address.set({ [KEY]: name });
    this._filter();
  }

  _shows(group) {
    return !this.chosen || this.chosen === group;
  }

  _filter() {
    for (const [name, button] of this.buttons) {
      button.setAttribute("aria-pressed", String(this.chosen === name));
    }
    for (const item of this.list.children) item.hidden = !this._shows(item.dataset.group);
    this._tell();
  }

  _tell() {
    const shown = this.told.filter(({ group }) => this._shows(group));
    this.none.hidden = shown.length > 0;
    this.list.hidden = !shown.length;
    this.strip.show(shown);
  }
}

/* An event as a sentence; empty for what needs none. */
export function sentence({ kind, attempt, data }) {
  if (kind === "started") {
    return `${attempt > 1 ? `Attempt ${attempt} started` : "Started"} on ${data.worker || "a worker"}${
      data.device ? `, ${data.device}` : ""
    }`;
  }
  if (kind === "setting") {
    return `${data.setting} ${plain(data.old)} → ${plain(data.new)}${data.who ? ` by ${data.who}` : ""}`;
  }
  if (kind === "checkpoint") return `Checkpoint written${data.bytes ? `, ${size(data.bytes)}` : ""}`;
  if (kind === "alert") {
    return `Alert: ${data.words}${
      data.series && !Number.isNaN(parsed(data.value)) ? ` (${number(parsed(data.value))})` : ""
    }`;
  }
  if (kind === "lost") return data.reason ?? "The worker vanished.";
  if (kind === "finished") return data.reason || `Now ${data.state}.`;
  if (kind === "log") return data.line ?? "";
  if (kind === "state" && data.state === "queued" && !data.reason) return "Queued again";
  return "";
}

export const storyPanel = { name: "story", title: "Events", open: (...given) => new Story(...given) };
