/* Choosing plug-ins, whose settings the form then shows. */
import { trigger } from "../../dash.js";
import { PREFIX, typed } from "./form.js";
import { mark } from "./misfits.js";

/**
 * The form after other plug-ins were chosen: what is typed stays where it still fits.
 * @param {string} dataset
 * @param {string} fusion
 * @param {string} strategy
 */
export function reshape(dataset, fusion, strategy) {
  const texts = typed({ dataset, fusion, strategy });
  if (trigger() === `${PREFIX}dataset`) {
    for (const name of Object.keys(texts)) if (name.startsWith("encoders.")) delete texts[name];
  }
  mark({}); /* the new fields come without the messages of the old ones */
  return texts;
}
