/* The charts and lines that the page draws of some runs, as JSON from JSON, for
   tests/dashboard/test_same_charts.py. */
import { huesOf } from "../../../dashboard/page/charts/hues.js";
import { chartsOf, linesOf } from "../../../dashboard/page/charts/lines.js";

const [runs, focus] = JSON.parse(await new Response(Deno.stdin.readable).text());
const records = runs.map((run) => ({ id: run.id, run }));
const hues = huesOf(runs.flatMap((run) => run.modalities));
const colors = {
  dash: () => [],
  run: (id) => `run-${runs.findIndex((run) => run.id === id)}`,
  modality: (m) => (m ? `modality-${hues.get(m)}` : "joint"),
};
const charts = chartsOf(runs).map((chart) => ({
  name: chart.name,
  late: chart.late,
  lines: linesOf(chart, records, focus, colors).map((line) => ({
    run: line.record.id,
    name: line.name,
    label: line.label,
    modality: line.modality,
    color: line.color,
    dash: line.dash,
    faint: line.faint,
    sparse: line.sparse,
    every: line.every,
  })),
}));
console.log(JSON.stringify(charts));
