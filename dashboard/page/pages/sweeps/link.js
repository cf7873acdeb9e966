/* A link to another view, opened without loading the page again. */
import { el } from "../../lib/element.js";
import { go } from "../../shell/navigate.js";

/**
 * @param {string} address
 * @param {string} kind its class, besides that of a run's link
 * @param {...(Node | string)} children
 */
export function viewLink(address, kind, ...children) {
  const link = el("a", { class: `run-link ${kind}`.trim(), href: address }, ...children);
  link.addEventListener("click", (event) => {
    event.stopPropagation();
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(address);
  });
  return link;
}
