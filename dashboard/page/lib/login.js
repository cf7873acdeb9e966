/* The way to the login, and back to where one was. */

import { within } from "./prefix.js";

const LOGIN = "/login";

/** Go to the login, unless this is it. */
export function logIn() {
  if (location.pathname.endsWith(LOGIN)) return;
  const there = location.pathname + location.search;
  location.assign(`${within(LOGIN)}?next=${encodeURIComponent(there)}`);
}

/**
 * Where to go after the login: a page of this server, never one of another.
 * @param {string} [search] of the login's address
 * @returns {string}
 */
export function next(search = location.search) {
  const given = new URLSearchParams(search).get("next") ?? within("/");
  try {
    const url = new URL(given, location.origin);
    return url.origin === location.origin ? url.pathname + url.search : within("/");
  } catch {
    return within("/");
  }
}
