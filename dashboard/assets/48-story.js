/* What happened to one run in sentences, and the tree of forks that it belongs to. */
(function () {
  "use strict";
  const rhoscope = window.rhoscope;
  const { el, say } = rhoscope;
  const KINDS = ["started", "setting", "lost", "finished", "log", "state"];

  class Story {
    constructor(record, root, alive) {
      Object.assign(this, { record, alive, seen: new Set(), attempt: 0 });
      this.list = el("ol", { "aria-label": "Events, newest first" });
      this.tree = el("ul", { class: "family" });
      this.family = el("section", { class: "card", hidden: true }, el("h3", {}, "Forks"), this.tree);
      root.className = "story";
      root.replaceChildren(el("section", { class: "card" }, el("h3", {}, "Events"), this.list), this.family);
    }

    /* A new attempt or state: what happened meanwhile is read again, for losses come from no live block. */
    update(run) {
      const now = `${run.attempt} ${run.state}`;
      if (now === this.known) return;
      this.known = now;
      const path = `/runs/${encodeURIComponent(run.id)}`;
      rhoscope.ask(`${path}/events`).then((events) => this.alive() && events.forEach((event) => this.add(event)), () => {});
      rhoscope.ask(`${path}/family`).then((family) => this.alive() && this._family(family), () => {});
    }

    add(event) {
      const words = KINDS.includes(event.kind) ? sentence(event) : "";
      const key = `${event.kind} ${event.attempt} ${event.step} ${words}`;
      if (!words || this.seen.has(key)) return;
      this.seen.add(key);
      const at = new Date(event.time * 1000);
      const item = el(
        "li",
        { "data-kind": event.data.state === "failed" ? "failed" : event.kind, "data-time": event.time },
        el("time", { datetime: at.toISOString(), title: at.toLocaleString() }, at.toLocaleTimeString()),
        el("span", { class: "story-step" }, `step ${rhoscope.whole(event.step)}`),
        el("span", {}, words),
      );
      const before = [...this.list.children].find((other) => Number(other.dataset.time) <= event.time);
      this.list.insertBefore(item, before ?? null);
    }

    _family(family) {
      this.family.hidden = family.length < 2;
      const children = new Map();
      for (const one of family) children.set(one.parent, [...(children.get(one.parent) ?? []), one]);
      const branch = (one) => {
        const below = (children.get(one.id) ?? []).map(branch);
        const own = one.id === this.record.id;
        const link = el("a", { class: "run-link", href: `/watch?runs=${one.id}` }, one.name);
        const from = one.parent ? `from step ${rhoscope.whole(one.parent_step)}` : "";
        const best = one.best["val.accuracy"];
        const about = [from, best === undefined ? "" : rhoscope.percent(rhoscope.parsed(best))].filter(Boolean).join(" · ");
        const row = el("div", { class: "family-row", "aria-current": own ? "true" : null }, link, rhoscope.badge(one.state), el("span", { class: "muted" }, about));
        return el("li", {}, row, below.length ? el("ul", {}, ...below) : null);
      };
      this.tree.replaceChildren(...(children.get(null) ?? []).map(branch));
      const all = family.map((one) => one.id).join(",");
      if (family.length > 1) this.tree.append(el("li", {}, el("a", { class: "text-link muted", href: `/watch?runs=${all}` }, "Watch them all together")));
    }
  }

  /* An event as a sentence; empty for what needs none. */
  function sentence({ kind, attempt, data }) {
    if (kind === "started") return `${attempt > 1 ? `Attempt ${attempt} started` : "Started"} on ${data.worker || "a worker"}${data.device ? `, ${data.device}` : ""}`;
    if (kind === "setting") return `${data.setting} ${rhoscope.plain(data.old)} → ${rhoscope.plain(data.new)}${data.who ? ` by ${data.who}` : ""}`;
    if (kind === "lost") return data.reason ?? "The worker vanished.";
    if (kind === "finished") return data.reason || `Now ${data.state}.`;
    if (kind === "log") return data.line ?? "";
    if (kind === "state" && data.state === "queued" && !data.reason) return "Queued again";
    return "";
  }

  rhoscope.panels.push({
    name: "story",
    title: "What happened, and what it was forked from",
    open: (record, root, alive) => new Story(record, root, alive),
  });
})();
