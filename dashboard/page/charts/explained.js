/* What a card shows, as its formula and in words: a button in its head, and the panel over it. */
import { el, icon } from "../lib/element.js";

/**
 * What is explained, such as a series.
 * @typedef {{ title: string, formula: string, help: string, unit?: string }} Explanation
 */

/**
 * The button and the panel of a card called `name`. Escape inside the element given to `closes` hides it.
 * @param {string} name
 * @param {string} title
 * @param {Explanation[]} parts
 */
export function explained(name, title, parts) {
  const panel = el("div", { class: "about", id: `about-${name}`, hidden: true });
  const turn = () => {
    if (!panel.childElementCount) panel.append(...parts.map(section));
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
  };
  const button = el(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-expanded": "false",
      "aria-controls": panel.id,
      "aria-label": `About ${title}`,
      title: "Formula, and how to read it",
      onclick: turn,
    },
    icon("info"),
  );
  const closes = (/** @type {HTMLElement} */ element) =>
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !panel.hidden) turn();
    });
  return { button, panel, closes };
}

/** @param {Explanation} explanation */
const section = ({ title, formula, help, unit }) =>
  el(
    "section",
    {},
    el("h4", {}, title),
    el("code", { class: "formula" }, formula),
    el("p", {}, help),
    unit && unit !== "1" ? el("p", { class: "muted" }, `Unit: ${unit}`) : null,
  );
