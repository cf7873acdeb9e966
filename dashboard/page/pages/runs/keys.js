/* Keys of the table of runs: arrows move, Enter opens. */
import { asking } from "../../lib/dialogs.js";

/** @type {Record<string, number>} */
const ARROWS = { ArrowDown: 1, ArrowUp: -1 };

/** @param {KeyboardEvent} event */
const commanding = (event) => event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented;

/**
 * Whether no other part of the page has the focus.
 * @param {EventTarget | null} target
 * @param {HTMLElement} frame of the table
 */
const free = (target, frame) =>
  target === document.body || (target instanceof Node && frame.contains(target));

/**
 * Listen to the keys until a signal is aborted.
 * @param {HTMLElement} frame
 * @param {{ move: (by: number) => void, open: () => void }} acts
 * @param {AbortSignal} signal
 */
export function tableKeys(frame, acts, signal) {
  document.addEventListener("keydown", (event) => {
    if (!free(event.target, frame) || commanding(event) || asking()) return;
    const by = ARROWS[event.key];
    if (by) {
      event.preventDefault();
      acts.move(by);
    } else if (event.key === "Enter" && event.target === document.body) acts.open();
  }, { signal });
}
