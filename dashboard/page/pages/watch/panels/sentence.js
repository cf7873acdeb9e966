/* Events of a run as sentences. */
import { number, parsed, size } from "../../../lib/numbers.js";
import { plain } from "../../../lib/values.js";

/** @import { Event } from "../../../api/schema.d.ts" */

/** @typedef {Event["data"]} Data */

/**
 * A text of an event's data, or "".
 * @param {unknown} value
 */
const text = (value) => (typeof value === "string" ? value : "");

/** @param {Event} event */
function started({ attempt, data }) {
  const how = attempt > 1 ? `Attempt ${attempt} started` : "Started";
  const device = text(data.device);
  return `${how} on ${text(data.worker) || "a worker"}${device ? `, ${device}` : ""}`;
}

/** @param {Data} data */
function changed(data) {
  const who = text(data.who);
  return `${data.setting} ${plain(data.old)} → ${plain(data.new)}${who ? ` by ${who}` : ""}`;
}

/** @param {Data} data */
const saved = ({ bytes }) =>
  typeof bytes === "number" && bytes > 0 ? `Checkpoint written, ${size(bytes)}` : "Checkpoint written";

/** @param {Data} data */
function alerted({ words, series, value }) {
  const shown = typeof value === "string" || typeof value === "number" ? Number(parsed(value)) : NaN;
  return `Alert: ${words}${series && !Number.isNaN(shown) ? ` (${number(shown)})` : ""}`;
}

/** @type {Partial<Record<Event["kind"], (event: Event) => string>>} */
const SENTENCES = {
  started,
  setting: ({ data }) => changed(data),
  checkpoint: ({ data }) => saved(data),
  alert: ({ data }) => alerted(data),
  lost: ({ data }) => typeof data.reason === "string" ? data.reason : "Lost contact with the worker.",
  finished: ({ data }) => text(data.reason) || `Now ${data.state}.`,
  log: ({ data }) => text(data.line),
  order: ({ data }) => `${text(data.order)} by ${text(data.who)}`,
  state: ({ data }) => data.state === "queued" && !data.reason ? "Queued again" : "",
};

/**
 * An event as a sentence; "" for one that needs none.
 * @param {Event} event
 */
export const sentence = (event) => SENTENCES[event.kind]?.(event) ?? "";
