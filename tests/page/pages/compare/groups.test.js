import assert from "node:assert/strict";
import { GroupReader, usualBase } from "../../../../dashboard/page/pages/compare/groups.js";
import { covers } from "../../../../dashboard/page/pages/compare/series.js";

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
    assert.ok(covers(names[0].split(","), name, ["audio", "visual"]));
  }
});

Deno.test("each modality's series is covered by its stem, a series of no modality is not", () => {
  assert.ok(covers(["rho.*"], "rho.audio", ["audio"]));
  assert.ok(!covers(["rho.*"], "rho", ["audio"]));
  assert.ok(!covers(["rho.*"], "rho.text", ["audio"]));
});

const LOOK = { by: [], base: "", series: [], align: "step" };
const CURVES = (names) => ({ names: names.join(",") });
const ENDED = { ...run("a", "joint"), modalities: ["audio"], step: 1, state: "completed", finished: 1 };

/* How many requests a reader sends that begins before the runs are read. */
async function countEarly(begun, ids) {
  const { fetch } = globalThis;
  let count = 0;
  globalThis.fetch = () => {
    count++;
    return Promise.resolve(Response.json({ by: ["run"], groups: [], declared: declare("loss") }));
  };
  try {
    const reader = new GroupReader();
    reader.begin(ids, LOOK, CURVES);
    assert.equal(count, 1, "it waits for the runs");
    for (let i = 0; i < 2; i++) reader.answer = await reader.read([begun], LOOK, CURVES, () => true);
    return count;
  } finally {
    globalThis.fetch = fetch;
  }
}

Deno.test("a request sent before the runs were read is sent again where a run may have gone on", async () => {
  assert.equal(await countEarly(ENDED, ["a"]), 1);
  assert.equal(await countEarly({ ...ENDED, state: "running", finished: null }, ["a"]), 2);
  assert.equal(await countEarly({ ...ENDED, finished: Date.now() / 1000 }, ["a"]), 2);
});

Deno.test("where a run is missing, the others are requested without it", async () => {
  assert.equal(await countEarly(ENDED, ["a", "b"]), 2);
});

Deno.test("what is drawn and was not likely is requested once the declarations are known", async () => {
  const names = await requestsOf(declare("rho", "loss"), 2);
  assert.deepEqual(names.slice(1), ["rho,loss"]);
});
