/* Runs side by side: what differs between them, how they ended, and their curves on one axis. */
import { ask } from "../../api/ask.js";
import { AXES, zoomOfAddress } from "../../bands/axes.js";
import { BandBoard } from "../../bands/board.js";
import { lineKey } from "../../bands/card.js";
import { colored } from "../../bands/entries.js";
import { splitName } from "../../charts/lines.js";
import { el, icon, say } from "../../lib/element.js";
import { whole } from "../../lib/numbers.js";
import { stats } from "../../lib/stats.js";
import { CompareBar } from "./bar.js";
import { Picker } from "./picker.js";
import { comparison } from "./rows.js";
import { CompareTable } from "./table.js";
import { watchable } from "../runs/selection.js";
import { address } from "../../shell/address.js";
import { go, title } from "../../shell/navigate.js";
import { Renewed } from "../../shell/poll.js";

const MOST = 200;
const SLOW = 8; /* times slower where nothing trains any more */
const SMOOTH = 25;
/* Stems of the series that are drawn at first, in this order; of those in JOINT only the fused one. */
const DRAWN = ["val.accuracy", "rho", "k", "loss", "grad_norm"];
const JOINT = ["val.accuracy", "loss"];

class Compare extends Renewed {
  constructor(root) {
    super(root);
    const { get, list } = address;
    this.sweep = list("runs").length ? "" : get("sweep");
    this.ids = list("runs").slice(0, MOST);
    this.cut = list("runs").length > MOST ? `Only the first ${MOST} runs of the address are compared.` : "";
    this.state = {
      by: list("by"),
      align: get("align") in AXES ? get("align") : "step",
      series: list("series"),
      smooth: Math.min(100, Number(get("smooth", SMOOTH)) || 0),
      zoom: zoomOfAddress(),
      flip: list("flip"),
      hide: list("hide"),
      base: get("base"),
      same: get("same") === "1",
    };
    this.runs = [];
    this._build();
    this.renew();
  }

  _build() {
    const button = (text, title, act, more = {}) =>
      el("button", { type: "button", class: "button", title, onclick: act, ...more }, text);
    this.count = el("span", { class: "muted" });
    this.add = button("Add runs", "Search for runs to compare", () => this._pick(), {
      "aria-expanded": "false",
    });
    this.watch = button(
      "Watch live",
      "All of them, step by step",
      () => go(`/watch?runs=${this.ids.join(",")}`),
    );
    this.link = button("Copy link", "An address that shows exactly this", () => this._copy());
    this.notice = el("div", { class: "notice", role: "status", hidden: true });
    this.chips = el("ul", { class: "compare-chips", "aria-label": "Lines" });
    this.picker = new Picker((id, chosen) => this._choose(id, chosen), () => this.ids);
    this.bar = new CompareBar((changes) => this._set(changes));
    this.table = new CompareTable((base) => this._set({ base }));
    this.same = el("input", {
      type: "checkbox",
      class: "check",
      id: "compare-same",
      onchange: () => this._set({ same: this.same.checked }),
    });
    this.board = new BandBoard((changes) => this._set(changes));
    this.nothing = el(
      "div",
      { class: "empty", hidden: true },
      icon("chart"),
      el("h3", {}, "No runs are chosen"),
      el(
        "p",
        {},
        "Tick some in the list above: their settings, results and curves come side by side. The address of this page then is a link to the comparison.",
      ),
    );
    this.body = el(
      "div",
      { hidden: true },
      this.chips,
      el(
        "div",
        {},
        el(
          "div",
          { class: "section-head compare-section" },
          el("h3", {}, "Results and settings"),
          el("span", { class: "spacer" }),
          el("label", { class: "same-choice", for: "compare-same" }, this.same, "Show equal settings too"),
        ),
        this.table.element,
      ),
      this.bar.element,
      this.board.element,
    );
    this.root.replaceChildren(
      el(
        "header",
        { class: "section-head compare-head" },
        el("h2", {}, "Compare"),
        this.count,
        el("span", { class: "spacer" }),
        this.add,
        this.watch,
        this.link,
      ),
      this.notice,
      this.picker.element,
      this.nothing,
      this.body,
    );
    if (!this.ids.length && !this.sweep) this._pick();
  }

