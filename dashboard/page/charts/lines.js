/* Which lines a chart draws, and how each looks: pure functions of the runs' declarations.
   One run: color is the modality. Several runs: color is the run, dashes are the modality. */

/** @import { Run, Series } from "../api/schema.d.ts" */
/** @import { Record } from "../data/record.js" */
/** @import { Colors } from "./colors.js" */

/** @typedef {Series["scale"]} Scale of a y axis */
/**
 * A run, as far as it declares series.
 * @typedef {Pick<Run, "series" | "modalities"> & Partial<Pick<Run, "spec" | "course">>} Declaring
 */

/**
 * A series, of all modalities that have it.
 * @typedef {object} Part
 * @property {string} stem its name without the modality
 * @property {Series} series
 * @property {string[]} modalities
 * @property {boolean} joint whether it is also of no modality
 */

/**
 * One or more series that share a chart.
 * @typedef {object} Chart
 * @property {string} name
 * @property {string} title
 * @property {string} unit
 * @property {Scale} scale
 * @property {number | null} reference
 * @property {boolean} late whether it comes after the charts that are seen first
 * @property {Part[]} parts
 */

/**
 * A line of a chart.
 * @typedef {object} Line
 * @property {Record} record
 * @property {string} name of the series
 * @property {string} label
 * @property {string} modality or ""
 * @property {string} color
 * @property {number[]} dash
 * @property {boolean} faint whether it is drawn behind the others
 * @property {boolean} sparse
 * @property {boolean} exact whether it is never smoothed
 * @property {boolean} filled whether its dots are
 * @property {number} every steps from one value to the next, as the run's settings have it
 */

/** @typedef {{ part: Part, modality: string, before: boolean }} Kind of line, which each run may have */

/** Charts in the order a reader wants them; what a strategy declares beside these follows. */
const FIRST = ["rho", "k", "grad_norm", "noise", "loss", "accuracy", "accuracy.each"];
/** Useful, but not at first sight. */
const MACHINE = "system."; /* what a run uses of its machine */
const LATER = ["score", "noise_std", "effective_step", "gap", "lr", "throughput"];

/** Charts that are two, of one run: of all together, and of each. @type {{ [name: string]: string }} */
const SPLIT = { accuracy: "Accuracy of each modality" };
const EACH = ".each";
/** Charts that say nothing of a modality alone, or only what another one says. */
const ALONE = ["rho", "k", "accuracy.each"];
/** Series of which every value counts: a smoothed k or learning rate would be one that never was. */
const EXACT = ["k", "lr"];

const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
const COMPANION = [3, 3];

/**
 * A declaration's part before its modality, and the modality or "".
 * @param {Pick<Series, "name">} series
 * @param {string[]} modalities
 */
export function splitName(series, modalities) {
  const modality = modalities.find((m) => series.name.endsWith(`.${m}`)) ?? "";
  return { stem: modality ? series.name.slice(0, -modality.length - 1) : series.name, modality };
}

/**
 * The charts of some runs, all from their declarations; those that could only say the same all along are left
 * out.
 * @param {Declaring[]} runs
 * @param {boolean} [single] whether it is one run, of which there is room for more
 * @returns {Chart[]}
 */
export function chartsOf(runs, single = runs.length === 1) {
  /** @type {Map<string, Map<string, Part>>} */
  const charts = new Map();
  for (const run of runs) {
    for (const series of run.series) {
      const { stem, modality } = splitName(series, run.modalities);
      const name = nameOf(series.chart || stem, modality, single);
      const parts = charts.get(name) ?? new Map();
      charts.set(name, parts);
      parts.set(stem, withSeries(parts.get(stem), stem, series, modality));
    }
  }
  return [...charts]
    .filter(([name]) => !runs.every((run) => silent(name, run)))
    .map(([name, parts]) => chartOf(name, parts))
    .sort((a, b) => place(a.name) - place(b.name));
}

/**
 * @param {string} whole the chart's name before it is split
 * @param {string} modality
 * @param {boolean} single
 */
const nameOf = (whole, modality, single) => single && modality && whole in SPLIT ? whole + EACH : whole;

/**
 * Whether a chart is the same all along: k of a run that never modulates, rho of a modality alone.
 * @param {string} name
 * @param {Declaring} run
 */
function silent(name, { modalities, spec, course }) {
  if (modalities.length < 2) return ALONE.includes(name);
  return name === "k" && spec?.strategy === "joint" && !course?.strategy;
}

/**
 * A part, new or known, with one more series.
 * @param {Part | undefined} part
 * @param {string} stem
 * @param {Series} series
 * @param {string} modality
 * @returns {Part}
 */
function withSeries(part, stem, series, modality) {
  const before = part ?? { stem, series, modalities: [], joint: false };
  if (!modality) return { ...before, series, joint: true };
  return { ...before, modalities: [...new Set([...before.modalities, modality])] };
}

/** @param {Pick<Series, "name">} series */
export const isExact = ({ name }) => EXACT.includes(name.split(".")[0]);

/** @param {string} name of a chart */
const isLater = (name) => LATER.includes(name) || name.startsWith(MACHINE);

/** @param {string} name of a chart */
function place(name) {
  if (FIRST.includes(name)) return FIRST.indexOf(name);
  return isLater(name) ? 1000 : 100;
}

