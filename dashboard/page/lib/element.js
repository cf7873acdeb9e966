/* Numbers, times and elements as the page shows them. Everything of ours lives under window.rhoscope. */

/* An element: properties become attributes, on* listeners; strings become text, never markup. */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export const icon = (name) => el("span", { class: `icon icon-${name}`, "aria-hidden": "true" });

/* Text only where it changed: nothing flickers, nothing is laid out twice. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/* Other children, made anew; the same ones are left alone. Who is on a link or button in a part with `data-NAME` is
   then on the one of the same part, not nowhere. */
export function refill(holder, children, name) {
  const same = children.length === holder.childNodes.length &&
    children.every((child, i) => child.isEqualNode(holder.childNodes[i]));
  if (same) return;
  const at = holder.contains(document.activeElement) ? document.activeElement : null;
  const part = at?.closest(`[data-${name}]`);
  holder.replaceChildren(...children);
  if (part) {
    holder.querySelector(`[data-${name}="${CSS.escape(part.getAttribute(`data-${name}`))}"] ${at.tagName}`)
      ?.focus();
  }
}
