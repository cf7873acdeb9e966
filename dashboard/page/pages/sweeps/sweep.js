/* One sweep: progress, final numbers by setting, accuracy against a setting, means and bands. */
import { ask } from "../../api/ask.js";
import { zoomOfAddress } from "../../bands/axes.js";
import { BandBoard } from "../../bands/board.js";
import { colored } from "../../bands/entries.js";
import { el, say } from "../../lib/element.js";
import { tableMenu } from "../../lib/table-menu.js";
import { powerWords } from "../../runs/facts.js";
import { reportButton } from "../../runs/report-dialog.js";
import { address } from "../../shell/address.js";
import { go, title } from "../../shell/navigate.js";
import { Renewed } from "../../shell/poll.js";
import { isDrawn, orderedSeries } from "../compare/series.js";
import { watchable } from "../runs/selection.js";
import { dots } from "./dots.js";
import { printed, showResults } from "./results.js";
import { MedianRule } from "./rule.js";
import { SearchView } from "./search.js";
import { axisOf, gridWords, groupWords, isOver, metricOf, progressOf, progressWords } from "./summary.js";

/** @import { Group, Groups, Run, Sweep } from "../../api/schema.d.ts" */
/** @import { Changes } from "../../bands/board.js" */
/** @import { SweepEntry } from "./results.js" */

const SLOW = 5; /* times slower where no run trains any more */

/**
 * @param {string} text
 * @param {() => void} act
 * @param {Record<string, unknown>} [more]
 */
const button = (text, act, more = {}) =>
  el("button", { type: "button", class: "button", onclick: act, ...more }, text);

/* The sweep of an id. */
export class SweepPage extends Renewed {
  /**
   * @param {HTMLElement} root
   * @param {string} id as an address holds it
   */
  constructor(root, id) {
    super(root);
    this.id = id;
    /** @type {Sweep | null} */
    this.sweep = null;
    /** @type {Groups | null} */
    this.answer = null;
    /** @type {SweepEntry[]} */
    this.entries = [];
    /** @type {Run | null} a run that declares the series of all */
    this.declaring = null;
    this.title = el("h2", {});
    this.about = el("div", { class: "muted" });
    this.fill = el("div", { class: "bar-fill" });
    this.words = el("span", { class: "muted small" });
    this.compare = button("Compare", () => go(`/compare?sweep=${id}${this._by()}`), {
      hidden: true,
      title: "Settings, results and curves side by side, on other axes",
    });
    this.copy = tableMenu(
      () => printed(this.sweep?.name ?? "", this.answer?.by ?? [], this.entries),
      "of results",
    );
    this.report = reportButton(
      () => ({ sweep: this.id, by: this.answer?.by ?? [] }),
      () => this.sweep?.name ?? "",
    );
    this.watch = button("Show curves", () => go(`/watch?runs=${this._ids().join(",")}`));
    this.stop = button("Stop all", () => this._send("POST", `/sweeps/${id}/stop`), {
      "data-action": "stop-sweep",
    });
    this.resume = button("Go on", () => this._send("POST", `/sweeps/${id}/resume`), {
      hidden: true,
      title: "Let the search go on with its next trial",
    });
    this.search = new SearchView(id);
    this.rule = new MedianRule((epochs) => this._send("PATCH", `/sweeps/${id}`, { median_after: epochs }));
    this.table = el("div", { class: "card table-card" });
    this.results = el("div", { class: "sweep-results" });
    this.dots = el("div", { class: "card dots-card", hidden: true });
    this.results.append(this.table, this.dots);
    this.board = new BandBoard((changes) => this._look(changes));
    this.board.zoom = zoomOfAddress();
    this.board.flips = address.list("flip");
    this.board.element.classList.add("sweep-charts");
    root.replaceChildren(
      this._head(),
      el("div", { class: "sweep-progress" }, el("div", { class: "bar" }, this.fill), this.words),
      this.search.element,
      this.results,
      this.board.element,
    );
    this.renew();
  }

  _head() {
    return el(
      "header",
      { class: "sweep-head" },
      el("div", { class: "sweep-title" }, this.title, this.about),
      el("span", { class: "spacer" }),
      this.rule.element,
      this.copy,
      this.compare,
      this.watch,
      this.report,
      this.resume,
      this.stop,
    );
  }

