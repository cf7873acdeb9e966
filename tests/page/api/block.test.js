import assert from "node:assert/strict";
import { decode } from "../../../dashboard/page/api/block.js";
import golden from "./block.json" with { type: "json" };

const bytes = () => Uint8Array.from(atob(golden.bytes), (c) => c.charCodeAt(0));

Deno.test("a block reads back as rhoscope/records.py wrote it", () => {
  const read = decode(bytes().buffer);
  assert.equal(read.run, golden.run);
  assert.equal(read.attempt, golden.attempt);
  assert.deepEqual(read.names, golden.names);
  assert.deepEqual([...read.steps], golden.steps);
  const values = read.columns.map((column) => [...column].map((v) => (Number.isFinite(v) ? v : String(v))));
  assert.deepEqual(values, golden.values);
});

Deno.test("a block that was cut is refused", () => {
  assert.throws(() => decode(bytes().slice(0, -4).buffer), /block/i);
});

Deno.test("a message that is no block is refused", () => {
  const other = bytes();
  other.set([88, 88]);
  assert.throws(() => decode(other.buffer), /block/i);
});
