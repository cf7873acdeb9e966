/* The toolbar above the charts: which modality, and the menu of the view. */
import { smoothing } from "../../charts/smoothing.js";
import { copyText } from "../../lib/clipboard.js";
import { el, say } from "../../lib/element.js";
import { menuButton } from "../../lib/menu.js";
import { address } from "../../shell/address.js";

/** @import { Board } from "../../charts/board.js" */

/**
 * Buttons that choose what is shown of each chart.
 * @param {HTMLElement} holder
 * @param {string[]} modalities
 * @param {boolean} several whether there are several runs
 * @param {string} focus the chosen modality, or ""
 * @param {(modality: string) => void} choose
 */
export function focusControl(holder, modalities, several, focus, choose) {
  const options = [["", several ? "Overview" : "All"], ...modalities.map((m) => [m, m])];
  const key = JSON.stringify(options);
  holder.hidden = modalities.length < 2;
  if (holder.dataset.options !== key) {
    holder.dataset.options = key;
    holder.className = "segments";
    holder.setAttribute("role", "group");
    holder.setAttribute("aria-label", "Modality");
    holder.replaceChildren(...options.map(([value, text]) => segment(value, text, choose)));
  }
  for (const button of holder.children) {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-focus") === focus));
  }
}

/**
 * @param {string} value
 * @param {string} text
 * @param {(modality: string) => void} choose
 */
const segment = (value, text, choose) =>
  el(
    "button",
    { type: "button", class: "segment", "data-focus": value, onclick: () => choose(value) },
    text,
  );

/**
 * The menu of the whole view: its link, hidden cards, and how cards are arranged.
 * @param {Board} board
 * @param {(() => void) | null} axes shows the bar of axes, where it is not there anyway
 */
export function viewMenu(board, axes) {
  const items = () => {
    const away = board.away();
    return [
      { text: "Copy link to this view", act: () => copy(board) },
      axes ? { text: "Another x axis", act: axes } : null,
      away.length ? { title: "Hidden" } : null,
      ...away.map(({ name, title }) => ({
        text: `Show ${title}`,
        act: () => board.set(name, { hidden: false }),
      })),
      { title: "Arrangement" },
      { text: "Reset", disabled: !board.text, act: () => board.reset() },
    ];
  };
  return menuButton({ class: "button button-quiet view-menu" }, ["View"], items);
}

/**
 * Write even what is usual here into the address: it may not be for another person.
 * @param {Board} board
 */
export const wholeAddress = (board) =>
  address.set({ smooth: smoothing.percent, board: board.text || "usual" });

/** @param {Board} board */
async function copy(board) {
  wholeAddress(board);
  address.settle();
  try {
    await copyText(location.href);
    say(board.live, "Link copied.");
  } catch {
    prompt("Copy this link:", location.href);
  }
}
