/* All sweeps as a table, or one: progress, final numbers by setting, accuracy against setting, means and bands. */
import { ask, send } from "../../api/ask.js";
import { zoomOfAddress } from "../../bands/axes.js";
import { BandBoard } from "../../bands/board.js";
import { lineKey } from "../../bands/card.js";
import { colored } from "../../bands/entries.js";
import { splitName } from "../../charts/lines.js";
import { el, refill, say } from "../../lib/element.js";
import { List } from "../../lib/list.js";
import { parsed, percent } from "../../lib/numbers.js";
import { ago } from "../../lib/times.js";
import { plain } from "../../lib/values.js";
import { watchable } from "../runs/selection.js";
import { dots } from "./dots.js";
import { address } from "../../shell/address.js";
import { complain } from "../../shell/banner.js";
import { go, title } from "../../shell/navigate.js";
import { Renewed } from "../../shell/poll.js";

const ENDED = ["completed", "failed", "stopped", "lost"];
const MOST = 100; /* sweeps of the list: the API tells no more */
/* Stems of the series that are drawn, in this order. */
const DRAWN = ["val.accuracy", "rho", "k", "loss", "grad_norm"];

/* The list of sweeps. */
class Sweeps extends Renewed {
  constructor(root) {
    super(root);
    const columns = [["run", "Sweep"], ["progress", "Progress"], ["num", "Runs"], ["num", "Begun"]];
    const empty = [
      "No sweep yet",
      "Give a setting several values in the form, such as 0.1, 0.8, 1.5, or seed 0-4, and press Launch.",
    ];
    this.list = new List(root, "Sweeps", columns, empty);
    this.renew();
  }

  async load() {
    const sweeps = await ask(`/sweeps?limit=${MOST}`);
    if (!this.alive) return;
    this.list.show(sweeps.map((s) => ({ ...s, key: s.id })), (s) => row(s), sweeps.length);
    if (sweeps.length === MOST) say(this.list.count, `the newest ${MOST}`);
  }
}

function row(sweep) {
  const cell = (name, ...children) => el("td", { class: `c-${name}` }, ...children);
  const about = el("div", { class: "muted small" });
  const fill = el("div", { class: "bar-fill" });
  const words = el("div", { class: "muted small" });
  const [runs, begun] = [cell("num"), cell("num")];
  const link = el("a", {
    class: "run-link",
    href: `/sweeps?sweep=${sweep.id}`,
    onclick: (e) => follow(e, `/sweeps?sweep=${sweep.id}`),
  });
  const element = el(
    "tr",
    { "data-sweep": sweep.id },
    cell("run", link, about),
    cell("progress", el("div", { class: "bar" }, fill), words),
    runs,
    begun,
  );
  const show = (now) => {
    say(link, now.name);
    say(about, gridWords(now.spec));
    fill.style.width = `${100 * share(now.runs)}%`;
    say(words, states(now.runs));
    say(runs, String(now.runs.length));
    say(begun, ago(now.created));
  };
  return { element, fill: show };
}

/* One sweep. */
class Sweep extends Renewed {
  constructor(root, id) {
    super(root);
    this.id = id;
    this.board = new BandBoard((changes) => this._look(changes));
    this.title = el("h2", {});
    this.about = el("div", { class: "muted" });
    this.fill = el("div", { class: "bar-fill" });
    this.words = el("span", { class: "muted small" });
    this.compare = el("button", {
      type: "button",
      class: "button",
      hidden: true,
      title: "Settings, results and curves side by side, on other axes",
      onclick: () => go(`/compare?sweep=${id}${this._by()}`),
    }, "Compare");
    this.watch = el("button", {
      type: "button",
      class: "button",
      onclick: () => go(`/watch?runs=${this.sweep.runs.map((r) => r.id).join(",")}`),
    }, "Watch live");
    this.stop = el("button", {
      type: "button",
      class: "button",
      "data-action": "stop-sweep",
      onclick: () => this._tell("POST", `/sweeps/${id}/stop`),
    }, "Stop all");
    this.rule = this._median();
    this.table = el("div", { class: "card table-card" });
    this.dots = el("div", { class: "card dots-card", hidden: true });
    Object.assign(this.board, { zoom: zoomOfAddress(), flips: address.list("flip") });
    this.board.element.classList.add("sweep-charts");
    root.replaceChildren(
      el(
        "header",
        { class: "sweep-head" },
        el("div", { class: "sweep-title" }, this.title, this.about),
        el("span", { class: "spacer" }),
        this.rule.element,
        this.compare,
        this.watch,
        this.stop,
      ),
      el("div", { class: "sweep-progress" }, el("div", { class: "bar" }, this.fill), this.words),
      el("div", { class: "sweep-results" }, this.table, this.dots),
      this.board.element,
    );
    this.renew();
  }

