/* The watch page: runs, their chips and charts, one window and one cursor for all of them. */
import { setProps } from "../../dash.js";
import { instruments } from "../../instruments/index.js";
import { Board } from "../../charts/board.js";
import { Card } from "../../charts/card.js";
import { Colors } from "../../charts/colors.js";
import { horizon } from "../../charts/grid.js";
import { chartsOf } from "../../charts/lines.js";
import { Loop } from "../../charts/loop.js";
import { Painter } from "../../charts/painter.js";
import { smoothing } from "../../charts/smoothing.js";
import { Zoomed } from "../../charts/zoom.js";
import { zoomPill } from "../../charts/zoom-pill.js";
import { closeMenu } from "../../lib/menu.js";
import { Folds } from "./folds.js";
import { Roster, Row } from "./roster.js";
import { RunsSeen } from "./runs.js";
import { focusControl, viewMenu } from "./toolbar.js";
import { Chip } from "../../runs/chip.js";
import { address } from "../../shell/address.js";
import { title } from "../../shell/navigate.js";

const CHIPS = 8; /* more runs than this are rows of a list */
const GROWING = ["starting", "running", "pausing", "stopping"];
const RESHAPE_MS = 200; /* while runs come in, lines are made anew no oftener */

class Watch {
  constructor(root, ids) {
    this.root = root;
    this.ids = ids;
    this.zoomed = new Zoomed(this);
    this.painter = new Painter();
    this.step = null;
    this.reshaped = -Infinity;
    this.cards = new Map();
    this.part = (name) => root.querySelector(`#watch-${name}`);
    this.colors = new Colors(ids, []);
    this.loop = new Loop(() => this._draw());
    this.runs = new RunsSeen(ids, this);
    this._readAddress();
    this._chips();
    for (const name of ["charts", "more"]) this.part(name).replaceChildren();
    this.board = new Board(this.part("charts"), this.part("more"), () => this._resize());
    this.part("view").replaceChildren(viewMenu(this));
    this.observer = new IntersectionObserver((seen) => this._seen(seen), { rootMargin: "150px" });
    this.sizes = new ResizeObserver(() => this._resize());
    this.sizes.observe(this.part("charts"));
    this.panels = ids.length === 1 ? [new Folds(this, this.records[0], this.part("panels"))] : [];
    this.left = new AbortController();
    this.part("more-group").addEventListener("toggle", () => this._resize(), { signal: this.left.signal });
    this.runs.load();
  }

  _chips() {
    const make = this.ids.length > CHIPS ? Row : Chip;
    this.chips = new Map(
      this.records.map((
        r,
      ) => [r.id, new make(r, this.colors.run(r.id), (event) => this._toggle(r.id, event))]),
    );
    for (const [id, chip] of this.chips) {
      chip.shown(!this.hidden.has(id));
      chip.element.addEventListener("pointerenter", () => this.light(id));
      chip.element.addEventListener("pointerleave", () => this.light(null));
    }
    this.roster = this.ids.length > CHIPS ? new Roster(this, this.part("runs")) : null;
    if (!this.roster) {
      this.part("runs").replaceChildren(...[...this.chips.values()].map((chip) => chip.element));
    }
    this.part("runs").className = this.roster ? "" : this.ids.length === 1 ? "run-chips one" : "run-chips";
  }

  /* How it is looked at, from the address. */
  _readAddress() {
    this.focus = address.get("focus");
    this.hidden = new Set(address.list("hide"));
    this.scales = new Map(address.list("scale").map((word) => word.split(":")));
    const smooth = address.get("smooth");
    this.wanted = smooth === "" ? null : Number(smooth);
    if (this.wanted !== null) setProps("smoothing", { value: this.wanted });
    this.zoomed.read(address.get("zoom"));
  }

