import { el } from "../lib/element.js";

/**
 * Tags as small labels, replaced only when they differ.
 * @param {HTMLElement} element
 * @param {string[]} names
 */
export function fillTags(element, names) {
  const key = names.join("\n");
  if (element.dataset.tags === key) return;
  element.dataset.tags = key;
  element.replaceChildren(...names.map((name) => el("span", { class: "tag", title: name }, name)));
}
