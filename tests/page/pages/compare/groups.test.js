import assert from "node:assert/strict";
import { GroupReader, usualBase } from "../../../../dashboard/page/pages/compare/groups.js";

const run = (id, strategy, course = {}) => ({ id, spec: { strategy }, course });

Deno.test("joint training is the baseline where none was chosen, unless it was steered away from", () => {
  assert.equal(usualBase([run("a", "ogm-ge"), run("b", "joint"), run("c", "joint")]), "b");
  assert.equal(usualBase([run("a", "ogm-ge"), run("b", "joint", { strategy: "joint → ogm" })]), "a");
  assert.equal(usualBase([]), "");
});

/* Declarations of series without what a reader needs. */
const declare = (...names) => names.map((name) => ({ name, chart: name.split(".")[0] }));

/* What a reader requests, where the API has declarations of these series. */
async function requestsOf(declared, times) {
  const { fetch } = globalThis;
  const addresses = [];
  globalThis.fetch = (address) => {
    addresses.push(new URL(address, "http://host").searchParams.get("names"));
    return Promise.resolve(Response.json({ by: ["run"], groups: [], declared }));
  };
  try {
    const reader = new GroupReader();
    const runs = [{ ...run("a", "joint"), modalities: ["audio", "visual"], step: 1, state: "completed" }];
    const look = { by: [], base: "", series: [], align: "step" };
    const curves = (names) => ({ names: names.join(",") });
    for (let i = 0; i < times; i++) reader.answer = await reader.read(runs, look, curves, () => true);
    return addresses;
  } finally {
    globalThis.fetch = fetch;
  }
}

Deno.test("one request is enough where all that is drawn is likely, none where nothing is new", async () => {
  const names = await requestsOf(declare("loss", "rho.audio", "rho.visual", "val.accuracy"), 3);
  assert.equal(names.length, 1);
  for (const name of ["loss", "rho.audio", "rho.visual", "val.accuracy"]) {
    assert.ok(names[0].split(",").includes(name));
  }
});

Deno.test("what is drawn and was not likely is requested once the declarations are known", async () => {
  const names = await requestsOf(declare("rho", "loss"), 2);
  assert.deepEqual(names.slice(1), ["rho,loss"]);
});
