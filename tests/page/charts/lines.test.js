import assert from "node:assert/strict";
import { chartsOf, everyOf, everyWords, linesOf } from "../../../dashboard/page/charts/lines.js";

const series = (name, sparse = false, chart = "") => ({
  name,
  title: name,
  unit: "1",
  formula: "f",
  help: "h",
  chart,
  role: "",
  scale: "linear",
  reference: null,
  reduce: "same",
  sparse,
});
const each = (stem, modalities, sparse, chart) =>
  modalities.map((m) => series(`${stem}.${m}`, sparse, chart));

function run(strategy, modalities = ["audio", "visual"], course = {}) {
  const accuracy = [
    series("accuracy"),
    ...each("accuracy", modalities),
    series("val.accuracy", true, "accuracy"),
    ...each("val.accuracy", modalities, true, "accuracy"),
    series("test.accuracy", true, "accuracy"),
  ];
  const declared = [...each("rho", modalities), ...each("k", modalities), series("lr"), ...accuracy];
  return { modalities, series: declared, spec: { strategy }, course };
}
const names = (...runs) => chartsOf(runs).map((chart) => chart.name);
const colors = { run: (id) => id, dash: () => [], modality: (m) => m || "joint" };

Deno.test("joint training has no chart of k, until it was steered to a strategy that has", () => {
  assert.ok(!names(run("joint")).includes("k"));
  assert.ok(names(run("ogm-ge")).includes("k"));
  assert.ok(names(run("joint"), run("ogm-ge")).includes("k"));
  assert.ok(names(run("joint", undefined, { strategy: "joint → ogm-ge" })).includes("k"));
});

Deno.test("a modality alone has no rho, and no accuracy besides its own", () => {
  assert.deepEqual(names(run("ogm-ge", ["visual"])), ["accuracy", "lr"]);
});

Deno.test("accuracy of one run is two charts: all modalities together, and each", () => {
  const charts = chartsOf([run("ogm-ge")]).filter((chart) => chart.name.startsWith("accuracy"));
  const records = [{ id: "r", run: run("ogm-ge") }];
  const labels = charts.map((chart) => linesOf(chart, records, "", colors).map((line) => line.label));
  assert.deepEqual(charts.map((chart) => chart.title), ["accuracy", "Accuracy of each modality"]);
  assert.deepEqual(labels, [
    ["train", "val", "test"],
    ["audio", "visual", "audio val", "visual val"],
  ]);
  assert.ok(!names(run("joint"), run("ogm-ge")).includes("accuracy.each"));
});

Deno.test("k and the learning rate are never smoothed", () => {
  const records = [{ id: "r", run: run("ogm-ge") }];
  const exact = chartsOf([run("ogm-ge")]).filter((chart) =>
    linesOf(chart, records, "", colors).every((line) => line.exact)
  );
  assert.deepEqual(exact.map((chart) => chart.name), ["k", "lr"]);
});

Deno.test("a line says how many steps lie between its values, where that is more than one", () => {
  const declared = [{ ...series("norm"), every: "norms_every" }, { ...series("loss"), every: "" }];
  const words = (settings) => {
    const one = { modalities: [], series: declared, spec: { strategy: "joint" }, settings };
    return chartsOf([one]).flatMap((chart) => linesOf(chart, [{ id: "r", run: one }], "", colors)).map(
      (line) => everyWords([line]),
    );
  };
  assert.deepEqual(words({ norms_every: 10 }).toSorted(), ["", "every 10 steps"]);
  assert.deepEqual(words({ norms_every: 1 }), ["", ""]);
  assert.deepEqual(words({}), ["", ""]);
});

Deno.test("where a value needs several settings, it comes where all are due and a row is recorded", () => {
  const every = "norms_every,effects_every";
  assert.equal(everyOf({ every }, { settings: { norms_every: 1, effects_every: 10 } }), 10);
  assert.equal(everyOf({ every }, { settings: { norms_every: 4, effects_every: 10 } }), 20);
  assert.equal(everyOf({ every }, { settings: { effects_every: 10, log_every: 15 } }), 30);
  assert.equal(everyOf({ every: "" }, { settings: { log_every: 15 } }), 1);
});

Deno.test("of lines that share a name and differ in how often they have a value the range is said", () => {
  assert.equal(everyWords([{ every: 10 }, { every: 10 }]), "every 10 steps");
  assert.equal(everyWords([{ every: 1 }, { every: 5 }, { every: 10 }]), "every 1 to 10 steps");
  assert.equal(everyWords([]), "");
});
