/* The root of a page, which the page fills. */
import { el } from "../lib/element.js";

/**
 * @param {{ id?: string, class: string }} properties
 * @param {string} title for those who do not see the page
 * @param {...Node} children
 */
export const rootOf = (properties, title, ...children) =>
  el(
    "div",
    properties,
    el("h1", { class: "visually-hidden" }, title),
    ...children,
  );

/**
 * A section of a page, with a name.
 * @param {string} name
 * @param {string} id of what is filled in it
 */
export const sectionOf = (name, id) =>
  el("section", { class: "runs-section", "aria-label": name }, el("div", { id }));
