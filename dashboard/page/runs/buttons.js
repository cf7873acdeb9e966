/* Buttons that change the state of one run. */
import { send } from "../api/ask.js";
import { el, icon, say } from "../lib/element.js";
import { reason } from "../lib/reason.js";

/** @import { Run } from "../api/schema.d.ts" */
/**
 * A request to a run and its button; `action` names the button where it is not the verb.
 * @typedef {{ verb: string, label: string, title: string, action?: string, body?: () => unknown }} Turn
 */

const LONG_S = 600; /* a run older than this is stopped by a second click only */
const ARMED_MS = 4000;

/**
 * A button that asks for confirmation before it ends hours of work.
 * @param {() => Run | null | undefined} current the run as it is at the moment of the click
 * @param {(error: Error) => void} failed
 */
export function stopButton(current, failed) {
  let armed = 0;
  const word = el("span", {}, "Stop");
  const button = el(
    "button",
    {
      type: "button",
      class: "button button-quiet stop",
      "data-action": "stop",
      title: "Stop at the next step",
      "aria-label": "Stop",
    },
    icon("stop"),
    word,
  );
  const label = (/** @type {string} */ text, /** @type {boolean} */ alarming) => {
    say(word, text);
    button.setAttribute("aria-label", text);
    button.classList.toggle("armed", alarming);
  };
  button.addEventListener("click", async (click) => {
    click.stopPropagation();
    const run = current();
    if (!run) return;
    if (age(run) > LONG_S && Date.now() - armed > ARMED_MS) {
      armed = Date.now();
      label("Stop now?", true);
      setTimeout(() => label("Stop", false), ARMED_MS);
      return;
    }
    button.disabled = true;
    try {
      await send("POST", `/runs/${run.id}/stop`);
    } catch (error) {
      failed(error instanceof Error ? error : new Error(String(error)));
      button.disabled = false;
    }
  });
  return button;
}

/**
 * The seconds since a run was started.
 * @param {Run} run
 */
const age = (run) => (run.started ? Date.now() / 1000 - run.started : 0);

/**
 * A button that posts to `/runs/{id}/{verb}`.
 * @param {string} id
 * @param {Turn} turn
 * @param {(text: string) => void} failed called with "" when a new attempt begins
 */
export function turnButton(id, { verb, label, title, action = verb, body = () => undefined }, failed) {
  const button = el(
    "button",
    {
      type: "button",
      class: "button button-quiet",
      "data-action": action,
      title,
      "aria-label": label,
      hidden: true,
    },
    icon(action),
    el("span", {}, label),
  );
  button.addEventListener("click", async () => {
    button.disabled = true;
    failed("");
    try {
      await send("POST", `/runs/${id}/${verb}`, body());
    } catch (error) {
      failed(reason(error));
    } finally {
      button.disabled = false;
    }
  });
  return button;
}
