/* The catalog: what the workers can train, and with which settings. */
import { ask } from "./ask.js";

/** @import { CatalogAnswer, Plugin, RunSpec } from "./schema.d.ts" */

/** @typedef {CatalogAnswer} Catalog */

/**
 * The JSON schema of a setting, as far as the page reads it.
 * @typedef {object} Setting
 * @property {string} [type]
 * @property {{ type?: string }[]} [anyOf]
 * @property {unknown[]} [enum]
 * @property {unknown} [default]
 * @property {number} [minimum]
 * @property {number} [exclusiveMinimum]
 * @property {number} [maximum]
 * @property {string} [description]
 * @property {boolean} [live] whether it can be changed during training
 */

/** @type {Record<string, string>} */
const WORDS = { lr: "learning rate" };
const ALSO = ["epochs"]; /* of interest to a fork beside live settings */
/** @type {Catalog | null} */
let cached = null;

/**
 * The catalog, read once.
 * @returns {Promise<Catalog>}
 */
export async function readCatalog() {
  /** @type {Catalog} */
  const catalog = cached ?? (await ask("/catalog"));
  cached = catalog;
  return catalog;
}

/**
 * The settings of a plug-in.
 * @param {Plugin} plugin
 */
export const schemas = (plugin) => /** @type {Record<string, Setting>} */ (plugin.settings);

/**
 * The settings of a specification that can change during training, the strategy's first.
 * @param {Catalog} catalog
 * @param {RunSpec} spec
 * @returns {[name: string, schema: Setting][]}
 */
export function settingsOf(catalog, spec) {
  const chosen = catalog.plugins.filter((plugin) =>
    isChosen(plugin, spec) || (plugin.kind === "training" && !spec.program)
  );
  const order = (/** @type {Plugin} */ plugin) => (plugin.kind === "strategy" ? 0 : 1);
  return chosen
    .sort((a, b) => order(a) - order(b))
    .flatMap((plugin) => Object.entries(schemas(plugin)))
    .filter(([name, schema]) => schema.live || spec.program || ALSO.includes(name));
}

/**
 * Whether a specification names a plug-in as its strategy, fusion, data set, or program.
 * @param {Plugin} plugin
 * @param {RunSpec} spec
 */
export function isChosen({ kind, name }, spec) {
  if (kind === "program") return spec.program === name;
  return (kind === "strategy" || kind === "fusion" || kind === "dataset") && spec[kind] === name;
}

/**
 * The name of a setting as words.
 * @param {string} name
 */
export function settingWords(name) {
  const words = WORDS[name] ?? name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}
