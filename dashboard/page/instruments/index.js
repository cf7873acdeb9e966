/* The instruments of the Watch page, beside its line charts. One more is one file, and one line here. */

/** @import { Run } from "../api/schema.d.ts" */
/** @import { CardParts, View } from "../charts/card.js" */
/** @import { Explanation } from "../charts/explained.js" */

/**
 * @typedef {object} Instrument
 * @property {string} name of no chart and no other instrument: it is written into the address
 * @property {string} title
 * @property {number} place among the instruments: those of lower places are seen first
 * @property {Explanation[]} about what the button in the card's head explains
 * @property {(runs: Run[]) => boolean} fits whether it has anything to show of these runs
 * @property {(view: View) => CardParts} make its card; `InstrumentCard` in card.js does most of it
 */

export { baseline } from "./baseline.js";
export { budget } from "./noise-budget.js";
export { classes } from "./classes.js";
export { layers } from "./layers.js";
export { needle } from "./needle.js";
export { phase } from "./phase.js";
export { scorecard } from "./scorecard.js";
