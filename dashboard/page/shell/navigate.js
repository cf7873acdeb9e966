/* The title of the page, and the way to another one. */
import { navigate } from "../dash.js";
import { within } from "../lib/prefix.js";
import { address } from "./address.js";

/** @param {string} text */
export const title = (text) => {
  document.title = `${text} · rhoscope`;
};

/**
 * Open an address; the same one again is a new visit of it.
 * @param {string} href
 */
export function go(href) {
  address.settle();
  navigate(within(href));
}

/**
 * Whether a click means this window.
 * @param {MouseEvent} event
 */
const plain = (event) =>
  !event.defaultPrevented && event.button === 0 &&
  !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

/**
 * Whether a link leads to another address on this server, rather than to a place on the page or to a file.
 * @param {HTMLAnchorElement} link
 */
function leads(link) {
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return false;
  return !link.hash || link.pathname !== location.pathname || link.search !== location.search;
}

/**
 * Follow links to pages without loading the document again.
 * @param {(path: string) => boolean} known whether a page has this path
 */
export function follow(known) {
  addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || !plain(event)) return;
    if (!leads(link) || !known(link.pathname)) return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash);
    scrollTo(0, 0);
  });
}
