import assert from "node:assert/strict";
import { gathered } from "../../../dashboard/page/shell/gathered.js";

const notice = (kind, tone, time) => ({
  key: `${kind}${time}`,
  kind,
  tone,
  time,
  title: "",
  words: "",
  href: "",
});

Deno.test("many notices are one: counted by kind, in the color of the worst", () => {
  const many = [
    ...Array.from({ length: 58 }, (_, i) => notice("completed", "good", i)),
    notice("alert", "warn", 70),
    notice("alert", "warn", 71),
    notice("failed", "bad", 60),
  ];
  const { title, words, tone, time } = gathered(many);
  assert.deepEqual([title, words, tone, time], [
    "61 notices",
    "1 failed, 2 alerts, 58 completed",
    "bad",
    71,
  ]);
});