  _median() {
    const after = el("input", {
      type: "number",
      class: "steps",
      min: "1",
      value: "5",
      "aria-label": "Epochs before the median rule",
    });
    const on = el("input", { type: "checkbox", class: "check", id: "median-rule" });
    const tell = () =>
      this._tell("PATCH", `/sweeps/${this.id}`, {
        median_after: on.checked ? Math.max(1, Math.round(Number(after.value) || 1)) : null,
      });
    on.addEventListener("change", tell);
    after.addEventListener("change", () => on.checked && tell());
    const title =
      "Median rule: a run stops when its best validation accuracy is below the median of the other runs' means up to the same step";
    const element = el(
      "div",
      { class: "median-rule", title },
      on,
      el("label", { for: "median-rule" }, "Stop hopeless runs after"),
      after,
      el("span", {}, "epochs"),
    );
    const show = (value) => {
      if (element.contains(document.activeElement)) return;
      on.checked = value !== null;
      if (value !== null) after.value = String(value);
    };
    return { element, show };
  }

  async _tell(method, path, body) {
    try {
      await send(method, path, body);
      complain("");
    } catch (error) {
      complain(error.message);
    }
    if (this.alive) this.renew();
  }

  /* Zoom and axes stand in the address, as on the compare page. */
  _look({ zoom, flip }) {
    if (zoom !== undefined) this.board.zoom = zoom;
    if (flip) this.board.flips = flip;
    address.set({ zoom: this.board.zoom ? this.board.zoom.join(":") : "", flip: this.board.flips });
    this.board.refresh();
    if (zoom !== undefined) this.renew();
  }

  _by() {
    return this.answer?.by.length ? `&by=${this.answer.by.join(",")}` : "";
  }

  async load() {
    const sweep = (this.sweep = await ask(`/sweeps/${this.id}`));
    const begun = sweep.runs.find((run) => run.modalities.length);
    if (begun && !this.declared) this.declared = await ask(`/runs/${begun.id}`);
    const names = this.declared ? drawn(this.declared) : [];
    const query = new URLSearchParams(this.board.query(names.map((s) => s.name), 1));
    const found = await ask(`/groups?sweep=${this.id}&${query}`);
    if (!this.alive) return;
    this.every = sweep.runs.every((run) => ENDED.includes(run.state))
      ? 5 * Renewed.EVERY_MS
      : Renewed.EVERY_MS;
    this.answer = found;
    this.compare.hidden = false;
    this._show(sweep, found, names);
  }

  _show(sweep, { by, groups }, names) {
    title(`${sweep.name} · sweep`);
    say(this.title, sweep.name);
    say(
      this.about,
      [sweep.spec.base.dataset, sweep.spec.base.fusion, gridWords(sweep.spec)].filter(Boolean).join(" · "),
    );
    this.fill.style.width = `${100 * share(sweep.runs)}%`;
    say(this.words, states(sweep.runs));
    this.stop.hidden = sweep.runs.every((run) => ENDED.includes(run.state));
    this.rule.element.hidden = this.stop.hidden;
    watchable(this.watch, sweep.runs.length);
    this.rule.show(sweep.spec.median_after);
    const runs = new Map(sweep.runs.map((run) => [run.id, run]));
    const named = groups.map((group) => ({
      ...group,
      key: group.runs[0],
      label: label(group.values),
      members: group.runs.map((id) => runs.get(id)).filter(Boolean),
    }));
    const entries = colored(named, this.board.colors);
    this._results(by, entries);
    const axis = by.find((name) =>
      new Set(groups.map((g) => g.values[name])).size > 1 &&
      groups.every((g) => typeof g.values[name] === "number")
    );
    this.dots.hidden = !axis || !entries.some((e) => e.final[metric(entries)]);
    if (!this.dots.hidden) this.dots.replaceChildren(dots(entries, axis, metric(entries), this.board.colors));
    this.board.show(entries, names, this.declared?.modalities ?? []);
  }

