import assert from "node:assert/strict";
import { number, parsed, short, whole } from "../../../dashboard/page/lib/numbers.js";

Deno.test("numbers are written so that they can be read", () => {
  const given = [0, 0.00012345, 1234567, 3.14159, -2, NaN, Infinity, null];
  assert.deepEqual(given.map(number), ["0", "1.23e−4", "1.23e6", "3.142", "−2", "NaN", "∞", "–"]);
});

Deno.test("steps are short from ten thousand on", () => {
  assert.deepEqual([9999, 12_500, 3_000_000].map(short), ["9999", "12.5k", "3M"]);
});

Deno.test("whole numbers have their thousands apart, as a browser writes them", () => {
  const given = [1234567.2, 0, 999, 1000, -12345.4, 2 ** 53 - 1, NaN, Infinity];
  assert.deepEqual(given.map(whole), given.map((value) => Math.round(value).toLocaleString("en-US")));
});

Deno.test("numbers that JSON can't hold come as words", () => {
  assert.ok(Number.isNaN(parsed("NaN")));
  assert.deepEqual(["Infinity", "-Infinity", 3].map(parsed), [Infinity, -Infinity, 3]);
});
