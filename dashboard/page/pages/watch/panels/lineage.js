/* The tree of forks that a run belongs to. */
import { ask } from "../../../api/ask.js";
import { el } from "../../../lib/element.js";
import { parsed, percent, whole } from "../../../lib/numbers.js";
import { badge } from "../../../runs/state.js";

/** @import { Run } from "../../../api/schema.d.ts" */
/** @import { Record } from "../../../data/record.js" */
/** @import { Panel } from "./index.js" */

const NONE = "This run is not a fork and has not been forked. " +
  "Fork starts a new run from one of its checkpoints, with other settings.";

class Lineage {
  /**
   * @param {Record} record
   * @param {HTMLElement} root
   * @param {() => boolean} alive
   */
  constructor(record, root, alive) {
    this.record = record;
    this.alive = alive;
    this.state = ""; /* attempt and state for which the tree was read */
    this.tree = el("ul", { class: "family", hidden: true });
    this.none = el("p", { class: "muted" }, NONE);
    root.replaceChildren(this.tree, this.none);
  }

  /** @param {Run} run */
  update(run) {
    const state = `${run.attempt} ${run.state}`;
    if (state === this.state) return;
    this.state = state;
    this._read();
  }

  /** @param {boolean} open */
  async opened(open) {
    if (open) await this._read();
  }

  add() {}

  _read() {
    /** @type {Promise<Run[]>} */
    const family = ask(`/runs/${encodeURIComponent(this.record.id)}/family`);
    return family.then((runs) => this.alive() && this._show(runs), () => {});
  }

  /** @param {Run[]} family */
  _show(family) {
    const several = family.length > 1;
    this.tree.hidden = !several;
    this.none.hidden = several;
    const children = Map.groupBy(family, (run) => run.parent ?? null);
    /**
     * @param {Run} run
     * @returns {HTMLElement}
     */
    const branch = (run) => {
      const below = (children.get(run.id) ?? []).map(branch);
      return el("li", {}, this._row(run), below.length ? el("ul", {}, ...below) : null);
    };
    this.tree.replaceChildren(...(children.get(null) ?? []).map(branch));
    if (several) this.tree.append(el("li", {}, together(family)));
  }

  /** @param {Run} run */
  _row({ id, name, parent, parent_step: step, best, state }) {
    const from = parent ? `from step ${whole(step ?? 0)}` : "";
    const accuracy = best["val.accuracy"];
    const final = accuracy === undefined ? "" : percent(parsed(accuracy));
    const about = [from, final].filter(Boolean).join(" · ");
    return el(
      "div",
      { class: "family-row", "aria-current": id === this.record.id ? "true" : null },
      el("a", { class: "run-link", href: `/watch?runs=${id}` }, name),
      badge(state),
      el("span", { class: "muted" }, about),
    );
  }
}

/** @param {Run[]} family */
const together = (family) =>
  el(
    "a",
    { class: "text-link muted", href: `/watch?runs=${family.map(({ id }) => id).join(",")}` },
    "Watch them all together",
  );

/** @type {Panel} */
export const lineagePanel = {
  name: "lineage",
  title: "Forks",
  open: (record, root, alive) => new Lineage(record, root, alive),
};
