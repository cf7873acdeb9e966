/* The parameters of the address: what a view shows is written there, so that every view is a link. */

const CALM_MS = 350; /* browsers refuse an address that changes a hundred times in half a minute */

/**
 * What is not written yet: the parameters, and the address that they belong to.
 * @type {{ query: string, place: string } | null}
 */
let pending = null;
let timer = 0;
let written = -Infinity; /* when the address was last changed */

const parameters = () => new URLSearchParams(pending?.query ?? location.search);

/**
 * A value of a parameter; a list is written comma-separated.
 * @typedef {string | number | readonly (string | number)[] | null | undefined} Value
 */

/** @param {Value} value */
const textOf = (value) =>
  typeof value === "string" || typeof value === "number" ? String(value) : (value ?? []).join(",");

/** A page's `keys` say which page it is; the other parameters say how it is looked at. */
export const address = {
  /**
   * @param {string} name
   * @param {string} [otherwise]
   */
  get: (name, otherwise = "") => parameters().get(name) ?? otherwise,

  /**
   * Each of several comma-separated values once.
   * @param {string} name
   */
  list: (name) => [...new Set((parameters().get(name) ?? "").split(",").filter(Boolean))],

  /**
   * Set parameters without a new visit; empty ones leave the address.
   * @param {Record<string, Value>} changes
   */
  set(changes) {
    const next = parameters();
    for (const [name, value] of Object.entries(changes)) {
      const text = textOf(value);
      if (text) next.set(name, text);
      else next.delete(name);
    }
    const query = next.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%7E", "~");
    pending = { query, place: pending?.place ?? location.href };
    clearTimeout(timer);
    timer = setTimeout(address.settle, Math.max(0, written + CALM_MS - performance.now()));
  },

  /** Write what was set: before a link is copied or another page opened. */
  settle() {
    clearTimeout(timer);
    if (pending === null) return;
    const { query, place } = pending;
    const search = query ? `?${query}` : "";
    pending = null;
    if (place !== location.href) return; /* another page was opened meanwhile */
    if (search === location.search) return;
    written = performance.now();
    history.replaceState(history.state, "", location.pathname + search + location.hash);
  },

  /** Drop what was not written: another page was opened, and it belongs to none. */
  forget() {
    clearTimeout(timer);
    pending = null;
  },
};
