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
 * @param {string} program
 */
export function reshape(shown, dataset, fusion, strategy, program) {
  const plugins = { dataset, fusion, strategy, program };
  /* Settings of another program are others, even where they have the same names. */
  /** @type {Record<string, string>} */
  const texts = trigger() === `${PREFIX}program` ? plugins : typed(plugins);
  if (trigger() === ALL) return { typed: texts, essentials: false, everything: shown };
  if (trigger() === `${PREFIX}dataset`) {
    forgetEncoders(texts);
  }
  mark({}); /* the new fields come without the messages of the old ones */
  return { typed: texts, essentials: true, everything: shown };
}

/** @param {Record<string, string>} texts */
function forgetEncoders(texts) {
  for (const name of Object.keys(texts)) if (name.startsWith("encoders.")) delete texts[name];
}
