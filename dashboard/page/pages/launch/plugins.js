/* Choosing plug-ins, whose settings the form then shows. */
import { trigger } from "../../dash.js";
import { ALL, PREFIX, typed } from "./form.js";
import { mark } from "./misfits.js";

/**
 * What the form shows after other plug-ins were chosen or the fold of all settings was opened: what is typed
 * stays where it still fits. The folded settings come once they were looked for.
 * @param {boolean} shown whether all settings are shown
 * @param {string} dataset
 * @param {string} fusion
 * @param {string} strategy
 */
export function reshape(shown, dataset, fusion, strategy) {
  const texts = typed({ dataset, fusion, strategy });
  if (trigger() === ALL) return { typed: texts, essentials: false, everything: shown };
  if (trigger() === `${PREFIX}dataset`) {
    for (const name of Object.keys(texts)) if (name.startsWith("encoders.")) delete texts[name];
  }
  mark({}); /* the new fields come without the messages of the old ones */
  return { typed: texts, essentials: true, everything: shown };
}
