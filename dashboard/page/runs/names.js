/* Names of runs where there is little room: what differs in this list, cut in the middle. */
import { el } from "../lib/element.js";

const BRIEF = 20; /* letters of names that are all shown whole */
const LONG = 40; /* letters of a name that is shown whole */
const KEPT = [16, 21]; /* letters at the beginning and the end of a longer one */
const TAIL = 20; /* letters at the end that a narrow place keeps in sight, at most */
const ROOMY = 8; /* characters; a shorter beginning needs no room that is kept for it */

/**
 * Names without the words that all of them have; of long ones the beginning and the end.
 * @param {string[]} labels
 */
export function shortNames(labels) {
  if (labels.every((label) => label.length <= BRIEF)) return labels;
  const words = labels.map((label) => label.split(" "));
  const shared = (/** @type {string} */ word) =>
    labels.length > 1 && words.every((list) => list.includes(word));
  return labels.map((label, i) => {
    const own = words[i].filter((word) => !shared(word)).join(" ") || label;
    if (own.length <= LONG) return own;
    return `${own.slice(0, KEPT[0]).trim()} … ${own.slice(-KEPT[1]).trim()}`;
  });
}

/**
 * The short names of some runs by their ids. Runs of the same name have a part of their id, too.
 * @param {{ id: string, name: string }[]} runs
 * @returns {Map<string, string>}
 */
export function shortById(runs) {
  const short = shortNames(runs.map((run) => run.name));
  const twice = (/** @type {string} */ name) => short.filter((other) => other === name).length > 1;
  return new Map(
    runs.map(({ id }, i) => [id, twice(short[i]) ? `${short[i]} (${id.slice(0, 4)})` : short[i]]),
  );
}

/**
 * Where the end of a name begins that stays in sight: at a word, if one begins there.
 * @param {string} name
 */
export function tailOf(name) {
  const from = Math.max(0, name.length - TAIL);
  const space = name.indexOf(" ", from);
  return from && space > 0 && space < name.length - 4 ? space : from;
}

/**
 * Show a name so that a narrow place cuts its middle: the end is what differs.
 * @param {HTMLElement} element
 * @param {string} name
 */
export function showName(element, name) {
  if (element.dataset.name === name) return;
  element.dataset.name = name;
  element.classList.add("cut");
  const at = tailOf(name);
  element.replaceChildren(
    el("span", { class: at > ROOMY ? "cut-head cut-long" : "cut-head" }, name.slice(0, at)),
    el("span", { class: "cut-tail" }, name.slice(at)),
  );
}
