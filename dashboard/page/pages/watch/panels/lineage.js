/* The tree of forks that a run belongs to. */
import { ask } from "../../../api/ask.js";
import { el } from "../../../lib/element.js";
import { parsed, percent, whole } from "../../../lib/numbers.js";
import { badge } from "../../../runs/state.js";

class Lineage {
  constructor(record, root, alive) {
    Object.assign(this, { record, alive });
    this.tree = el("ul", { class: "family", hidden: true });
    this.none = el(
      "p",
      { class: "muted" },
      "This run was forked from none, and none from it. Fork makes a new run from one of its checkpoints, with other settings.",
    );
    root.replaceChildren(this.tree, this.none);
  }

  update(run) {
    const now = `${run.attempt} ${run.state}`;
    if (now === this.known) return;
    this.known = now;
    this._read();
  }

  opened(open) {
    if (open) this._read();
  }

  add() {}

  _read() {
    ask(`/runs/${encodeURIComponent(this.record.id)}/family`).then(
      (family) => this.alive() && this._show(family),
      () => {},
    );
  }

  _show(family) {
    this.tree.hidden = family.length < 2;
    this.none.hidden = !this.tree.hidden;
    const children = new Map();
    for (const one of family) children.set(one.parent, [...(children.get(one.parent) ?? []), one]);
    const branch = (one) => {
      const below = (children.get(one.id) ?? []).map(branch);
      return el("li", {}, this._row(one), below.length ? el("ul", {}, ...below) : null);
    };
    this.tree.replaceChildren(...(children.get(null) ?? []).map(branch));
    const all = family.map((one) => one.id).join(",");
    if (family.length > 1) {
      this.tree.append(
        el(
          "li",
          {},
          el("a", { class: "text-link muted", href: `/watch?runs=${all}` }, "Watch them all together"),
        ),
      );
    }
  }

  _row(one) {
    const link = el("a", { class: "run-link", href: `/watch?runs=${one.id}` }, one.name);
    const from = one.parent ? `from step ${whole(one.parent_step)}` : "";
    const best = one.best["val.accuracy"];
    const about = [from, best === undefined ? "" : percent(parsed(best))].filter(Boolean).join(" · ");
    return el(
      "div",
      { class: "family-row", "aria-current": one.id === this.record.id ? "true" : null },
      link,
      badge(one.state),
      el("span", { class: "muted" }, about),
    );
  }
}

export const lineagePanel = { name: "lineage", title: "Forks", open: (...given) => new Lineage(...given) };
