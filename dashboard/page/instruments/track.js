/* A track of the needle: between two modalities a mark, of one among several a bar from the middle. */
import { needleAt } from "../data/balance.js";
import { el, say } from "../lib/element.js";
import { number } from "../lib/numbers.js";

/** @import { Colors } from "../charts/colors.js" */
/** @import { Recent } from "../data/balance.js" */
/** @import { Gauge } from "./gauge.js" */

/** Ratios that are written below the track, by the one at its ends. @type {{ [most: number]: number[] }} */
const TICKS = {
  10: [10, 5, 2, 1, 2, 5, 10],
  100: [100, 10, 1, 10, 100],
  1000: [1000, 100, 10, 1, 10, 100, 1000],
};

export class Track {
  /**
   * @param {string[]} group one modality, or two
   * @param {Colors} colors
   * @param {Gauge[]} gauges theirs
   */
  constructor(group, colors, gauges) {
    this.modality = group[group.length - 1]; /* whose ratio is on the track */
    this.pair = group.length === 2;
    this.colors = colors;
    this.scale = 0;
    this.band = el("div", { class: "needle-band" });
    this.mark = el("div", { class: this.pair ? "needle-mark" : "needle-bar" });
    this.ticks = el("div", { class: "needle-ticks" });
    this.value = el("span", { class: "needle-value" });
    const track = el(
      "div",
      { class: "needle-track", "aria-hidden": "true" },
      this.ticks,
      this.band,
      this.mark,
    );
    const name = (/** @type {string} */ modality, /** @type {string | null} */ kind) =>
      el("span", { class: kind, style: `--modality:${colors.modality(modality)}` }, modality);
    const elements = gauges.map((gauge) => gauge.element);
    this.element = this.pair
      ? el(
        "div",
        { class: "needle-pair" },
        el("div", { class: "needle-ends" }, ...group.map((modality) => name(modality, null))),
        track,
        el("div", { class: "needle-ks" }, ...elements),
      )
      : el(
        "div",
        { class: "needle-one" },
        name(this.modality, "needle-name"),
        track,
        this.value,
        ...elements,
      );
  }

  /**
   * @param {Recent | null} at the recent ratio of `modality`
   * @param {string} leader the modality ahead of all others, or ""
   * @param {number} scale the ratio at the ends
   */
  paint(at, leader, scale) {
    this.band.hidden = this.mark.hidden = !Number.isFinite(at?.mean);
    if (at === null || this.mark.hidden) return say(this.value, "");
    const where = (/** @type {number} */ ratio) => 100 * needleAt(ratio, scale);
    const [low, high, mean] = [where(at.low), where(at.high), where(at.mean)];
    Object.assign(this.band.style, { left: `${low}%`, width: `${Math.max(0.5, high - low)}%` });
    if (this.pair) this.mark.style.left = `${mean}%`;
    else {
      this.mark.style.left = `${Math.min(50, mean)}%`;
      this.mark.style.width = `${Math.max(0.5, Math.abs(mean - 50))}%`;
    }
    const color = this.colors.modality(this.pair ? leader : this.modality);
    for (const part of [this.mark, this.band]) part.style.setProperty("--color", color);
    say(this.value, `${number(Number(at.mean.toPrecision(2)))}×`);
    if (scale !== this.scale) this._scale(scale, where);
  }

  /**
   * @param {number} scale
   * @param {(ratio: number) => number} where
   */
  _scale(scale, where) {
    this.scale = scale;
    const all = TICKS[scale];
    const middle = (all.length - 1) / 2;
    this.ticks.replaceChildren(
      ...all.map((v, i) => el("span", { style: `left:${where(i < middle ? 1 / v : v)}%` }, `${v}×`)),
    );
  }
}
