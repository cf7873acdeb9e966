import assert from "node:assert/strict";
import { addressOf } from "../../../../dashboard/page/pages/launch/address.js";

Deno.test("settings are separated by commas, several numbers by underscores", () => {
  assert.equal(addressOf({ strategy: "ogm", alpha: "0.1, 0.8" }), "strategy:ogm,alpha:0.1_0.8");
  assert.equal(addressOf({}), "");
});

Deno.test("a range stays a range, whichever dash it is written with", () => {
  for (const text of ["0-4", "0 - 4", "0–4", "0..4"]) assert.equal(addressOf({ seed: text }), "seed:0-4");
});

Deno.test("commas and colons in a text don't separate settings", () => {
  assert.equal(addressOf({ folder: "a,b:c d" }), "folder:a%2Cb%3Ac%20d");
});
