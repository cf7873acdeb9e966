/* Words beside a place of a picture. */
import { el } from "../lib/element.js";

export class Tip {
  /** @param {HTMLElement} body that holds the picture */
  constructor(body) {
    this.body = body;
    this.element = el("div", { class: "tooltip", hidden: true });
  }

  /**
   * @param {number} left in pixels
   * @param {string} title
   * @param {[name: string, value: string][]} rows
   */
  show(left, title, rows) {
    const { element, body } = this;
    element.hidden = false;
    element.replaceChildren(
      el("div", { class: "tooltip-step" }, title),
      ...rows.map(([name, value]) =>
        el(
          "div",
          { class: "tooltip-row" },
          el("span", { class: "tooltip-name" }, name),
          el("strong", {}, value),
        )
      ),
    );
    const right = left > body.clientWidth / 2;
    element.style.left = right ? "" : `${left + 24}px`;
    element.style.right = right ? `${body.clientWidth - left + 12}px` : "";
  }

  hide() {
    this.element.hidden = true;
  }

  /**
   * Say which place the cursor is at, until it leaves the body.
   * @param {HTMLElement} surface whose pixels count
   * @param {(x: number, y: number) => void} point
   */
  follow(surface, point) {
    this.body.addEventListener("pointermove", (event) => {
      const frame = surface.getBoundingClientRect();
      point(event.clientX - frame.left, event.clientY - frame.top);
    });
    this.body.addEventListener("pointerleave", () => this.hide());
  }
}