  _pick() {
    const { element } = this.picker;
    if (element.hidden) this.picker.open();
    else element.hidden = true;
    this.add.setAttribute("aria-expanded", String(!element.hidden));
    if (!element.hidden && this.ids.length) this.picker.search.focus();
  }

  async _copy() {
    address.settle();
    try {
      await navigator.clipboard.writeText(location.href);
      say(this.link, "Copied");
    } catch {
      say(this.link, "Copy it from the address bar");
    }
    setTimeout(() => say(this.link, "Copy link"), 2000);
  }

  _choose(...changes) {
    const [[id, chosen]] = [changes];
    this._keep(chosen ? [...this.ids, id] : this.ids.filter((one) => one !== id));
  }

  /* Other runs. */
  _keep(ids) {
    this.ids = [...new Set(ids)].slice(0, MOST);
    this.cut = new Set(ids).size > MOST ? `No more than ${MOST} runs can be compared.` : "";
    this.sweep = "";
    address.set({ runs: this.ids, sweep: "" });
    this.picker.check();
    this.renew();
  }

  /* Another look: the address says it; the API is asked where it matters. */
  _set(changes) {
    Object.assign(this.state, changes);
    const { zoom, smooth, same, ...lists } = this.state;
    address.set({
      ...lists,
      align: lists.align === "step" ? "" : lists.align,
      zoom: zoom ? zoom.join(":") : "",
      smooth: smooth === SMOOTH ? "" : smooth,
      same: same ? 1 : "",
    });
    if (this.answer) this._show();
    if (!["by", "align", "series", "zoom", "base"].some((key) => key in changes)) return;
    if ("zoom" in changes) this._measure();
    this.looks = true;
    this.renew();
  }

  /* How long it takes until the detail of another stretch stands on the screen. */
  _measure() {
    const began = performance.now();
    this.answered = () => {
      this.answered = null;
      this.board.drawn = () =>
        requestAnimationFrame(() =>
          Object.assign(stats, { zooms: (stats.zooms ?? 0) + 1, zoomMs: performance.now() - began })
        );
    };
  }

  /* Of several that are under way only the last one counts, whichever answers last. */
  async load() {
    const { turn } = this;
    const looks = this.looks && this.runs.length > 0 &&
      String(this.ids) === this.taken; /* only the look is another one */
    this.looks = false;
    let runs = looks ? this.runs : await this._read();
    let answer = await this._groups(runs, turn).catch(absent);
    if (answer === undefined) {
      runs = await this._read(); /* one was deleted meanwhile */
      answer = await this._groups(runs, turn);
    }
    if (this.alive && turn === this.turn) this._take(runs, answer);
  }

  async _read() {
    if (!this.sweep && !this.ids.length) return [];
    const asked = this.sweep
      ? { sweep: this.sweep, sort: "created", limit: MOST }
      : { ids: this.ids.join(","), limit: MOST };
    const place = new Map(this.ids.map((id, i) => [id, i]));
    const { runs, total } = await ask(`/runs?${new URLSearchParams(asked)}`);
    if (this.sweep && !runs.length) await ask(`/sweeps/${encodeURIComponent(this.sweep)}`);
    if (this.sweep) {
      this.cut = total > runs.length
        ? `Only the first ${runs.length} of the sweep's ${whole(total)} runs are compared.`
        : "";
    }
    return this.sweep ? runs : runs.sort((a, b) => place.get(a.id) - place.get(b.id));
  }

