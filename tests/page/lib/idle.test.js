import assert from "node:assert/strict";
import { Idle } from "../../../dashboard/page/lib/idle.js";

Deno.test("what waits is done once there is time, the newest alone, and not after a cancel", async () => {
  const done = [];
  const [idle, other] = [new Idle(), new Idle()];
  other.ask(() => done.push("never"));
  other.cancel();
  idle.ask(() => done.push("old"));
  await new Promise((resolve) => {
    idle.ask(() => {
      done.push("new");
      resolve();
    });
  });
  assert.deepEqual(done, ["new"]);
});
