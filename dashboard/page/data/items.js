/* Pictures, sounds, texts, and tables of a run by step. Pure. */

/** @import { Shown } from "../api/schema.d.ts" */

/**
 * The steps at which there is anything, ascending.
 * @param {Pick<Shown, "step">[]} items
 */
export const stepsOf = (items) => [...new Set(items.map(({ step }) => step))].sort((a, b) => a - b);

/**
 * What is seen at a step: of each name the newest item up to it, in the order of their names.
 * @template {Pick<Shown, "name" | "step">} Item
 * @param {Item[]} items
 * @param {number} step
 * @returns {Item[]}
 */
export function seenAt(items, step) {
  /** @type {Map<string, Item>} */
  const newest = new Map();
  for (const item of items) {
    const before = newest.get(item.name);
    if (item.step <= step && (!before || before.step <= item.step)) newest.set(item.name, item);
  }
  return [...newest.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
