/* Elements of the page: created, and changed only where they differ. */
import { within } from "./prefix.js";

/**
 * What an element is given: `on*` are listeners; true, a text or a number an attribute; false, null or
 * undefined none.
 * @typedef {Record<string, unknown>} Properties
 */

/**
 * An element; strings become text, never markup.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Properties} [properties]
 * @param {...(Node | string | null)} children null is left out
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : attribute(name, String(value)));
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * The value of an attribute: links to our own addresses are under the path of a proxy.
 * @param {string} name
 * @param {string} value
 */
const attribute = (name, value) => name === "href" && value.startsWith("/") ? within(value) : value;

/** @param {string} name of a symbol in style/ground.css */
export const icon = (name) => el("span", { class: `icon icon-${name}`, "aria-hidden": "true" });

/**
 * Set a text only where it changed: nothing flickers, nothing is laid out twice.
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Replace the children of an element; equal ones are left alone. Focus on a link or button in a part with
 * `data-NAME` moves to the one of the same part.
 * @param {Element} holder
 * @param {Element[]} children
 * @param {string} name
 */
export function refill(holder, children, name) {
  const same = children.length === holder.childNodes.length &&
    children.every((child, i) => child.isEqualNode(holder.childNodes[i]));
  if (same) return;
  const focus = focusIn(holder, name);
  holder.replaceChildren(...children);
  if (focus === null) return;
  const target = holder.querySelector(`[data-${name}="${CSS.escape(focus.part)}"] ${focus.tag}`);
  if (target instanceof HTMLElement) target.focus();
}

/**
 * Which part of an element has the focus, and on what tag.
 * @param {Element} holder
 * @param {string} name
 */
function focusIn(holder, name) {
  const focused = holder.contains(document.activeElement) ? document.activeElement : null;
  const part = focused?.closest(`[data-${name}]`)?.getAttribute(`data-${name}`) ?? null;
  return focused === null || part === null ? null : { part, tag: focused.tagName };
}
