/* Events of a run as sentences. */
import { equal } from "node:assert/strict";
import { sentence } from "../../../../dashboard/page/pages/watch/panels/sentence.js";

Deno.test("an order says who gave it", () => {
  const event = { run: "r", attempt: 1, kind: "order", step: 3, time: 0 };
  equal(sentence({ ...event, data: { order: "Stop ordered", who: "ann" } }), "Stop ordered by ann");
});
