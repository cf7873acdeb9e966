import assert from "node:assert/strict";
import { addressOf } from "../../../../dashboard/page/pages/launch/address.js";

Deno.test("settings are separated by commas, several numbers by underscores", () => {
  assert.equal(addressOf({ strategy: "ogm", alpha: "0.1, 0.8" }), "strategy:ogm,alpha:0.1_0.8");
  assert.equal(addressOf({}), "");
});

Deno.test("numbers that are unmistakably several are packed", () => {
  for (const text of ["0.1, 0.8", "0.1 0.8", "0.1,0.8", " 0.1; 0.8"]) {
    assert.equal(addressOf({ alpha: text }), "alpha:0.1_0.8");
  }
  assert.equal(addressOf({ seed: "0-4, 7" }), "seed:0-4_7");
  assert.equal(addressOf({ seed: "0 - 4" }), "seed:0-4");
});

Deno.test("what was typed with a mark of two meanings stays as it was typed", () => {
  for (const text of ["0,1", "1_5", "1,5 2,5", "0..4", "0–4", "2024_06_11", "1,000"]) {
    const [, written] = addressOf({ alpha: text }).split(":");
    assert.equal(decodeURIComponent(written), text);
    assert.doesNotMatch(written, /[,_]/);
  }
});

Deno.test("commas and colons in a text don't separate settings", () => {
  assert.equal(addressOf({ folder: "a,b:c d" }), "folder:a%2Cb%3Ac%20d");
});
