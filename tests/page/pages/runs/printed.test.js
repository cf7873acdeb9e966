import assert from "node:assert/strict";
import { printed } from "../../../../dashboard/page/pages/runs/printed.js";

Deno.test("runs are printed with the columns in sight, what is drawn in words", () => {
  const run = {
    name: "ogm-ge alpha=0.8",
    state: "completed",
    modalities: ["audio", "visual"],
    last: { "rho.audio": 0.3, "rho.visual": 3.14 },
    best: { "val.accuracy": 0.712 },
    settings: { alpha: 0.8 },
    tags: [],
  };
  const { heads, rows } = printed([run], ["state", "rho", "accuracy", "settings.alpha", "best"]);
  assert.deepEqual(heads, ["Run", "State", "rho", "alpha", "Best val."]);
  assert.deepEqual(rows, [["ogm-ge alpha=0.8", "completed", "visual 3.1×", "0.8", "71.2 %"]]);
});
