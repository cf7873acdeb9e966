/* What a card's menu offers for its place and its size. */

/** @import { MenuChoice, MenuItem } from "../lib/menu.js" */
/** @import { Size } from "./arrangement.js" */
/** @import { Board } from "./board.js" */

/** @type {[Size["width"], string][]} */
const WIDTHS = [["", "Normal width"], ["wide", "Wide"], ["full", "Full width"]];
/** @type {[Size["height"], string][]} */
const HEIGHTS = [["short", "Low"], ["", "Normal height"], ["tall", "Tall"]];

/**
 * @param {Board} board
 * @param {string} name of the card
 * @returns {MenuItem[]}
 */
export function placeItems(board, name) {
  const { title, button } = board.placed(name);
  const { width, height, pinned } = board.size(name);
  const peers = board.peers(name);
  const stay = (/** @type {() => void} */ act) => () => {
    act();
    button.focus({ preventScroll: true });
  };
  return [
    { title: "Place" },
    {
      text: "Move earlier",
      hint: "Alt ←",
      disabled: peers[0] === name,
      act: stay(() => board.move(name, -1)),
    },
    {
      text: "Move later",
      hint: "Alt →",
      disabled: peers.at(-1) === name,
      act: stay(() => board.move(name, 1)),
    },
    { text: "Pin to the top", checked: pinned, act: stay(() => board.set(name, { pinned: !pinned })) },
    { text: `Hide ${title}`, act: () => board.hide(name) },
    { title: "Size" },
    ...choices("width", WIDTHS, width, (value) => board.set(name, { width: value })),
    ...choices("height", HEIGHTS, height, (value) => board.set(name, { height: value })),
  ];
}

/**
 * One of several values.
 * @template {string} T
 * @param {string} group
 * @param {[value: T, text: string][]} values
 * @param {T} now
 * @param {(value: T) => void} set
 * @returns {MenuChoice[]}
 */
const choices = (group, values, now, set) =>
  values.map(([value, text]) => ({ text, group, checked: now === value, act: () => set(value) }));
