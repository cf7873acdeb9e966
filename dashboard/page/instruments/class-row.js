/* A class in the list of the per-class balance: created once, then changed only where it differs. */
import { needleAt } from "../data/balance.js";
import { el, say } from "../lib/element.js";
import { number, percent } from "../lib/numbers.js";

/** @import { Colors } from "../charts/colors.js" */
/** @import { Leaning } from "../data/balance.js" */

const MOST = 1000; /* larger ratios are not distinguished */

export class ClassRow {
  /** @param {string} name */
  constructor(name) {
    this.text = "";
    this.bar = el("span", { class: "classes-bar" });
    this.track = el("span", { class: "classes-track", role: "img" }, this.bar);
    this.times = el("span", { class: "classes-number" });
    this.accuracy = el("span", { class: "classes-number" });
    this.element = el(
      "li",
      { class: "classes-row" },
      el("span", { class: "classes-name", title: name }, name),
      this.track,
      this.times,
      this.accuracy,
    );
  }

  /**
   * @param {Leaning} leaning
   * @param {[string, string]} pair
   * @param {Colors} colors
   * @param {number} most the ratio at the ends of the track
   */
  fill({ ratio, accuracy, a, b }, [one, other], colors, most) {
    const ahead = ratio >= 1 ? one : other;
    const title = `${one} ${number(a)}, ${other} ${number(b)}`;
    const style = barStyle(100 * needleAt(1 / ratio, most), colors.modality(ahead));
    const text = `${title} ${accuracy} ${style}`;
    if (this.text === text) return;
    this.text = text;
    const times = Math.max(ratio, 1 / ratio);
    this.bar.setAttribute("style", style);
    this.element.title = title;
    this.track.setAttribute("aria-label", `${ahead} ${times.toFixed(1)} times ahead; ${title}`);
    say(this.times, times >= MOST ? `≥ ${MOST}×` : `${times.toFixed(times < 10 ? 1 : 0)}×`);
    say(this.accuracy, percent(accuracy));
  }
}

/**
 * A bar from the middle.
 * @param {number} end in percent
 * @param {string} color
 */
function barStyle(end, color) {
  const [left, width] = [Math.min(50, end), Math.max(0.6, Math.abs(end - 50))];
  return `left:${left.toFixed(2)}%;width:${width.toFixed(2)}%;background:${color}`;
}
