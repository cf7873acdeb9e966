/* The title of the page, and the way to another one. */
import { setProps } from "../dash.js";
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
  setProps("url", { href: within(href) });
}
