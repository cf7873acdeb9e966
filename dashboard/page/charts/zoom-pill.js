/* The pill below zoomed charts: which steps they show, and a button that lets them follow again. */
import { el, say } from "../lib/element.js";
import { whole } from "../lib/numbers.js";

/** @import { Steps } from "./window.js" */

/**
 * @param {HTMLElement} root
 * @param {Steps | null} zoom null: no pill
 * @param {() => void} [follow]
 */
export function zoomPill(root, zoom, follow) {
  const pill = root.querySelector(".zoom-pill");
  if (!zoom) pill?.remove();
  else {
    const status = (pill ?? addPill(root, follow)).querySelector("span");
    if (status) say(status, `Steps ${whole(zoom[0])} – ${whole(zoom[1])}`);
  }
}

/**
 * @param {HTMLElement} root
 * @param {(() => void) | undefined} follow
 */
function addPill(root, follow) {
  const pill = el(
    "div",
    { class: "zoom-pill" },
    el("span", { role: "status" }),
    el("button", { type: "button", class: "button button-quiet", onclick: follow }, "Follow live"),
  );
  root.append(pill);
  return pill;
}
