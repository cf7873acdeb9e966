/* Where and with what a run's process runs: code, machine, packages, environment; secrets come masked. */
import { ask } from "../../../api/ask.js";
import { copyButton } from "../../../lib/clipboard.js";
import { el } from "../../../lib/element.js";
import { whole } from "../../../lib/numbers.js";
import { reason } from "../../../lib/reason.js";

/** @import { Facts as FactsAnswer } from "../../../api/schema.d.ts" */
/** @import { Record } from "../../../data/record.js" */
/** @import { Panel } from "./index.js" */

const NOTHING = "This run's process said nothing about itself; runs of earlier versions did not.";

/** @param {{ [name: string]: unknown }} values */
const pairs = (values) => Object.entries(values).map(([name, value]) => `${name}=${value}`).join("\n");

/**
 * What there is to say, in order: a few words each.
 * @param {FactsAnswer} facts
 * @returns {[title: string, text: string][]}
 */
export function factsOf(facts) {
  const { processors: count } = facts;
  const processors = count ? `${whole(count)} processors` : "";
  /** @type {[string, string][]} */
  const all = [
    ["Commit", [facts.commit, facts.branch && `on ${facts.branch}`].filter(Boolean).join(" ")],
    ["Command", (facts.command ?? []).join(" ")],
    ["Directory", facts.directory ?? ""],
    ["Host", [facts.host, facts.system, processors].filter(Boolean).join(", ")],
    ["Devices", (facts.devices ?? []).join(", ")],
    ["Python", facts.python ?? ""],
    ["Seeds", pairs(facts.seeds ?? {}).replaceAll("\n", ", ")],
  ];
  return all.filter(([, text]) => text);
}

/**
 * A long text under a line that opens it.
 * @param {string} title
 * @param {string} text
 */
const long = (title, text) =>
  el(
    "details",
    { class: "facts-long" },
    el("summary", {}, title),
    el("div", { class: "fold-head" }, el("span", { class: "spacer" }), copyButton("Copy", () => text)),
    el("pre", { class: "code log", tabindex: "0", "aria-label": title }, text),
  );

/** @param {FactsAnswer} facts */
function parts(facts) {
  const { packages = {}, environment = {}, diff = "" } = facts;
  const [some, variables] = [Object.keys(packages).length, Object.keys(environment).length];
  return [
    el("dl", { class: "facts" }, ...factsOf(facts).flatMap(([t, x]) => [el("dt", {}, t), el("dd", {}, x)])),
    diff ? long("Changes that were not committed", diff) : "",
    some ? long(`Packages (${whole(some)})`, pairs(packages)) : "",
    variables ? long(`Environment (${whole(variables)}), secrets masked`, pairs(environment)) : "",
  ];
}

class Facts {
  /**
   * @param {Record} record
   * @param {HTMLElement} root
   * @param {() => boolean} alive
   */
  constructor(record, root, alive) {
    this.record = record;
    this.root = root;
    this.alive = alive;
    this.attempt = -1; /* whose facts are shown */
    root.classList.add("facts-panel");
    root.replaceChildren(el("p", { class: "muted" }, "Loading facts …"));
  }

  /** @param {boolean} open */
  async opened(open) {
    if (open && this.attempt !== this.record.run?.attempt) await this._read();
  }

  update() {
    if (this.root.closest("details")?.open) this.opened(true);
  }

  add() {}

  async _read() {
    this.attempt = this.record.run?.attempt ?? 0;
    try {
      /** @type {FactsAnswer} */
      const facts = await ask(`/runs/${encodeURIComponent(this.record.id)}/facts`);
      if (!this.alive()) return;
      const shown = factsOf(facts).length ? parts(facts) : [el("p", { class: "muted" }, NOTHING)];
      this.root.replaceChildren(...shown);
    } catch (error) {
      this.root.replaceChildren(el("p", { class: "reason" }, reason(error)));
      this.attempt = -1;
    }
  }
}

/** @type {Panel} */
export const factsPanel = {
  name: "facts",
  title: "Facts",
  open: (record, root, alive) => new Facts(record, root, alive),
};
