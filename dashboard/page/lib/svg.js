/* Elements of a drawing. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element of a drawing; texts become text, never markup.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {{ [name: string]: string | number }} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}
