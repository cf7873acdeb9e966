/* Requests to the API behind the page's own server. */

import { logIn } from "../lib/login.js";
import { reason } from "../lib/reason.js";

/** @import { Problem } from "./schema.d.ts" */

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
 * GET, POST, ... under /api/v1.
 * @template T what the API answers
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<T>} rejected with `Refused` when the API refuses
 */
export async function ask(path, options = {}) {
  const answer = await fetch(`/api/v1${path}`, options);
  const body = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.status === 401) logIn();
  if (!answer.ok) throw new Refused(answer.status, body);
  return body;
}

/**
 * A request with a body. With a `key`, sending the same again creates nothing twice.
 * @template T
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {string} [key]
 * @returns {Promise<T>}
 */
export const send = (method, path, body, key = "") =>
  ask(path, {
    method,
    headers: { "Content-Type": "application/json", ...(key ? { "Idempotency-Key": key } : {}) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });

/**
 * Why something failed, field by field where the API names fields.
 * @param {unknown} error
 * @param {(field: string) => string} [name] what a field is called on the page
 */
export function misfits(error, name = (field) => field) {
  const errors = error instanceof Refused ? error.problem?.errors ?? [] : [];
  return errors.map(({ field, message }) => `${name(field)}: ${message}`).join("; ") || reason(error);
}