  /* The address changed and is still one of this page: back, forward, or a link to the same runs. */
  revisit() {
    this._readAddress();
    for (const [id, chip] of this.chips) chip.shown(!this.hidden.has(id));
    this.board.load();
    this.board.arrange();
    for (const panel of this.panels) panel.revisit();
    this.zoomed.forget();
    this.reshape();
  }

  /* Write into the address also what is as usual here, but perhaps not for another person. */
  share() {
    address.set({ smooth: smoothing.percent, board: this.board.text || "usual" });
  }

  /* The slider was moved, or Dash told its first value. */
  smoothed(before) {
    if (this.wanted !== null && this.wanted !== smoothing.percent) return;
    const first = this.wanted !== null || before === smoothing.percent;
    this.wanted = null;
    if (!first) address.set({ smooth: smoothing.percent });
    if (before > 0 !== smoothing.percent > 0) this.reshape();
    this.loop.ask(true);
  }

  get zoom() {
    return this.zoomed.at;
  }

  get alive() {
    return this.runs.alive;
  }

  /* News of a run: `other` when its series or modalities are others than before. */
  told(record, run, other) {
    this.chips.get(record.id).update(run);
    for (const panel of this.panels) panel.update(run);
    if (other) this.reshape();
    if (this.ids.length === 1) title(`${run.name} · ${run.state}`);
  }

  happened(event) {
    for (const panel of this.panels) panel.add(event);
  }

  /* A run that can't be shown, or no longer. */
  gone(record, reason) {
    this.chips.get(record.id).refuse(reason);
    this.reshape();
  }

  loaded() {
    this.zoomed.detail();
    this.reshape();
  }

  get records() {
    return this.runs.records;
  }

  /* Show or hide a run; with Alt only this one, or all again. */
  _toggle(id, event) {
    const others = this.ids.filter((other) => other !== id);
    if (event?.altKey) {
      this.show(this.hidden.size === others.length && !this.hidden.has(id) ? this.ids : [id]);
    } else this.show(this.ids.filter((other) => (other === id) === this.hidden.has(other)));
  }

  /* Only these runs' lines. */
  show(ids) {
    this.hidden = new Set(this.ids.filter((id) => !ids.includes(id)));
    for (const [id, chip] of this.chips) chip.shown(!this.hidden.has(id));
    address.set({ hide: [...this.hidden] });
    this.reshape();
  }

  /* Let one run's lines stand out, or none when `id` is null. */
  light(id) {
    if (this.records.length < 2) return;
    clearTimeout(this._lighting);
    this._lighting = setTimeout(() => {
      for (const card of this.cards.values()) card.light?.(id);
      this.loop.ask(true);
    }, 60);
  }

  scaleOf(chart) {
    return this.scales.get(chart.name) ?? chart.scale;
  }

  /* Another y axis for one chart. */
  rescale(chart, scale) {
    if (scale === chart.scale) this.scales.delete(chart.name);
    else this.scales.set(chart.name, scale);
    address.set({ scale: [...this.scales].map((pair) => pair.join(":")) });
    this.reshape();
  }

  /* Other runs, series, focus or colors: which charts, which lines; with the next frame. */
  reshape() {
    this.unshaped = true;
    this.loop.ask(true);
  }

  _reshape() {
    const wait = this.runs.loading ? this.reshaped + RESHAPE_MS - performance.now() : 0;
    if (wait > 0) {
      clearTimeout(this._later);
      this._later = setTimeout(() => this.loop.ask(true), wait);
      return;
    }
    [this.unshaped, this.reshaped] = [false, performance.now()];
    const known = this.records.filter((r) => r.run?.series.length);
    const modalities = [...new Set(known.flatMap((r) => r.run.modalities))];
    this.colors.modalities = modalities;
    focusControl(this.part("focus"), modalities, this.ids.length > 1, this.focus, (m) => this._focus(m));
    for (const record of known) record.many = known.length > 1;
    const charts = chartsOf(known.map((r) => r.run));
    for (const chart of charts) this._chart(chart);
    for (const instrument of instruments) this._instrument(instrument, known);
    this.board.usual([...charts, ...instruments].map((one) => one.name));
    const records = known.filter((r) => !this.hidden.has(r.id));
    const shown = { records, focus: this.focus, colors: this.colors, smoothed: smoothing.percent > 0 };
    for (const card of this.cards.values()) card.shape(shown);
    this.roster?.choices(charts);
    this.part("toolbar").hidden = !charts.length;
    this.part("waiting").hidden = charts.length > 0;
  }

