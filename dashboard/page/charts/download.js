/* A chart as a file: drawing, picture, or every value of what is in view. */
import { ask } from "../api/ask.js";
import { chartSvg } from "./svg.js";
import { csvRows } from "../lib/csv.js";
import { download } from "../lib/download.js";
import { whole } from "../lib/numbers.js";

const CELLS = 200_000; /* asked and written at once, so that the page stays alive */

/* What a menu offers for it. */
export const downloads = (file) =>
  [["png", "Picture (PNG)"], ["svg", "Drawing (SVG)"], ["csv", "Every value (CSV)"]].map(([kind, text]) => ({
    text,
    act: () => download(kind, file()),
  }));

/* A card of the watch page as a file. */
export const cardFile = (card) => ({
  name: `${card.chart.name}_${titleOf(card)}_steps-${rangeOf(card).join("-")}`,
  drawing: () => drawing(card),
  values: () => csv(card),
});

function drawing(card) {
  const picture = card.plot.picture();
  if (!picture) return null;
  const { chart, lines, view } = card;
  const several = recordsOf(card).length > 1;
  const label = (line) => (several ? `${line.record.run.name} · ${line.label}` : line.label);
  return chartSvg({
    ...picture,
    title: chart.title,
    unit: chart.unit === "1" ? "" : chart.unit,
    subtitle: `${titleOf(card)} · steps ${whole(picture.x0)} – ${whole(picture.x1)}`,
    keys: lines.map((line) => ({ label: label(line), color: line.color, dash: line.dash })),
    reference: chart.reference,
    colors: view.colors,
  });
}

/* Every stored value of the steps in view: a row a step, a column a run and series. */
async function csv(card) {
  const [x0, x1] = rangeOf(card);
  const { lines } = card;
  const rows = Math.min(20_000, Math.max(500, Math.floor(CELLS / Math.max(1, lines.length))));
  const head = ["step", ...lines.map(({ record, name }) => `${record.run.name} (${record.id}) ${name}`)];
  const parts = [`${head.map(quoted).join(",")}\n`];
  for (let start = x0; start <= x1; start += rows) {
    const end = Math.min(x1, start + rows - 1);
    const answers = new Map(
      await Promise.all(
        recordsOf(card).map(async (record) => [record, await exact(record, lines, start, end)]),
      ),
    );
    parts.push(csvRows(lines.map(({ record, name }) => answers.get(record).get(name))));
  }
  return new Blob(parts, { type: "text/csv" });
}

async function exact(record, lines, start, end) {
  const names = lines.filter((line) => line.record === record).map((line) => line.name);
  const query = new URLSearchParams({ names: names.join(","), start, end, points: 100_000 });
  const answer = await ask(`/runs/${encodeURIComponent(record.id)}/series?${query}`);
  return new Map(answer.series.map((series) => [series.name, series]));
}

const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const recordsOf = (card) => [...new Set(card.lines.map((line) => line.record))];

function rangeOf(card) {
  const last = Math.max(0, ...recordsOf(card).map((record) => record.last));
  const [x0, x1] = card.view.zoom ?? [0, last];
  return [Math.max(0, Math.floor(x0)), Math.min(last + 1, Math.ceil(x1))];
}

function titleOf(card) {
  const records = recordsOf(card);
  return records.length === 1 ? records[0].run.name : `${records.length} runs`;
}
