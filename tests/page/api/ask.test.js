import { deepStrictEqual as same, rejects } from "node:assert/strict";
import { ask, Refused, send } from "../../../dashboard/page/api/ask.js";

/**
 * Answers to come, one after the other; what was sent is kept.
 * @param {(Response | Error)[]} answers
 */
function answering(...answers) {
  /** @type {(string | null)[]} */
  const keys = [];
  globalThis.fetch = (_path, options) => {
    keys.push(new Headers(options?.headers).get("Idempotency-Key"));
    const answer = /** @type {Response | Error} */ (answers.shift());
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return keys;
}

/** @param {string} kind */
const refusal = (kind) =>
  Response.json({ type: `urn:rhoscope:error:${kind}`, detail: "Why." }, { status: 503 });
const soon = globalThis.setTimeout;

Deno.test.beforeEach(() => {
  globalThis.setTimeout = /** @type {typeof setTimeout} */ ((/** @type {() => void} */ act) => soon(act, 0));
});
Deno.test.afterEach(() => {
  globalThis.setTimeout = soon;
});

for (const answer of [new TypeError("Failed to fetch"), refusal("Unsure")]) {
  Deno.test(`an order whose answer is lost is sent again under its id: ${answer}`, async () => {
    const keys = answering(answer, Response.json({ state: "queued" }));
    same(await send("POST", "/runs/a/resume", { steps: 7 }), { state: "queued" });
    same(keys.length, 2);
    same(keys[0], keys[1]);
    same(Boolean(keys[0]), true);
  });
}

Deno.test("an order that was refused is not sent again", async () => {
  const keys = answering(refusal("Unavailable"));
  await rejects(() => send("POST", "/runs/a/stop"), Refused);
  same(keys.length, 1);
});

Deno.test("an order of which nothing is heard twice is said to be perhaps done", async () => {
  answering(new TypeError("Failed to fetch"), new TypeError("Failed to fetch"));
  await rejects(() => send("POST", "/runs/a/stop"), /may have been done/);
});

Deno.test("two orders have two ids", async () => {
  const keys = answering(Response.json({}), Response.json({}));
  await send("POST", "/runs/a/stop");
  await send("POST", "/runs/a/stop");
  same(new Set(keys).size, 2);
});

for (const id of ["", ".", "..", "../../metrics", "a/b", "..\\x", " "]) {
  Deno.test(`nothing is asked for where an id leads to another address: '${id}'`, async () => {
    const sent = answering(Response.json({}));
    const refusal = {
      constructor: Refused,
      status: 404,
      message: `'${id}' is not an id; choose from a list.`,
    };
    await rejects(() => ask(`/runs/${encodeURIComponent(id)}/verdict?a=b`), refusal);
    await rejects(() => send("POST", `/runs/${encodeURIComponent(id)}/stop`), refusal);
    same(sent.length, 0);
  });
}

for (const id of ["a", "%2e%2e", "a?b#c", "größer 1"]) {
  Deno.test(`an id is one segment of an address: '${id}'`, async () => {
    same((answering(Response.json({})), await ask(`/runs/${encodeURIComponent(id)}?names=a/b`)), {});
  });
}
