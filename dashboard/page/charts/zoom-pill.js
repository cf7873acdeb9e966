/* The pill below zoomed charts: which steps they show, and a button that shows all of them. */
import { el, say } from "../lib/element.js";
import { whole } from "../lib/numbers.js";

/** @import { Steps } from "./window.js" */

/**
 * @param {HTMLElement} root
 * @param {Steps | null} zoom null: no pill
 * @param {() => void} [follow] shows all steps
 * @param {boolean} [grows] whether more steps are to come
 */
export function zoomPill(root, zoom, follow, grows = false) {
  /* Among the root's own: this is called for each run that is read, and whole pages take long to search. */
  const pill = [...root.children].find((one) => one.classList.contains("zoom-pill"));
  if (!zoom) pill?.remove();
  else {
    const shown = pill ?? addPill(root, follow);
    const [status, button] = [shown.querySelector("span"), shown.querySelector("button")];
    if (status) say(status, `Steps ${whole(zoom[0])} – ${whole(zoom[1])}`);
    if (button) say(button, grows ? "Follow live" : "Show all steps");
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
    el("button", { type: "button", class: "button button-quiet", onclick: follow }),
  );
  root.append(pill);
  return pill;
}