  /* Curves and final numbers, asked again only where something is new; with the axis they were asked for. */
  async _groups(runs, turn) {
    if (!runs.length) return null;
    const { by, base, align } = this.state;
    const about = {
      runs: runs.map((run) => run.id).join(","),
      by: by.join(",") || "run",
      whole: runs[0].modalities.map((m) => `k.${m}`).join(","),
      ...(runs.some((run) => run.id === base) || by.length
        ? { baseline: runs.some((run) => run.id === base) ? base : runs[0].id }
        : {}),
    };
    this.declared ??= this._ordered(
      (await ask(`/groups?${new URLSearchParams({ runs: about.runs, by: about.by })}`)).declared,
      runs,
    );
    this._aim();
    const query = new URLSearchParams({
      ...about,
      ...this.board.query(this._series(runs), by.length ? 1 : runs.length),
      align,
    });
    const news = `${query} ${runs.map((run) => `${run.step} ${run.state} ${run.attempt}`)}`;
    if (news === this.answer?.news) return this.answer;
    const answer = await ask(`/groups?${query}`);
    if (turn === this.turn) this.declared = this._ordered(answer.declared, runs);
    return { ...answer, align, news };
  }

  _modalities(runs) {
    return [...new Set(runs.flatMap((run) => run.modalities))];
  }

  /* Declarations, those first that are drawn at first, fused ones before those of modalities. */
  _ordered(declared, runs) {
    const modalities = this._modalities(runs);
    const place = (series) => {
      const { stem, modality } = splitName(series, modalities);
      const first = DRAWN.indexOf(stem);
      return 100 * (first < 0 ? DRAWN.length : first) + (modality ? 1 + modalities.indexOf(modality) : 0);
    };
    return [...declared].sort((a, b) => place(a) - place(b));
  }

  /* Names that were chosen, or the usual ones; only a choice stands in the address. */
  _series(runs) {
    if (this.state.series.length) return this.state.series;
    const modalities = this._modalities(runs);
    const fits = ({ stem, modality }) => DRAWN.includes(stem) && !(modality && JOINT.includes(stem));
    return this.declared.filter((series) => fits(splitName(series, modalities))).map((series) => series.name);
  }

  _take(runs, answer) {
    this.runs = runs;
    if (this.sweep) this.ids = runs.map((run) => run.id);
    this.taken = String(this.ids);
    this.answer = answer;
    this.every = Renewed.EVERY_MS * (runs.every(comparison.ended) ? SLOW : 1);
    const gone = this.sweep ? [] : this.ids.filter((id) => !runs.some((run) => run.id === id));
    this._tell(gone);
    const any = runs.length > 0;
    this.nothing.hidden = any || gone.length > 0;
    this.body.hidden = !any;
    this.watch.hidden = this.link.hidden = !any;
    watchable(this.watch, this.ids.length, "All of them, step by step");
    say(this.count, any ? `${runs.length} ${runs.length === 1 ? "run" : "runs"}` : "");
    title(any ? `Compare ${runs.length} ${runs.length === 1 ? "run" : "runs"}` : "Compare");
    if (any && answer) this._show();
    this.answered?.();
  }

  _tell(gone) {
    const words = gone.length
      ? `There ${gone.length === 1 ? "is no run" : "are no runs"} ${
        gone.join(", ")
      }: deleted, or the address is wrong.`
      : this.cut;
    if (this.notice.dataset.words === words) return;
    this.notice.dataset.words = words;
    this.notice.hidden = !words;
    const leave = el("button", {
      type: "button",
      class: "button button-quiet",
      onclick: () => this._keep(this.ids.filter((id) => !gone.includes(id))),
    }, gone.length === 1 ? "Leave it out" : "Leave them out");
    this.notice.replaceChildren(el("span", {}, words), ...(gone.length ? [leave] : []));
  }

  /* Columns of the table, which are the lines of the charts. */
  _entries() {
    const runs = new Map(this.runs.map((run) => [run.id, run]));
    const alone = this.answer.by.length === 1 && this.answer.by[0] === "run";
    const entries = this.answer.groups.map((group) => {
      const members = group.runs.map((id) => runs.get(id)).filter(Boolean);
      const words = Object.entries(group.values).map(([name, value]) =>
        `${comparison.heading(name)} ${comparison.shown(value ?? undefined)}`
      ).join(", ");
      const label = alone ? (members[0]?.name ?? group.runs[0]) : words;
      return {
        ...group,
        key: group.runs[0],
        label,
        alone,
        members,
        hidden: this.state.hide.includes(group.runs[0]),
        href: `/watch?runs=${group.runs.join(",")}`,
      };
    });
    const short = alone
      ? comparison.short(entries.map((entry) => entry.label))
      : entries.map((entry) => entry.label);
    const twice = (label) => short.filter((one) => one === label).length > 1;
    const named = entries.map((entry, i) => ({
      ...entry,
      title: entry.label,
      label: twice(short[i]) ? `${short[i]} (${entry.key.slice(0, 4)})` : short[i],
    }));
    const base = named.find((entry) => entry.runs.includes(this.state.base)) ?? named[0];
    return colored(named.map((entry) => ({ ...entry, base: entry === base })), this.board.colors);
  }

