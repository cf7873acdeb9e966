/* The end of what a run's process wrote, followed while it is looked at. */
import { ask } from "../../../api/ask.js";
import { copyButton } from "../../../lib/clipboard.js";
import { el, say } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";
import { Followed } from "./followed.js";

/** @import { Log as LogAnswer, Run } from "../../../api/schema.d.ts" */
/** @import { Record } from "../../../data/record.js" */
/** @import { Panel } from "./index.js" */

const EVERY_MS = 2000;
const LINES = 2000;
const NEAR_PX = 40;

/**
 * Why there is nothing to see, or not all.
 * @param {LogAnswer} log
 * @param {Run | null} run
 */
function about({ lines, there }, run) {
  if (lines.length >= LINES) return `Showing the last ${whole(LINES)} lines.`;
  if (lines.length) return "";
  if (there) return "Log is empty. The process writes here when something goes wrong.";
  if (run?.spec.guest) return "The program has printed nothing, or keeps it to itself.";
  if (!run?.worker) return "No process has started training this run yet.";
  return `The log is on the machine of ${run.worker}, not on the API's: ` +
    `see logs/${run.id}.log in its data directory there.`;
}

class Log extends Followed {
  /**
   * @param {Record} record
   * @param {HTMLElement} root
   * @param {() => boolean} alive
   */
  constructor(record, root, alive) {
    super(record, root, alive, EVERY_MS);
    /** @type {string[]} */
    this.lines = [];
    this.follows = true;
    this.text = el("pre", {
      class: "code log",
      tabindex: "0",
      hidden: true,
      "aria-label": "Log of the training process",
      onscroll: () => this._scrolled(),
    });
    this.search = el("input", {
      type: "search",
      class: "log-search",
      placeholder: "Search",
      "aria-label": "Only lines with this text",
      oninput: () => this._show(),
    });
    this.count = el("span", { class: "muted", role: "status" });
    this.newest = el("button", {
      type: "button",
      class: "button button-quiet",
      hidden: true,
      onclick: () => this._follow(),
    }, "Follow the newest lines");
    say(this.note, "Loading the log …");
    const head = el(
      "div",
      { class: "fold-head" },
      this.search,
      this.count,
      el("span", { class: "spacer" }),
      this.newest,
      copyButton("Copy", () => this._matching().join("\n")),
    );
    root.classList.add("log-panel");
    root.replaceChildren(head, this.text, this.note);
  }

  /** @override */
  async load() {
    /** @type {LogAnswer} */
    const log = await ask(`/runs/${encodeURIComponent(this.record.id)}/logs?lines=${LINES}`);
    if (this.alive()) this._take(log);
  }

  /** @param {LogAnswer} log */
  _take(log) {
    const lines = [...log.notes.map((line) => `note: ${line}`), ...log.lines];
    const note = about(log, this.record.run);
    say(this.note, note);
    this.note.hidden = !note;
    const same = lines.length === this.lines.length && lines[0] === this.lines[0] &&
      lines.at(-1) === this.lines.at(-1);
    if (same) return;
    this.lines = lines;
    this._show();
  }

  _matching() {
    const text = this.search.value.trim().toLowerCase();
    return text ? this.lines.filter((line) => line.toLowerCase().includes(text)) : this.lines;
  }

  _show() {
    const matching = this._matching();
    this.text.hidden = !this.lines.length;
    say(
      this.count,
      this.search.value.trim() ? `${whole(matching.length)} of ${whole(this.lines.length)} lines` : "",
    );
    say(this.text, matching.join("\n") || "No line contains this text.");
    if (this.follows) this.text.scrollTop = this.text.scrollHeight;
  }

  _scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.text;
    this.follows = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.newest.hidden = this.follows;
  }

  _follow() {
    this.text.scrollTop = this.text.scrollHeight;
    this.text.focus();
  }
}

/** @type {Panel} */
export const logPanel = {
  name: "log",
  title: "Log",
  open: (record, root, alive) => new Log(record, root, alive),
};
