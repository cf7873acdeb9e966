/* The end of what a run's process wrote, followed while it is looked at. */
import { ask } from "../../../api/ask.js";
import { copyButton } from "../../../lib/clipboard.js";
import { el, say } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";

const EVERY_MS = 2000;
const LINES = 2000;
const NEAR_PX = 40;
const ENDED = ["stopped", "completed", "failed", "lost"];

class Log {
  constructor(record, root, alive) {
    Object.assign(this, { record, root, alive, lines: [], follows: true });
    this.text = el("pre", { class: "code log", tabindex: "0", "aria-label": "Log of the training process" });
    this.text.addEventListener("scroll", () => this._scrolled());
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
    this.note = el("p", { class: "muted" }, "Reading the log …");
    root.classList.add("log-panel");
    root.replaceChildren(
      el(
        "div",
        { class: "fold-head" },
        this.search,
        this.count,
        el("span", { class: "spacer" }),
        this.newest,
        copyButton("Copy", () => this._chosen().join("\n")),
      ),
      this.text,
      this.note,
    );
    this.text.hidden = true;
  }

  opened(open) {
    clearTimeout(this.timer);
    if (open) this._read();
  }

  update() {}

  add() {}

  async _read() {
    try {
      const { lines, notes, there } = await ask(
        `/runs/${encodeURIComponent(this.record.id)}/logs?lines=${LINES}`,
      );
      if (!this.alive()) return;
      this._take(lines, notes, there);
    } catch (error) {
      say(this.note, error.message);
      this.note.hidden = false;
    }
    const ended = ENDED.includes(this.record.run?.state);
    clearTimeout(this.timer);
    if (this.alive() && this.root.closest("details")?.open && !ended) {
      this.timer = setTimeout(() => this._read(), EVERY_MS);
    }
  }

  _take(lines, notes, there) {
    const told = notes.map((line) => `note: ${line}`);
    const now = [...told, ...lines];
    say(this.note, this._about(lines, there));
    this.note.hidden = !this.note.textContent;
    if (now.length === this.lines.length && now.at(-1) === this.lines.at(-1) && now[0] === this.lines[0]) {
      return;
    }
    this.lines = now;
    this._show();
  }

  /* Why there is nothing to see, or not all. */
  _about(lines, there) {
    const { run } = this.record;
    if (lines.length >= LINES) return `These are the last ${whole(LINES)} lines.`;
    if (lines.length) return "";
    if (there) return "The process has written nothing. It does when something goes wrong.";
    if (!run?.worker) return "No process has begun to train this run yet.";
    return `The process wrote its log on the machine of ${run.worker}, not on the API's: look there for logs/${run.id}.log in its data directory.`;
  }

  _chosen() {
    const wanted = this.search.value.trim().toLowerCase();
    return wanted ? this.lines.filter((line) => line.toLowerCase().includes(wanted)) : this.lines;
  }

  _show() {
    const chosen = this._chosen();
    this.text.hidden = !this.lines.length;
    say(
      this.count,
      this.search.value.trim() ? `${whole(chosen.length)} of ${whole(this.lines.length)} lines` : "",
    );
    say(this.text, chosen.join("\n") || "No line has this text.");
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

export const logPanel = { name: "log", title: "Log", open: (...given) => new Log(...given) };
