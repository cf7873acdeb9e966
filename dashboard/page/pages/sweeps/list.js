/* The list of sweeps. */
import { ask } from "../../api/ask.js";
import { el, say } from "../../lib/element.js";
import { List } from "../../lib/list.js";
import { ago } from "../../lib/times.js";
import { Renewed } from "../../shell/poll.js";
import { viewLink } from "./link.js";
import { gridWords, progressOf, progressWords } from "./summary.js";

/** @import { Sweep } from "../../api/schema.d.ts" */

const MOST = 100; /* sweeps in one answer of the API */

/* All sweeps, newest first. */
export class Sweeps extends Renewed {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    /** @type {List<Sweep & { key: string }>} */
    this.list = new List(root, "Sweeps", [
      ["run", "Sweep"],
      ["progress", "Progress"],
      ["num", "Runs"],
      ["num", "Started"],
    ], [
      "No sweeps yet",
      "In the form, give a setting several values, such as 0.1, 0.8, 1.5, or a range of seeds, such as " +
      "0-4. Then press Launch.",
    ]);
    this.renew();
  }

  /** @override */
  async load() {
    /** @type {Sweep[]} */
    const sweeps = await ask(`/sweeps?limit=${MOST}`);
    if (!this.alive) return;
    this.list.show(sweeps.map((sweep) => ({ ...sweep, key: sweep.id })), row, sweeps.length);
    if (sweeps.length === MOST) say(this.list.count, `the newest ${MOST}`);
  }
}

/**
 * @param {string} name
 * @param {...Node} children
 */
const cell = (name, ...children) => el("td", { class: `c-${name}` }, ...children);

/**
 * The row of a sweep.
 * @param {Sweep} sweep
 */
function row(sweep) {
  const about = el("div", { class: "muted small" });
  const fill = el("div", { class: "bar-fill" });
  const words = el("div", { class: "muted small" });
  const [runs, started] = [cell("num"), cell("num")];
  const link = viewLink(`/sweeps?sweep=${sweep.id}`, "");
  const element = el(
    "tr",
    { "data-sweep": sweep.id },
    cell("run", link, about),
    cell("progress", el("div", { class: "bar" }, fill), words),
    runs,
    started,
  );
  return {
    element,
    /** @param {Sweep} now */
    fill(now) {
      say(link, now.name);
      say(about, gridWords(now.spec));
      fill.style.width = `${100 * progressOf(now)}%`;
      say(words, progressWords(now));
      say(runs, String(now.runs.length));
      say(started, ago(now.created));
    },
  };
}
