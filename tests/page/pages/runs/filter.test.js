import assert from "node:assert/strict";
import { runFilter } from "../../../../dashboard/page/pages/runs/filter.js";

/** @type {[text: string, params: string[][]][]} */
const PARSED = [
  ["", []],
  ["two words", [["q", "two words"]]],
  ["state:running,queued state:lost", [["state", "running,queued,lost"]]],
  ['tag:"a b" x', [["tag", "a b"], ["q", "x"]]],
  ["alpha>0.3", [["where", "settings.alpha>0.3"]]],
  ["best>=0.8 test!=1", [["where", "best>=0.8"], ["where", "test!=1"]]],
  ["fusion:film probe:audio", [["where", "fusion=film"], ["where", "settings.probe=audio"]]],
  ["settings.lr<=0.1", [["where", "settings.lr<=0.1"]]],
  ["alpha > 0.5 x", [["where", "settings.alpha>0.5"], ["q", "x"]]],
  ["x alpha >0.5", [["where", "settings.alpha>0.5"], ["q", "x"]]],
  ["alpha> 0.5", [["where", "settings.alpha>0.5"]]],
  ["alpha＞0,5", [["where", "settings.alpha>0,5"]]],
  ["größe>3", [["where", "settings.größe>3"]]],
  ['"alpha > 0.5"', [["q", "alpha > 0.5"]]],
  ["Ünlü ＡＢ", [["q", "Ünlü ＡＢ"]]],
  ["strategy:ogm strategy:agm", [["strategy", "ogm"], ["where", "strategy=agm"]]],
];

for (const [text, params] of PARSED) {
  Deno.test(`the filter "${text}" becomes the parameters of the API`, () => {
    assert.deepEqual(runFilter.parse(text), { params, problem: "" });
  });
}

for (const text of ["alpha>", "state:", "tag:a tag:b"]) {
  Deno.test(`the filter "${text}" can't be read and says why`, () => {
    assert.match(runFilter.parse(text).problem, /\.$/);
  });
}

Deno.test("a state is switched and the rest stays as typed", () => {
  assert.equal(runFilter.toggle('name tag:"a b"', "failed"), 'state:failed name tag:"a b"');
  assert.equal(runFilter.toggle("x state:failed,lost", "failed"), "state:lost x");
  assert.equal(runFilter.toggle("state:lost", "lost"), "");
});
