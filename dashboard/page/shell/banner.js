import { say } from "../lib/element.js";

const QUIET_MS = 1500;
let broken = 0;
let lost = ""; /* what the banner says of the connection */

/* The banner: a refusal, or that the connection is lost. */
export function complain(text) {
  const banner = document.getElementById("banner");
  if (!banner) return;
  banner.hidden = !text;
  say(banner, text);
}

export function connection(up, reason) {
  const element = document.getElementById("connection");
  if (element) element.dataset.up = String(up);
  clearTimeout(broken);
  const text = document.getElementById("connection-text");
  if (up) {
    if (text) say(text, "Live");
    /* A refusal stays: that something else was answered does not take it back. */
    if (lost && document.getElementById("banner")?.textContent === lost) complain("");
    lost = "";
    return;
  }
  broken = setTimeout(() => {
    if (text) say(text, "Reconnecting");
    lost = reason ?? "The connection to the API is lost. Trying again; nothing is missed.";
    complain(lost);
  }, QUIET_MS);
}
