/* The banner under the head: a refusal, or that the connection is lost; and the light beside it. */
import { say } from "../lib/element.js";

const QUIET_MS = 1500; /* a loss shorter than this is not worth a word */
const LOST = "Lost the connection to the API. Reconnecting; nothing will be missed.";
let timer = 0;
let loss = ""; /* what the banner says about the connection */

/**
 * Show a text in the banner; an empty one hides it.
 * @param {string} text
 */
export function complain(text) {
  const banner = document.getElementById("banner");
  if (!banner) return;
  banner.hidden = !text;
  say(banner, text);
}

/** @param {string} text */
function light(text) {
  const element = document.getElementById("connection-text");
  if (element) say(element, text);
}

/* A refusal stays: that something else was answered does not take it back. */
function restored() {
  light("Live");
  if (loss && document.getElementById("banner")?.textContent === loss) complain("");
  loss = "";
}

/**
 * Show whether the page is connected.
 * @param {boolean} up
 * @param {string} [reason] why it is lost for good
 * @param {number} [silent] seconds in which nothing came, though nothing says that it is lost
 */
export function connection(up, reason, silent = 0) {
  const element = document.getElementById("connection");
  if (element) element.dataset.up = String(up && !silent);
  clearTimeout(timer);
  if (up && silent) return light(`No news for ${silent} s`);
  if (up) return restored();
  timer = setTimeout(() => {
    light("Reconnecting");
    loss = reason ?? LOST;
    complain(loss);
  }, QUIET_MS);
}