  /**
   * Another zoom or axis: the address holds it, as on the compare page.
   * @param {Changes} changes
   */
  _look({ zoom, flip }) {
    const { board } = this;
    if (zoom !== undefined) board.zoom = zoom;
    if (flip) board.flips = flip;
    address.set({ zoom: board.zoom ? board.zoom.join(":") : "", flip: board.flips });
    board.refresh();
    if (zoom !== undefined) this.renew();
  }

  _ids() {
    return this.sweep?.runs.map((run) => run.id) ?? [];
  }

  _by() {
    return this.answer?.by.length ? `&by=${this.answer.by.join(",")}` : "";
  }

  /* The declarations of the series that are drawn. */
  _series() {
    const { series, modalities } = this.declaring ?? { series: [], modalities: [] };
    return orderedSeries(series.filter((one) => isDrawn(one, modalities)), modalities);
  }

  /** @override */
  async load() {
    /** @type {Sweep} */
    const sweep = await ask(`/sweeps/${this.id}`);
    this.sweep = sweep;
    const declaring = sweep.runs.find((run) => run.modalities.length);
    if (declaring && !this.declaring) this.declaring = await this._read(declaring.id);
    const names = this._series().map((series) => series.name);
    const query = new URLSearchParams(this.board.query(names, 1));
    /** @type {Groups} */
    const answer = await ask(`/groups?sweep=${this.id}&${query}`);
    if (!this.alive) return;
    this.every = Renewed.EVERY_MS * (isOver(sweep) ? SLOW : 1);
    this.answer = answer;
    this.compare.hidden = false;
    this._show(sweep, answer);
    if (sweep.search) await this.search.load();
  }

  /**
   * A run with its series, which the runs of a sweep's answer lack.
   * @param {string} id
   * @returns {Promise<Run>}
   */
  async _read(id) {
    return await ask(`/runs/${id}`);
  }

  /**
   * @param {Sweep} sweep
   * @param {Groups} answer
   */
  _show(sweep, answer) {
    const { by, groups } = answer;
    const entries = this.entries = colored(named(groups, sweep.runs), this.board.colors);
    this._showHead(sweep);
    showResults(this.table, by, entries, powerWords(answer));
    this._showDots(sweep.search ? null : axisOf(by, groups), entries);
    this.board.show(entries, this._series(), this.declaring?.modalities ?? []);
  }

  /** @param {Sweep} sweep */
  _showHead(sweep) {
    const { name, spec, runs, search } = sweep;
    title(`${name} · sweep`);
    say(this.title, name);
    say(this.about, [spec.base.dataset, spec.base.fusion, gridWords(spec)].filter(Boolean).join(" · "));
    this.fill.style.width = `${100 * progressOf(sweep)}%`;
    say(this.words, progressWords(sweep));
    this.stop.hidden = isOver(sweep);
    this.resume.hidden = !search || !["stopped", "failed"].includes(search.state) ||
      search.launched >= search.planned;
    this.results.classList.toggle("of-search", search !== null);
    if (search) this.results.style.setProperty("--rows", String(search.planned));
    this.rule.element.hidden = this.stop.hidden || search !== null;
    watchable(this.watch, runs.length);
    this.rule.show(spec.median_after ?? null);
  }

  /**
   * @param {string | null} axis
   * @param {SweepEntry[]} entries
   */
  _showDots(axis, entries) {
    const metric = metricOf(entries);
    this.dots.hidden = axis === null || !entries.some((entry) => entry.final[metric]);
    if (axis === null || this.dots.hidden) return;
    this.dots.replaceChildren(dots(entries, axis, metric, this.board.colors));
  }

  /** @override */
  recolor() {
    this.board.recolor();
    if (this.sweep && this.answer) this._show(this.sweep, this.answer);
  }

  /**
   * @override
   * @param {string} text
   */
  refuse(text) {
    this.root.replaceChildren(
      el(
        "div",
        { class: "empty" },
        el("h3", {}, "There is no such sweep"),
        el("p", {}, text),
        el("a", { class: "text-link", href: "/sweeps" }, "All sweeps"),
      ),
    );
  }

  /** @override */
  leave() {
    super.leave();
    this.board.destroy();
    this.search.leave();
  }
}

/**
 * Groups with their runs and a label.
 * @param {Group[]} groups
 * @param {Run[]} runs
 */
function named(groups, runs) {
  const known = new Map(runs.map((run) => [run.id, run]));
  return groups.map((group) => ({
    ...group,
    key: group.runs[0],
    label: groupWords(group.values),
    members: group.runs.map((id) => known.get(id)).filter((run) => run !== undefined),
  }));
}
