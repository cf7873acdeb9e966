/* The pages. One more is one folder and one line here. */
import { comparePage } from "./compare/compare.js";
import { runsPage } from "./runs/runs.js";
import { sweepsPage } from "./sweeps/sweeps.js";
import { watchPage } from "./watch/watch.js";
import { workersPage } from "./workers/workers.js";

/**
 * A page that is open.
 * @typedef {object} OpenPage
 * @property {() => void} leave another page is opened
 * @property {Promise<unknown>} [ready] its first answers are shown, or were refused: it is seen from then on
 * @property {boolean} [drawn] whether these answers are drawn once `ready` is; else with the next frame
 * @property {() => void} recolor the color scheme was changed
 * @property {() => void} [revisit] the address changed, but none of the page's `keys`; a page without it is
 * opened again when Dash changes its address
 * @property {() => void} [whole] writes even what is usual here into the address: elsewhere it may not be
 * @property {Record<string, () => void>} [shortcuts] by key: shortcuts of this page alone
 */

/**
 * A page.
 * @typedef {object} Page
 * @property {string} name
 * @property {string} path
 * @property {string} title
 * @property {readonly string[]} [keys] parameters of the address that make it another page
 * @property {() => HTMLElement} frame its root, with what does not depend on the address
 * @property {() => void} [closed] another page takes the place of the frame
 * @property {(root: HTMLElement) => OpenPage | null} open null: there is nothing to show
 */

/** @type {readonly Page[]} */
export const pages = [runsPage, watchPage, comparePage, sweepsPage, workersPage];
