/* Cards dragged by their heads to another place of the board. */

/** @import { Board } from "./board.js" */

export class Drag {
  /** @param {Board} board */
  constructor(board) {
    this.board = board;
    /** The card that is dragged. @type {string | null} */
    this.name = null;
  }

  /**
   * @param {string} name
   * @param {HTMLElement} head by which the card is dragged
   * @param {HTMLElement} element the card
   */
  attach(name, head, element) {
    head.draggable = true;
    head.addEventListener("dragstart", ({ dataTransfer }) => {
      this.name = name;
      if (!dataTransfer) return;
      dataTransfer.effectAllowed = "move";
      dataTransfer.setData("text/plain", name);
      dataTransfer.setDragImage(element, 20, 20);
    });
    head.addEventListener("dragend", () => this._drop());
    element.addEventListener("dragover", (event) => {
      if (!this._takes(name)) return;
      event.preventDefault();
      this._unmark();
      element.dataset.drop = behind(event, element) ? "after" : "before";
    });
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      if (this.name && this.name !== name) this.board.put(this.name, name, behind(event, element));
      this._drop();
    });
  }

  /**
   * Whether the dragged card may be dropped on another one.
   * @param {string} name
   */
  _takes(name) {
    return this.name !== null && this.name !== name && this.board.peers(name).includes(this.name);
  }

  _drop() {
    this.name = null;
    this._unmark();
  }

  _unmark() {
    for (const { card } of this.board.cards.values()) delete card.element.dataset.drop;
  }
}

/**
 * @param {MouseEvent} event
 * @param {HTMLElement} element
 */
function behind(event, element) {
  const box = element.getBoundingClientRect();
  return event.clientX > box.left + box.width / 2;
}