  _focus(modality) {
    this.focus = modality;
    address.set({ focus: modality });
    this.reshape();
  }

  _chart(chart) {
    const there = this.cards.get(chart.name);
    if (there) there.chart = chart;
    else this._place(chart.name, new Card(chart, this), chart.late);
  }

  _instrument({ name, fits, make }, known) {
    if (!this.cards.has(name) && fits(known.map((r) => r.run))) this._place(name, make(this), false);
  }

  _place(name, card, late) {
    this.cards.set(name, card);
    this.board.add(name, card, late);
    this.observer.observe(card.element);
  }

  _seen(entries) {
    for (const { target, isIntersecting } of entries) {
      for (const card of this.cards.values()) if (card.element === target) card.visible = isIntersecting;
    }
    this.loop.ask(true);
  }

  _resize() {
    for (const card of this.cards.values()) card.resize();
    this.loop.ask(true);
  }

  get last() {
    return this.records.reduce((most, r) => Math.max(most, r.last), 1);
  }

  _draw() {
    if (this.unshaped) this._reshape();
    const grows = this.records.some((r) => GROWING.includes(r.run?.state));
    const [x0, x1] = this.zoom ?? [0, grows ? horizon(this.last) : this.last];
    const from = this.records.reduce((least, r) => Math.min(least, r.changed), Infinity);
    const tau = (smoothing.percent / 100) ** 2 * (x1 - x0) * 0.1;
    const cards = [...this.cards.values()];
    const lasts = new Map(this.records.map((r) => [r.id, r.last]));
    const done = this.painter.paint(
      cards,
      from,
      lasts,
      (card, since) => card.draw(x0, x1, tau, this.step, since),
    );
    for (const record of this.records) {
      [record.stats.drawn, record.changed] = [this.painter.reached(cards, record.id, record.last), Infinity];
    }
    for (const chip of this.chips.values()) chip.balance(this.colors, this.records.length === 1);
    if (!done) this.loop.ask(true);
  }

  zoomTo(x0, x1) {
    this.zoomed.to(x0, x1);
  }

  pan(share) {
    this.zoomed.pan(share);
  }

  scale(factor, share) {
    this.zoomed.scale(factor, share);
  }

  follow() {
    this.zoomed.all();
  }

  /* The cursor moved over one chart: all others read the same step. */
  hover(step, plot) {
    this.step = step;
    const over = plot.u.over.matches(":hover");
    for (const card of this.cards.values()) {
      if (card.visible) card.read(step);
      if (card.plot === plot || step === null) {
        card.point(over && card.plot === plot ? step : null, plot.u.cursor.left);
      }
    }
  }

  recolor() {
    this.colors.read();
    for (const [id, chip] of this.chips) chip.paint(this.colors.run(id));
    this.reshape();
  }

  leave() {
    this.runs.leave();
    for (const timer of [this._later, this._lighting, this.zoomed.settling]) clearTimeout(timer);
    closeMenu();
    zoomPill(this.root, null);
    this.board.live.remove();
    this.left.abort();
    this.loop.stop();
    this.observer.disconnect();
    this.sizes.disconnect();
    for (const card of this.cards.values()) card.destroy();
  }
}

export const watchPage = {
  name: "watch",
  title: "Watch",
  keys: ["runs"],
  open(root) {
    const ids = address.list("runs");
    root.classList.toggle("nothing", !ids.length);
    return ids.length ? new Watch(root, ids) : null;
  },
};
