/* The path under which a reverse proxy shows the page: where its own program was loaded from tells. */

const script = /** @type {HTMLScriptElement | null | undefined} */ (globalThis.document?.currentScript);
const source = script?.src ? new URL(script.src).pathname : "";

/** "" at the root of a server, "/rho" behind a proxy. */
export const base = source.slice(0, Math.max(0, source.indexOf("/bundle/")));

/**
 * An address on this server as the browser has to ask for it; one that begins with the path stays.
 * @param {string} address
 */
export const within = (address) => base && !address.startsWith(`${base}/`) ? `${base}${address}` : address;

/**
 * A path as the program knows it.
 * @param {string} path as the browser shows it
 */
export const without = (path) => path.startsWith(`${base}/`) ? path.slice(base.length) : path;
