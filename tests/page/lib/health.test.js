import assert from "node:assert/strict";
import { illness } from "../../../dashboard/page/lib/health.js";

const well = { ok: true, says: "It goes on." };

Deno.test("what is well is not said, nor that no worker runs", () => {
  assert.equal(illness({ checks: { launcher: well, workers: { ok: false, says: "No workers." } } }), "");
  assert.equal(illness({}), "");
});

Deno.test("what is ill, and what was set aside, is said, and of much how much more there is", () => {
  const checks = { launcher: { ok: false, says: "The launcher is not running." }, store: well };
  assert.equal(
    illness({ checks, warnings: ["A run is set aside."] }),
    "The launcher is not running. A run is set aside.",
  );
  const many = Array.from({ length: 5 }, (_, n) => `${n}.`);
  assert.equal(illness({ checks: { store: well }, warnings: many }), "0. 1. 2. And 2 more.");
});
