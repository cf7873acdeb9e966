import assert from "node:assert/strict";
import { enough } from "../../../../dashboard/page/pages/watch/runs.js";

/* A record of a run of two modalities that declares these dense series, of which some were read. */
const record = (declared, read) => ({
  run: {
    modalities: ["audio", "visual"],
    series: declared.map((name) => ({ name, title: name, unit: "1" })),
  },
  series: new Set(read),
});

Deno.test("runs were read far enough where each of the first charts has a series", () => {
  const names = ["rho.audio", "rho.visual", "loss", "loss.audio", "lr"];
  assert.ok(enough([record(names, ["rho.audio", "loss", "lr"])]));
  assert.ok(!enough([record(names, ["rho.audio", "lr"])]));
  assert.ok(enough([record(names, ["rho.audio", "lr"]), record(names, ["loss"])]));
  assert.ok(!enough([record(["train/loss"], [])]));
  assert.ok(enough([record([], [])]));
});

Deno.test("a chart that comes later need not have any", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  assert.ok(enough([record(names, names.slice(0, 6))]));
  assert.ok(!enough([record(names, names.slice(1))]));
});
