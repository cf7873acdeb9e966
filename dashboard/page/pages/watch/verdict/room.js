/* The room of the verdict on top of a run. Curves never wait for it: where the page is seen before it comes,
   it comes into a room that was kept for it, and scrolls there until a reader turns to it. */
import { ended } from "../../../api/states.js";

/** @import { Run } from "../../../api/schema.d.ts" */

export class Room {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  /**
   * Keep room, of a run that has just been read.
   * @param {Run | null} run
   */
  reserve(run) {
    const { classList } = this.element;
    classList.add("verdict-kept");
    classList.toggle("verdict-brief", Boolean(run) && run?.modalities.length === 0);
    for (const kind of ["pointerdown", "keydown"]) {
      this.element.addEventListener(kind, () => classList.remove("verdict-kept"), { once: true });
    }
  }

  /**
   * The first sentences are there. An ended run says all it will: no more room than that takes, unless a
   * reader sees the page already.
   * @param {Run} run
   */
  fit({ state }) {
    if (!ended(state) || !this.element.closest("[data-settling]")) return;
    this.element.classList.remove("verdict-kept", "verdict-brief");
    this.element.classList.add("verdict-fitted");
  }
}
