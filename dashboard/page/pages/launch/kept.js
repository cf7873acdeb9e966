/* The form after a launch: whoever comes back finds it as it was launched, or clears it. */
import { el } from "../../lib/element.js";
import { within, without } from "../../lib/prefix.js";
import { address } from "../../shell/address.js";
import { go } from "../../shell/navigate.js";

const KEY = "set";
let launched = ""; /* the parameter `set` of the form that was launched last, in this tab */

/** The form is being launched. */
export function keepLaunched() {
  address.settle();
  launched = address.get(KEY);
}

/**
 * The address of the launch page with the form as it was launched last.
 * @param {string} set
 */
export const placeOf = (set) => (set ? `/?${new URLSearchParams({ [KEY]: set })}` : "/");

/** @param {MouseEvent} event */
const elsewhere = (event) => event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0;

/** A button that sets the whole form back. */
const clearing = () =>
  el("button", {
    type: "button",
    class: "button button-quiet",
    id: "clear-form",
    onclick: () => {
      launched = "";
      address.forget();
      location.assign(within("/")); /* a link to this page would keep what is typed */
    },
  }, "Reset the form");

/**
 * Offer to set the form back where something differs from the defaults.
 * @param {boolean} differs
 */
export function offerReset(differs) {
  const present = document.getElementById("clear-form");
  if (!differs) present?.remove();
  else if (!present) document.querySelector(".launch-card > h2")?.after(clearing());
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a.nav-link") : null;
  if (!launched || !(link instanceof HTMLAnchorElement) || elsewhere(event)) return;
  if (without(new URL(link.href).pathname) !== "/" || without(location.pathname) === "/") return;
  event.preventDefault();
  event.stopPropagation();
  go(placeOf(launched));
}, { capture: true });