/**
 * @param {string} name
 * @param {Map<string, Part>} stems
 * @returns {Chart}
 */
function chartOf(name, stems) {
  const rank = (/** @type {Part} */ part) => (part.series.sparse ? 2 : part.stem === name ? 0 : 1);
  const parts = [...stems.values()].sort((a, b) => rank(a) - rank(b));
  const lead = (stems.get(name) ?? parts[0]).series;
  return {
    name,
    title: name.endsWith(EACH) ? SPLIT[name.slice(0, -EACH.length)] : lead.title,
    unit: lead.unit,
    scale: lead.scale,
    reference: lead.reference ?? null,
    late: isLater(name),
    parts,
  };
}

/**
 * Of each part only what `focus` names, with the joint lines where a chart has no joint part of its own.
 * @param {Chart} chart
 * @param {string} focus a modality, or "" for all
 * @returns {Kind[]}
 */
function everyKind(chart, focus) {
  const joint = chart.parts.some((p) => p.joint);
  const dense = chart.parts.filter((p) => !p.series.sparse);
  return chart.parts.flatMap((part) => {
    const before = !part.series.sparse && dense.length > 1 && part.stem === chart.name && !joint;
    const modalities = [...(part.joint ? [""] : []), ...part.modalities];
    const kept = focus ? modalities.filter((m) => m === focus || (!joint && m === "")) : modalities;
    return kept.map((modality) => ({ part, modality, before }));
  });
}

/**
 * With several runs at first one kind of line each, or reading is hopeless.
 * @param {Chart} chart
 * @returns {Kind[]}
 */
function overview(chart) {
  const joint = chart.parts.some((p) => p.joint);
  const kinds = everyKind(chart, "");
  if (joint) return kinds.filter(({ modality }) => modality === "");
  const last = chart.parts.filter((p) => !p.series.sparse).at(-1);
  return kinds.filter(({ part }) => part.series.sparse || part === last);
}

/**
 * The lines of a chart over some records.
 * @param {Chart} chart
 * @param {Record[]} records
 * @param {string} focus a modality, or "" for all
 * @param {Pick<Colors, "run" | "dash" | "modality">} colors
 * @returns {Line[]}
 */
export function linesOf(chart, records, focus, colors) {
  const several = records.length > 1;
  const kinds = several && focus === "" ? overview(chart) : everyKind(chart, focus);
  const shown = [...new Set(kinds.map((k) => k.modality))];
  const firstSparse = chart.parts.find((p) => p.series.sparse);
  return records.flatMap((record) =>
    kinds
      .map(({ part, modality, before }) => ({
        record,
        name: modality ? `${part.stem}.${modality}` : part.stem,
        label: labelOf(part, modality, chart),
        modality,
        color: several ? colors.run(record.id) : colors.modality(modality),
        dash: dashOf(
          before,
          several ? Math.max(0, shown.indexOf(modality)) : 0,
          several ? colors.dash(record.id) : [],
        ),
        faint: before,
        sparse: part.series.sparse,
        exact: isExact(part.series),
        filled: part !== firstSparse,
        every: everyOf(part.series, record.run),
      }))
      .filter((line) => record.run?.series.some((s) => s.name === line.name))
  );
}

/**
 * Steps from one value of a series to the next: where all settings that it names are due, and rows recorded.
 * @param {Pick<Series, "every">} series
 * @param {{ settings?: Run["settings"] } | null} run
 */
export function everyOf({ every }, run) {
  const names = every ? [...every.split(","), "log_every"] : [];
  const steps = names.map((name) => Number(run?.settings?.[name]));
  return steps.filter((one) => Number.isInteger(one) && one > 1).reduce(commonMultiple, 1);
}

/**
 * @param {number} a
 * @param {number} b
 */
function commonMultiple(a, b) {
  let [divisor, rest] = [a, b];
  while (rest) [divisor, rest] = [rest, divisor % rest];
  return a / divisor * b;
}

/**
 * How often lines that share a name have a value, where that is not at every step.
 * @param {Pick<Line, "every">[]} lines
 */
export function everyWords(lines) {
  const every = lines.map((line) => line.every);
  const [least, most] = [Math.min(...every), Math.max(...every)];
  if (!every.length || most === 1) return "";
  return least === most ? `every ${most} steps` : `every ${least} to ${most} steps`;
}

/**
 * The modality's dashes; where it has none, the run's own.
 * @param {boolean} before whether the line is a companion of another one
 * @param {number} modality its place
 * @param {number[]} run
 */
function dashOf(before, modality, run) {
  if (before) return COMPANION;
  return modality ? DASHES[modality % DASHES.length] : run;
}

/**
 * The name of a line in its chart's legend.
 * @param {Part} part
 * @param {string} modality
 * @param {Chart} chart
 */
function labelOf(part, modality, chart) {
  const split = part.stem.split(".")[0];
  const kind = part.series.sparse && part.stem.includes(".") ? split : "";
  if (!chart.parts.some((p) => p.modalities.length)) {
    return kind || (chart.parts.length > 1 ? "train" : chart.name);
  }
  return [modality || "fused", part.series.role || kind].filter(Boolean).join(" ");
}
