/* Choices among examples: which of them by what is known about them, and by class or modality. */
import { countsOf, QUADRANTS, wordsOf } from "../../../data/samples.js";
import { el, say } from "../../../lib/element.js";

/** @import { Quadrant, Sample } from "../../../data/samples.js" */

/** A button per quadrant, with how many examples are in it; the buttons stay, their texts change. */
export class Quadrants {
  /** @param {(quadrant: Quadrant | "") => void} choose */
  constructor(choose) {
    /** @type {Quadrant | ""} */
    this.chosen = "";
    this.buttons = QUADRANTS.map((quadrant) =>
      el("button", {
        type: "button",
        class: "button button-quiet",
        onclick: () => choose(this.chosen === quadrant ? "" : quadrant),
      })
    );
    this.element = el(
      "div",
      { class: "samples-quadrants", role: "group", "aria-label": "Which examples" },
      ...this.buttons,
    );
  }

  /**
   * @param {Sample[]} samples
   * @param {string[]} pair
   */
  fill(samples, pair) {
    const counts = countsOf(samples, pair);
    const words = wordsOf(pair);
    for (const [i, quadrant] of QUADRANTS.entries()) {
      const [all, lost] = counts[quadrant];
      const more = lost && quadrant !== "neither" ? `, ${lost} lost together` : "";
      say(this.buttons[i], `${words[quadrant]}: ${all}${more}`);
      this.buttons[i].setAttribute("aria-pressed", String(this.chosen === quadrant));
    }
  }
}

/**
 * Options of a list, made anew only where they differ.
 * @param {HTMLSelectElement} select
 * @param {string[][]} options values and names
 * @param {string} value
 */
export function offer(select, options, value) {
  const key = options.flat().join("\n");
  if (select.dataset.options !== key) {
    select.replaceChildren(...options.map(([one, name]) => el("option", { value: one }, name)));
    select.dataset.options = key;
  }
  select.value = value;
}
