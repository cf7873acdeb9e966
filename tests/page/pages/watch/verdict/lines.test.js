import assert from "node:assert/strict";
import {
  arranged,
  awaited,
  changed,
  headline,
  inWords,
  nextStep,
} from "../../../../../dashboard/page/pages/watch/verdict/lines.js";

const judgment = (name, speaks, known = true, changes = {}) => ({
  name,
  title: name,
  question: "?",
  rule: "",
  threshold: "",
  speaks,
  known,
  sentence: "",
  evidence: [],
  remedy: "",
  changes,
});

const names = (lines) => lines.map(({ name }) => name);

Deno.test("what makes questions idle comes first, then those of every reader, then anything else", () => {
  const { shown, folded } = arranged([
    judgment("no-better-than-chance", true),
    judgment("k-saturated", true),
    judgment("dominance", false),
    judgment("diverging", false),
    judgment("leader-overfits", false),
    judgment("starved-branch", false, false),
    judgment("balancing-pays", false, false),
  ], 2);
  assert.deepEqual(names(shown), [
    "no-better-than-chance",
    "dominance",
    "starved-branch",
    "leader-overfits",
    "balancing-pays",
    "k-saturated",
  ]);
  assert.deepEqual(shown.map(({ mark }) => mark), ["found", "fine", "unknown", "fine", "unknown", "found"]);
  assert.deepEqual(names(folded), ["diverging"]);
});

Deno.test("a remedy that several diagnoses propose is said once", () => {
  const given = ["dominance", "leader-overfits"].map((name) => ({
    ...judgment(name, true),
    remedy: "Slow it.",
  }));
  assert.deepEqual(arranged(given, 2).shown.map(({ remedy }) => remedy), ["Slow it.", ""]);
});

Deno.test("a run of one modality is not asked about balance, and nothing wrong is no fault", () => {
  const { shown, folded } = arranged(
    [judgment("no-finding", true), judgment("dominance", false, false)],
    1,
  );
  assert.deepEqual(shown.map(({ name, mark }) => [name, mark]), [["no-finding", "fine"]]);
  assert.deepEqual(names(folded), ["dominance"]);
});

Deno.test("of several runs each has one sentence: what was found first, or why nothing can be said", () => {
  const said = (judgments) => headline(judgments.map((one) => ({ ...one, sentence: one.name })));
  const troubles = [judgment("diverging", true), judgment("dominance", true), judgment("k-chatters", false)];
  assert.deepEqual(said(troubles), { mark: "found", sentence: "diverging", more: "And 1 more." });
  const nothing = [judgment("dominance", false, false), judgment("no-finding", false, false)];
  assert.deepEqual(said(nothing), { mark: "unknown", sentence: "no-finding", more: "" });
  assert.deepEqual(said([judgment("no-finding", true)]).mark, "fine");
});

Deno.test("where nothing can be said yet, it is said why", () => {
  assert.equal(awaited({ state: "queued", series: [] }), "Waiting for the first step");
  assert.equal(awaited({ state: "running", series: [{}] }), "Reading the curves …");
  assert.equal(awaited({ state: "stopped", series: [] }), "It ended before its first step.");
});

Deno.test("the next step is the first remedy that can be launched", () => {
  const judgments = [
    judgment("vanishing-encoder", true),
    judgment("dominance", true, true, { strategy: "ogm-ge" }),
    judgment("diverging", false, true, { lr: 0.1 }),
  ];
  assert.equal(nextStep(judgments)?.name, "dominance");
  assert.equal(nextStep(judgments.slice(0, 1)), null);
  assert.equal(
    inWords({ strategy: "ogm-ge", modulation_ends: null }),
    "strategy ogm-ge, modulation_ends none",
  );
});

Deno.test("a remedy changes the specification and leaves behind what the other strategy lacks", () => {
  const own = (name) => (name === "ogm" ? ["alpha", "scope"] : name === "opm" ? ["scope"] : []);
  const spec = { name: "mine", strategy: "ogm", settings: { alpha: 0.5, scope: "all", lr: 0.1 }, origin: {} };
  assert.deepEqual(changed(spec, { strategy: "opm", q: 0.3 }, own), {
    name: "",
    strategy: "opm",
    settings: { scope: "all", lr: 0.1, q: 0.3 },
    origin: null,
  });
  assert.deepEqual(changed(spec, { alpha: 0.1 }, own).settings, { alpha: 0.1, scope: "all", lr: 0.1 });
});
