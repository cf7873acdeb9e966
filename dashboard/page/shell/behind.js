/* Panels behind buttons of the head: made once the page has time, or when their button is pressed. */
import { Idle } from "../lib/idle.js";

/**
 * @param {string} id of the button, which opens the panel once there is one
 * @param {() => unknown} make makes it, unless it is there
 */
export function behind(id, make) {
  new Idle().ask(make);
  const pressed = (/** @type {MouseEvent} */ { target }) => {
    if (target instanceof Element && target.closest(`#${id}`)) make();
  };
  document.addEventListener("click", pressed, { capture: true });
}