  /* The axis is the one of the curves that are there, until those for another one have come. */
  _aim() {
    const { zoom, smooth, flip } = this.state;
    const align = this.answer?.align ?? this.state.align;
    Object.assign(this.board, { axis: AXES[align], zoom, smoothing: smooth, flips: flip });
  }

  _show() {
    const { state, board } = this;
    const entries = this._entries();
    const modalities = this._modalities(this.runs);
    const names = this._series(this.runs);
    const chosen = this.declared.filter((series) => names.includes(series.name));
    this._aim();
    board.show(entries, chosen, modalities);
    this._chips(entries);
    const base = Math.max(0, entries.findIndex((entry) => entry.base));
    this.table.show(entries, [
      ...comparison.results(entries, modalities),
      ...comparison.settings(entries, base, state.same, state.by),
    ]);
    this.same.checked = state.same;
    this.bar.show(
      { ...state, series: names },
      comparison.names(this.runs).differing.filter((name) => name !== "seed" || state.by.includes("seed")),
      this.declared,
      modalities,
      board.range,
    );
  }

  _chips(entries) {
    const shape = JSON.stringify(
      entries.map(({ key, label, color, hidden, runs }) => [key, label, color, hidden, runs.length]),
    );
    if (shape === this.chipped) return;
    this.chipped = shape;
    const light = (key) => () => this.board.light(key);
    const chip = (entry) => {
      const { key, label, hidden, runs, alone } = entry;
      const hide = () =>
        this._set({
          hide: hidden ? this.state.hide.filter((one) => one !== key) : [...this.state.hide, key],
        });
      const drop = () => this._keep(this.ids.filter((id) => !runs.includes(id)));
      const show = el(
        "button",
        {
          type: "button",
          class: "chip-name",
          "aria-pressed": String(!hidden),
          "data-key": key,
          title: `${entry.title}: ${hidden ? "show" : "hide"} its line`,
          onclick: hide,
          onfocus: light(key),
          onblur: light(""),
        },
        lineKey(entry),
        el("span", {}, label),
        alone ? null : el("span", { class: "muted" }, `${runs.length} ${runs.length === 1 ? "run" : "runs"}`),
      );
      return el(
        "li",
        {
          class: hidden ? "compare-chip chip-hidden" : "compare-chip",
          onmouseenter: light(key),
          onmouseleave: light(""),
        },
        show,
        el("button", {
          type: "button",
          class: "chip-drop",
          "aria-label": `Leave out ${label}`,
          title: "Leave out",
          onclick: drop,
        }, "×"),
      );
    };
    const at = document.activeElement?.dataset?.key;
    this.chips.replaceChildren(...entries.map(chip));
    if (at) this.chips.querySelector(`[data-key="${CSS.escape(at)}"]`)?.focus();
  }

  recolor() {
    this.board.colors.read();
    if (this.answer) this._show();
  }

  refuse(text) {
    this.leave();
    this.root.replaceChildren(
      el(
        "div",
        { class: "empty" },
        el("h3", {}, "There is nothing to compare"),
        el("p", {}, text),
        el("a", { class: "text-link", href: "/compare" }, "Choose runs"),
      ),
    );
  }

  leave() {
    super.leave();
    for (const part of [this.table, this.bar]) part.leave();
    this.board.destroy();
  }
}

/* Undefined where something that was asked for is not there any more. */
function absent(error) {
  if (error.status === 404) return undefined;
  throw error;
}

export const comparePage = {
  name: "compare",
  title: "Compare",
  keys: ["runs", "sweep"],
  open: (root) => new Compare(root.querySelector("#compare-body")),
};
