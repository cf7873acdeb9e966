/* The room that an element keeps, so that what is below it stays where it is. */
const WIDE = "(min-width: 701px)"; /* below, a phone is turned, and a kept height fits no more */

/**
 * Let an element never shrink while the page is open.
 * @param {HTMLElement} element
 */
export function hold(element) {
  const height = Math.max(element.offsetHeight, parseFloat(element.style.minHeight) || 0);
  if (matchMedia(WIDE).matches) element.style.minHeight = `${height}px`;
}
