/* Preferences that the browser keeps for all tabs, or for this visit where it stores nothing. */

/** @type {Map<string, string>} */
const visit = new Map();

/**
 * @param {string} key
 * @param {string} otherwise what is returned when nothing was stored
 */
export function stored(key, otherwise = "") {
  try {
    return localStorage.getItem(key) ?? visit.get(key) ?? otherwise;
  } catch {
    return visit.get(key) ?? otherwise;
  }
}

/**
 * @param {string} key
 * @param {string} text
 */
export function store(key, text) {
  visit.set(key, text);
  try {
    localStorage.setItem(key, text);
  } catch {
    /* kept for this visit only */
  }
}
