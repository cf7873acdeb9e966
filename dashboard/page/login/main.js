/* The login: by name and password, or by the shared token; at once where the address brings the token. */
import { ask, misfits, send } from "../api/ask.js";
import { say } from "../lib/element.js";
import { next } from "../lib/login.js";

/** @import { Session } from "../api/schema.d.ts" */

const WORDS = { password: "Use a name and a password", token: "Use the shared token" };
const EXPOSED = "Other machines can reach this page, but nobody has to log in. On the server, set " +
  "RHOSCOPE_API_TOKEN or add a user with “rhoscope user add”.";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ (part("login"));
const other = part("other-way");

/**
 * Show the fields of one way, and hide the others'.
 * @param {string} way
 * @param {readonly string[]} ways
 */
function choose(way, ways) {
  for (const label of form.querySelectorAll("[data-way]")) {
    if (label instanceof HTMLElement) label.hidden = label.dataset.way !== way;
  }
  const another = ways.find((one) => one !== way);
  other.hidden = !another;
  say(other, another === "token" ? WORDS.token : WORDS.password);
  other.onclick = () => another && choose(another, ways);
  form.dataset.way = way;
  form.hidden = false;
  /** @type {HTMLInputElement | null} */
  const first = form.querySelector(`[data-way="${way}"] input`);
  first?.focus();
}

/** @param {unknown} error */
function complain(error) {
  const problem = part("login-problem");
  say(problem, misfits(error));
  problem.hidden = false;
}

/** @param {Record<string, unknown>} login */
async function enter(login) {
  try {
    await send("POST", "/session", login);
    location.replace(next());
  } catch (error) {
    complain(error);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  const { way } = form.dataset;
  enter(
    way === "token"
      ? { token: fields.get("token") }
      : { name: fields.get("name"), password: fields.get("password") },
  );
});

async function start() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    history.replaceState(null, "", location.pathname + location.search);
    await enter({ token });
  }
  /** @type {Session} */
  const { role, ways } = await ask("/session");
  if (role) return location.replace(next());
  if (ways.length) return choose(ways[0], ways);
  say(part("no-way"), EXPOSED);
  part("no-way").hidden = false;
}

start().catch(complain);
