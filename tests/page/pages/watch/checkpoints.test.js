import assert from "node:assert/strict";
import { aboutCheckpoints } from "../../../../dashboard/page/pages/watch/panels/checkpoints.js";

Deno.test("a checkpoint is called the best, and by the change that came after it", () => {
  const checkpoints = [10, 20, 30].map((step) => ({ name: `c${step}`, step }));
  const marks = [
    { step: 24, text: "alpha 1.5 → 0.1" },
    { step: 25, text: "lr 0.1 → 0.01" },
    { step: 12, text: "rho above 5", calm: true },
  ];
  assert.deepEqual(Object.fromEntries(aboutCheckpoints(checkpoints, marks, 20)), {
    c10: "",
    c20: "best, before alpha 1.5 → 0.1",
    c30: "",
  });
});