  _results(by, entries) {
    const columns = [["best", "Best val. accuracy"], ["test.accuracy", "Test accuracy"]].filter(([name]) =>
      entries.some((e) => e.final[name])
    );
    const top = Object.fromEntries(
      columns.map(([name]) => [name, Math.max(...entries.map((e) => parsed(e.final[name]?.mean ?? -1)))]),
    );
    const head = el(
      "tr",
      {},
      ...[...(by.length ? by.map(heading) : ["Runs alike"]), "Runs", ...columns.map(([, text]) => text)].map((
        text,
        i,
      ) => el("th", { scope: "col", class: i >= Math.max(1, by.length) ? "c-num" : "" }, text)),
    );
    const lines = entries.map((entry) => {
      const values = by.map((name, i) =>
        el(
          "td",
          { "data-label": heading(name) },
          i === 0 ? link(entry, plain(entry.values[name])) : plain(entry.values[name]),
        )
      );
      const ended = entry.members.filter((run) => run.state === "completed").length;
      const numbers = columns.map(([name, head]) => {
        const found = entry.final[name];
        const best = found && parsed(found.mean) === top[name] && entries.length > 1;
        return el(
          "td",
          { class: best ? "c-num strong" : "c-num", "data-label": head },
          found ? spread(found) : "–",
        );
      });
      return el(
        "tr",
        { "data-group": entry.label, onclick: () => go(`/compare?runs=${entry.runs.join(",")}`) },
        ...(values.length ? values : [el("td", {}, link(entry, "all"))]),
        el("td", { class: "c-num", "data-label": "Completed" }, `${ended} of ${entry.members.length}`),
        ...numbers,
      );
    });
    const table = el(
      "div",
      { class: "table-frame" },
      el("table", { class: "runs-table results-table" }, el("thead", {}, head), el("tbody", {}, ...lines)),
    );
    const note = el(
      "p",
      { class: "form-note table-note" },
      "Mean ± standard deviation over the runs of a row. Click a row to compare its runs; Compare sets the rows against each other.",
    );
    refill(this.table, [table, note], "group");
  }

  recolor() {
    this.board.recolor();
    if (this.answer) this._show(this.sweep, this.answer, this.declared ? drawn(this.declared) : []);
  }

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

  leave() {
    super.leave();
    this.board.destroy();
  }
}

/* A row's first cell leads where the row does. */
function link(entry, text) {
  const address = `/compare?runs=${entry.runs.join(",")}`;
  return el(
    "a",
    { class: "run-link group-link", href: address, onclick: (event) => follow(event, address) },
    lineKey(entry),
    text,
  );
}

function follow(event, address) {
  event.stopPropagation();
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go(address);
}

/* "alpha 0.1, 0.8 · seeds 0, 1" */
function gridWords(spec) {
  const axes = Object.entries(spec.grid).map(([name, values]) => `${name} ${values.map(plain).join(", ")}`);
  if (spec.points.length) axes.push(`${spec.points.length} points`);
  if (spec.seeds.length) axes.push(`seed ${spec.seeds.join(", ")}`);
  return axes.join(" · ");
}

const share = (
  runs,
) => (runs.length
  ? runs.reduce((sum, run) => sum + (ENDED.includes(run.state) ? 1 : run.progress), 0) / runs.length
  : 0);

/* "3 completed, 1 running, 4 queued" */
function states(runs) {
  const counts = new Map();
  for (const run of runs) counts.set(run.state, (counts.get(run.state) ?? 0) + 1);
  const order = [...ENDED, "running", "starting", "pausing", "stopping", "paused", "queued"];
  return order.filter((s) => counts.has(s)).map((s) => `${counts.get(s)} ${s}`).join(", ");
}

const heading = (name) => name.replaceAll("_", " ");
const label = (values) =>
  Object.entries(values).map(([name, value]) => `${heading(name)} ${plain(value)}`).join(", ") || "all";
const metric = (entries) => (entries.some((e) => e.final["test.accuracy"]) ? "test.accuracy" : "best");

function spread({ mean, deviation, values }) {
  const middle = percent(parsed(mean));
  return Object.keys(values).length > 1
    ? `${middle.replace(" %", "")} ± ${percent(parsed(deviation))}`
    : middle;
}

/* The declarations that a sweep's page draws, fused ones before those of modalities. */
function drawn(run) {
  const place = ({ name }) => {
    const { stem, modality } = splitName({ name }, run.modalities);
    return 10 * DRAWN.indexOf(stem) + (modality ? 1 + run.modalities.indexOf(modality) : 0);
  };
  return run.series.filter((s) => DRAWN.includes(splitName(s, run.modalities).stem)).sort((a, b) =>
    place(a) - place(b)
  );
}

export const sweepsPage = {
  name: "sweeps",
  title: "Sweeps",
  keys: ["sweep"],
  open(root) {
    const body = root.querySelector("#sweeps-body");
    const id = address.get("sweep");
    return id ? new Sweep(body, encodeURIComponent(id)) : new Sweeps(body);
  },
};
