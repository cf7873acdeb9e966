import assert from "node:assert/strict";
import { occasionWords } from "../../../dashboard/page/shell/channels.js";

Deno.test("what a channel is for is said in the order of the form", () => {
  assert.equal(occasionWords(["failed", "alert"]), "when an alert fires, a run fails");
  assert.equal(occasionWords(["lost"]), "when a run is lost");
});

Deno.test("all of them are one phrase", () => {
  const all = ["alert", "completed", "failed", "lost", "stopped"];
  assert.equal(occasionWords(all), "every alert and every end of a run");
});
