/* Never twice the same, for an Idempotency-Key. */
export const once = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

/* GET, POST, ... under /api/v1; a problem document is thrown as an Error with its detail. */
export async function ask(path, options = {}) {
  const answer = await fetch(`/api/v1${path}`, options);
  const body = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.ok) return body;
  const error = new Error(body?.detail ?? `The API answered ${answer.status}.`);
  error.status = answer.status;
  error.problem = body;
  throw error;
}

/* With a `key` the same again makes nothing twice. */
export const send = (method, path, body, key = "") =>
  ask(path, {
    method,
    headers: { "Content-Type": "application/json", ...(key ? { "Idempotency-Key": key } : {}) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
