import assert from "node:assert/strict";
import { reportAddress } from "../../../dashboard/page/runs/report-dialog.js";

Deno.test("a report names a sweep or runs, its groups, and what the author says", () => {
  const words = { title: "A & B", note: "" };
  assert.equal(
    reportAddress({ runs: ["a", "b"], by: ["strategy"], baseline: "a" }, words),
    "/api/v1/report?runs=a%2Cb&by=strategy&baseline=a&title=A+%26+B",
  );
  assert.equal(reportAddress({ sweep: "s" }, { title: "", note: "x" }), "/api/v1/report?sweep=s&note=x");
});
