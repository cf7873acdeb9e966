/* How the cards of the Watch page are arranged: in which order, how large, which first, which not at all.
   As text, for the address: "rho~wtp" is wide, tall and pinned. */

/**
 * @typedef {object} Size
 * @property {"" | "wide" | "full"} width
 * @property {"" | "short" | "tall"} height
 * @property {boolean} pinned
 * @property {boolean} hidden
 */

/**
 * What differs from the usual; an empty order is the usual one.
 * @typedef {{ sizes: { [name: string]: Size }, order: string[] }} Arrangement
 */

/** @type {Size} */
export const PLAIN = { width: "", height: "", pinned: false, hidden: false };

/** @type {{ [letter: string]: Partial<Size> }} */
const LETTERS = {
  w: { width: "wide" },
  f: { width: "full" },
  s: { height: "short" },
  t: { height: "tall" },
  p: { pinned: true },
  x: { hidden: true },
};

/** @param {Size | undefined} size */
function lettersOf(size) {
  if (!size) return "";
  const has = (/** @type {Partial<Size>} */ part) =>
    Object.entries(part).every(([key, value]) => size[/** @type {keyof Size} */ (key)] === value);
  return Object.entries(LETTERS).filter(([, part]) => has(part)).map(([letter]) => letter).join("");
}

/**
 * An arrangement as text.
 * @param {Arrangement} arrangement
 */
export function boardWritten({ sizes, order }) {
  const names = [...new Set([...order, ...Object.keys(sizes)])];
  const words = names
    .map((name) => ({ name, letters: lettersOf(sizes[name]) }))
    .filter(({ letters }) => order.length || letters)
    .map(({ name, letters }) => (letters ? `${name}~${letters}` : name));
  return (order.length ? ["order", ...words] : words).join(",");
}

/**
 * The arrangement that a text says; what can't be read is left out.
 * @param {string} text
 * @returns {Arrangement}
 */
export function boardRead(text) {
  const words = text.split(",").filter(Boolean);
  const ordered = words[0] === "order";
  /** @type {Arrangement} */
  const arrangement = { sizes: {}, order: [] };
  for (const word of ordered ? words.slice(1) : words) {
    const [name, letters = ""] = word.split("~");
    if (ordered) arrangement.order.push(name);
    const parts = [...letters].filter((letter) => letter in LETTERS).map((letter) => LETTERS[letter]);
    if (parts.length) arrangement.sizes[name] = Object.assign({}, PLAIN, ...parts);
  }
  return arrangement;
}
