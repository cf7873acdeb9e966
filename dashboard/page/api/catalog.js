import { ask } from "./ask.js";

const WORDS = { lr: "learning rate" };
const ALSO = ["epochs"]; /* what a fork may want besides live settings */
let known = null;

/* The catalogue, asked for once. */
export const catalogue = async () => (known = known ?? (await ask("/catalog")));

/* The settings of a specification that can change on the way: [[name, schema]], the strategy's first. */
export function settingsOf(catalog, spec) {
  const chosen = catalog.plugins.filter((p) => p.kind === "training" || spec[p.kind] === p.name);
  const order = (p) => (p.kind === "strategy" ? 0 : 1);
  return chosen
    .sort((a, b) => order(a) - order(b))
    .flatMap((p) => Object.entries(p.settings))
    .filter(([name, schema]) => schema.live || ALSO.includes(name));
}

export function settingWords(name) {
  const words = WORDS[name] ?? name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}
