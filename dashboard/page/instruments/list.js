import * as exported from "./index.js";

/** @import { Instrument } from "./index.js" */

/** All instruments in the order of their places. @type {Instrument[]} */
export const instruments = Object.values(exported).sort((a, b) => a.place - b.place);
