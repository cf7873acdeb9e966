/* The line under the banner: what the back end can't do at present, or has set aside. */
import { say } from "../lib/element.js";
import { illness } from "../lib/health.js";
import { within } from "../lib/prefix.js";

const EVERY_MS = 10_000;

/** Ask and show; whether the API answers at all is the banner's matter. */
async function look() {
  const answer = await fetch(within("/api/v1/readyz")).catch(() => null);
  const health = answer ? await answer.json().catch(() => null) : null;
  const line = document.getElementById("health");
  if (line && health?.checks) {
    const words = illness(health);
    line.hidden = !words;
    say(line, words);
  }
  setTimeout(look, EVERY_MS);
}

queueMicrotask(look);
