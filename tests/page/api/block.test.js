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

Deno.test("a wide block has 64-bit steps and values", () => {
  const head = JSON.stringify({ run: "a", attempt: 1, names: ["x"], n: 2, times: [0, 1], wide: true });
  const padded = new TextEncoder().encode(head.padEnd(Math.ceil(head.length / 8) * 8));
  const buffer = new ArrayBuffer(8 + padded.length + 32);
  const view = new DataView(buffer);
  view.setUint32(0, 0x0a314252, true);
  view.setUint32(4, padded.length, true);
  new Uint8Array(buffer).set(padded, 8);
  const start = 8 + padded.length;
  [7n, 2n ** 53n - 1n].forEach((step, i) => view.setBigInt64(start + 8 * i, step, true));
  [1 / 3, 1e300].forEach((value, i) => view.setFloat64(start + 16 + 8 * i, value, true));
  const read = decode(buffer);
  assert.deepEqual([...read.steps], [7, 2 ** 53 - 1]);
  assert.deepEqual([...read.columns[0]], [1 / 3, 1e300]);
});
