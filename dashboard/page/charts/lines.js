/* Which lines a chart draws, and how each looks: pure functions of the runs' declarations.
   One run: color is the modality. Several runs: color is the run, dashes are the modality. */

/* Charts in the order a reader wants them; what a strategy declares beside these follows. */
const FIRST = ["rho", "k", "grad_norm", "noise", "loss", "accuracy"];
/* Useful, but not at first sight. */
const LATER = ["score", "noise_std", "effective_step", "gap", "lr", "throughput"];

const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
const COMPANION = [3, 3];

/* A declaration's part before its modality, and the modality or "". */
export function splitName(series, modalities) {
  const modality = modalities.find((m) => series.name.endsWith(`.${m}`)) ?? "";
  return { stem: modality ? series.name.slice(0, -modality.length - 1) : series.name, modality };
}

/* Charts of some runs: [{name, title, unit, scale, reference, late, parts}], all from the declarations. */
export function chartsOf(runs) {
  const found = new Map();
  for (const run of runs) {
    for (const series of run.series) {
      const { stem, modality } = splitName(series, run.modalities);
      const name = series.chart || stem;
      if (!found.has(name)) found.set(name, { name, parts: new Map() });
      const chart = found.get(name);
      const part = chart.parts.get(stem) ?? { stem, series, modalities: [], joint: false };
      if (modality && !part.modalities.includes(modality)) part.modalities.push(modality);
      if (!modality) [part.joint, part.series] = [true, series];
      chart.parts.set(stem, part);
    }
  }
  const place = (name) => (FIRST.includes(name) ? FIRST.indexOf(name) : LATER.includes(name) ? 1000 : 100);
  return [...found.values()].map(finished).sort((a, b) => place(a.name) - place(b.name));
}

function finished(chart) {
  const rank = (part) => (part.series.sparse ? 2 : part.stem === chart.name ? 0 : 1);
  const parts = [...chart.parts.values()].sort((a, b) => rank(a) - rank(b));
  const lead = (chart.parts.get(chart.name) ?? parts[0]).series;
  return {
    name: chart.name,
    title: lead.title,
    unit: lead.unit,
    scale: lead.scale,
    reference: lead.reference ?? null,
    late: LATER.includes(chart.name),
    parts,
  };
}

/* How much of a chart is shown: with several runs at first one kind of line each, or reading is hopeless. */
function chosen(chart, focus, several) {
  const dense = chart.parts.filter((p) => !p.series.sparse);
  const joint = chart.parts.some((p) => p.joint);
  const overview = several && focus === "";
  return chart.parts.flatMap((part) => {
    if (overview && dense.length > 1 && !part.series.sparse && part !== dense.at(-1) && !joint) return [];
    const all = [...(part.joint ? [""] : []), ...part.modalities];
    const kept = all.filter((
      m,
    ) => (focus ? m === focus || (!joint && m === "") : !overview || !joint || m === ""));
    const before = !part.series.sparse && dense.length > 1 && part.stem === chart.name && !joint;
    return kept.map((modality) => ({ part, modality, before }));
  });
}

/* The lines of a chart over some records: [{record, name, label, modality, color, dash, faint, sparse}]. */
export function linesOf(chart, records, focus, colors) {
  const several = records.length > 1;
  const kinds = chosen(chart, focus, several);
  const shown = [...new Set(kinds.map((k) => k.modality))];
  return records.flatMap((record) =>
    kinds
      .map(({ part, modality, before }) => ({
        record,
        name: modality ? `${part.stem}.${modality}` : part.stem,
        label: words(part, modality, chart),
        modality,
        color: several ? colors.run(record.id) : colors.modality(modality),
        dash: dashes(
          before,
          several ? Math.max(0, shown.indexOf(modality)) : 0,
          several ? colors.dash(record.id) : [],
        ),
        faint: before,
        sparse: part.series.sparse,
        filled: part !== chart.parts.find((p) => p.series.sparse),
      }))
      .filter((line) => record.run?.series.some((s) => s.name === line.name))
  );
}

/* The modality's dashes; where it has none, the run's own. */
const dashes = (
  before,
  modality,
  run,
) => (before ? COMPANION : modality ? DASHES[modality % DASHES.length] : run);

/* What a line is called in its chart's legend. */
function words(part, modality, chart) {
  const split = part.stem.split(".")[0];
  const kind = part.series.sparse && split !== chart.name ? split : "";
  const base = modality || (chart.parts.some((p) => p.modalities.length) ? "fused" : chart.name);
  return [base, part.series.role || kind].filter(Boolean).join(" ");
}
