/* Requests to the API behind the page's own server. */

import { logIn } from "../lib/login.js";
import { within } from "../lib/prefix.js";
import { reason } from "../lib/reason.js";

/** @import { Problem } from "./schema.d.ts" */

const AGAIN_MS = 1000;
const NOT_FOUND = 404;
const UNSURE = "The answer was lost, so this may have been done; look before you do it again.";

/** A request that the API refused. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {Problem | null} problem
   */
  constructor(status, problem) {
    super(problem?.detail ?? `The API answered ${status}.`);
    this.status = status;
    this.problem = problem;
  }
}

/**
 * A key for the header Idempotency-Key, never the same twice.
 * @returns {string}
 */
export const once = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

/**
 * The path as it is. One of whose segments is no id would lead to another address: it is never asked for.
 * @param {string} path
 */
function checked(path) {
  const segments = path.split("?")[0].split("/").slice(1).map(decodeURIComponent);
  const wrong = segments.find((one) => !one.trim() || one === "." || one === ".." || /[/\\]/.test(one));
  if (wrong === undefined) return path;
  const refusal = new Refused(NOT_FOUND, null);
  refusal.message = `'${wrong}' is not an id; choose from a list.`;
  throw refusal;
}

/**
 * GET, POST, ... under /api/v1.
 * @template T what the API answers
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<T>} rejected with `Refused` when the API refuses, or before it is asked
 */
export async function ask(path, options = {}) {
  const answer = await fetch(within(`/api/v1${checked(path)}`), options);
  const body = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.status === 401) logIn();
  if (!answer.ok) throw new Refused(answer.status, body);
  return body;
}

/**
 * An order. Where its answer is lost it is sent once more: `key` is its id, so nothing happens twice.
 * @template T
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {string} [key]
 * @returns {Promise<T>} rejected with `Refused`, or with what it is not known of
 */
export async function send(method, path, body, key = once()) {
  const request = {
    method,
    headers: { "Content-Type": "application/json", "Idempotency-Key": key },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
  const first = await ask(path, request).catch(lost);
  if (!(first instanceof Lost)) return first;
  await new Promise((done) => setTimeout(done, AGAIN_MS));
  const second = await ask(path, request).catch(lost);
  if (second instanceof Lost) throw new Error(UNSURE);
  return second;
}

class Lost {}

/**
 * A failure after which it is not known whether the order was carried out; any other is thrown.
 * @param {unknown} error
 * @returns {Lost}
 */
function lost(error) {
  if (error instanceof Refused && !error.problem?.type?.endsWith(":Unsure")) throw error;
  return new Lost();
}

/**
 * Why something failed, field by field where the API names fields.
 * @param {unknown} error
 * @param {(field: string) => string} [name] what a field is called on the page
 */
export function misfits(error, name = (field) => field) {
  const errors = error instanceof Refused ? error.problem?.errors ?? [] : [];
  return errors.map(({ field, message }) => `${name(field)}: ${message}`).join("; ") || reason(error);
}
