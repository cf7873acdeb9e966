/* Shapes of a drawing in the page. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number>} properties
 * @param {...Node} children
 */
export function shape(tag, properties, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {"start" | "middle" | "end"} anchor
 * @param {string} color
 */
export function text(x, y, content, anchor, color) {
  const element = shape("text", { x, y, "text-anchor": anchor, fill: color, "font-size": 11 });
  element.textContent = content;
  return element;
}

/**
 * The words that appear over a shape.
 * @param {string} content
 */
export function hint(content) {
  const element = shape("title", {});
  element.textContent = content;
  return element;
}
